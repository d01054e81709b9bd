import Casework
import Cryptography
import Foundation
import PageCheck
import Persistence
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

/// No link for photos.
private struct NoPhotoLink: UploadLink, DownloadLink {
    func locate(_ offer: AttachmentOffer, token: String) async throws(UploadError) -> UInt64 {
        throw .network(bytes: 0)
    }

    func send(
        _ bytes: [UInt8], of offer: AttachmentOffer, token: String, at offset: UInt64
    ) async throws(UploadError) -> UInt64 { throw .network(bytes: 0) }

    func fetch(_ hash: Digest, from offset: Int, bytesMax: Int) async throws(DownloadError) -> DownloadPiece {
        throw .network
    }
}

/// The pages of one window as a browser sees them, without a socket.
struct DeskFixture {
    let api: APIFixture
    let router: Router
    let desk: AttachmentDesk
    var store: WindowStore { api.store }

    init(duplicatesKey: SecretBytes? = nil) async throws {
        api = try await APIFixture(duplicatesKey: duplicatesKey)
        try await Visitor.signIn(api)
        let (environment, store) = (api.machine.environment, api.store)
        let files = try AttachmentFiles(
            directory: api.machine.path("attachments"), key: SecretBytes(randomCount: 32))
        desk = AttachmentDesk(
            uploads: try AttachmentLane(files: files, link: NoPhotoLink(), environment: environment) {
                try await store.names($0)
            }, downloads: DownloadLane(files: files, link: NoPhotoLink(), environment: environment))
        router = WindowAPI(
            store: store, exchanger: api.exchanger, enroller: FakeEnroller(), token: "secret",
            dictionary: .standard, environment: environment, attachments: desk
        ).router()
    }

    /// What this window answers somebody who has signed in.
    func respond(_ request: Request) async throws -> Response {
        await router.respond(to: try await Visitor.sent(request, to: api))
    }

    /// A page's markup. It must be what every page has to be.
    func page(
        _ address: String, status: Int = 200, headers: Headers = Headers(),
        at place: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let response = try await respond(Request(.get, address, headers: headers))
        #expect(response.status == status, "\(address)", sourceLocation: place)
        let markup = String(decoding: response.body, as: UTF8.self)
        #expect(MarkupCheck(markup).faults.isEmpty, "\(address)", sourceLocation: place)
        #expect(
            response.headers["Content-Security-Policy"]?.contains("default-src 'self'") == true,
            sourceLocation: place)
        return markup
    }

    /// Sends a form as it stands on a page, with the fields that a person fills in.
    func post(
        _ address: String, _ fields: [(String, String)], token: String? = Visitor.formToken,
        headers: Headers = Headers()
    ) async throws -> Response {
        var all = fields
        if let token { all.append(("formToken", token)) }
        let body = all.map { "\(Self.encoded($0.0))=\(Self.encoded($0.1))" }.joined(separator: "&")
        var headers = headers
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return try await respond(Request(.post, address, headers: headers, body: Array(body.utf8)))
    }

    /// Sends a form with a file.
    func upload(
        _ address: String, _ fields: [(String, String)], file: [UInt8], token: String = Visitor.formToken
    ) async throws -> Response {
        var body: [UInt8] = []
        for (name, value) in fields + [("formToken", token)] {
            body += Array("--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        body += Array("--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n".utf8)
        body += file + Array("\r\n--B--\r\n".utf8)
        return try await respond(
            Request(.post, address, headers: ["Content-Type": "multipart/form-data; boundary=B"], body: body))
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// A small picture that no other is equal to.
    static func picture(_ number: Int = 1) -> [UInt8] {
        [0xFF, 0xD8, 0xFF, 0xE0] + Array("picture \(number)".utf8)
    }

    /// Writes a second value of a field beside the one that stands, as another computer would.
    func contradict(_ id: String, _ key: String, _ text: String) async throws {
        let id = try #require(CaseID(id))
        let group = try #require(FieldDictionary.standard.place(of: key)?.group.id)
        _ = try await store.edit(id, [key: .text(text)], seen: [group: []], .clerk)
    }

    /// The values of a page's hidden fields of one name.
    static func hidden(_ name: String, in markup: some StringProtocol) -> [String] {
        String(markup).split(separator: "name=\"\(name)\" value=\"").dropFirst()
            .map { String($0.prefix { $0 != "\"" }) }
    }
}
