import Cryptography
import Foundation
package import SyncProtocol
import Web

/// The way of photos to central: tus 1.0.0. Real over HTTP, simulated in tests.
package protocol UploadLink: Sendable {
    /// Makes the upload, or finds it; answers where it ends.
    func locate(_ offer: AttachmentOffer, token: String) async throws(UploadError) -> UInt64

    /// Sends bytes to an offset; answers where the upload ends now.
    func send(
        _ bytes: [UInt8], of offer: AttachmentOffer, token: String, at offset: UInt64
    ) async throws(UploadError) -> UInt64

    /// HTTP bytes so far, both ways, headers and what failed included; 0 where nobody counts.
    var byteCount: Int { get async }
}

extension UploadLink {
    package var byteCount: Int { 0 }
}

/// Why a piece did not arrive.
package enum UploadError: Error, Hashable, Sendable {
    /// The network failed, central is busy or full: later. Bytes that went.
    case network(bytes: Int)
    case declined(Uploader.Reason)
}

/// tus over HTTP, on a connection of its own: a photo that goes slowly keeps no exchange waiting.
actor HTTPUploadLink: UploadLink {
    private let address: @Sendable () async throws -> HTTPCentralLink.Address
    private var client: (address: HTTPCentralLink.Address, client: HTTPClient)?
    /// Of connections to other addresses, before this one.
    private var earlierBytes = 0

    static let path = "/attachments/uploads"
    /// Pieces are sized to take four seconds: one that lies still for so much longer is lost.
    static let drainSecondsMax = 20

    /// - Parameter address: of central, with the authority that the exchanges trust too.
    init(address: @escaping @Sendable () async throws -> HTTPCentralLink.Address) { self.address = address }

    func locate(_ offer: AttachmentOffer, token: String) async throws(UploadError) -> UInt64 {
        // Making one that is there finds it: a lost answer costs nothing.
        let made = try await call(
            .post, Self.path, token, ["Upload-Length": "\(offer.byteCount)"], expecting: 201)
        _ = made
        let found = try await call(.head, Self.path(of: offer), token, [:], expecting: 200)
        return try Self.offset(in: found)
    }

    func send(
        _ bytes: [UInt8], of offer: AttachmentOffer, token: String, at offset: UInt64
    ) async throws(UploadError) -> UInt64 {
        let headers: Headers = [
            "Content-Type": Tus.mediaType, "Upload-Offset": "\(offset)",
        ]
        return try Self.offset(
            in: try await call(.patch, Self.path(of: offer), token, headers, body: bytes, expecting: 204))
    }

    private static func path(of offer: AttachmentOffer) -> String {
        path + "/" + offer.hash.bytes.hexadecimal
    }

    private static func offset(in answer: ClientResponse) throws(UploadError) -> UInt64 {
        guard let offset = answer.headers["Upload-Offset"].flatMap({ UInt64($0) }) else {
            throw .network(bytes: answer.traffic.bytesUp)
        }
        return offset
    }

    private func call(
        _ method: Method, _ target: String, _ token: String, _ more: Headers, body: [UInt8] = [],
        expecting status: Int
    ) async throws(UploadError) -> ClientResponse {
        var headers: Headers = ["Tus-Resumable": Tus.version, "Authorization": "Bearer \(token)"]
        for field in more.fields { headers.append(field.name, field.value) }
        let answer: ClientResponse
        do {
            answer = try await connection(to: try await address()).send(
                ClientRequest(
                    method, target, headers: headers, body: body,
                    waitSeconds: min(HTTPCentralLink.drainSeconds(body), Self.drainSecondsMax)))
        } catch {
            // How much of it went is not known: all of it counts against a budget.
            throw .network(bytes: body.count)
        }
        // What does not speak tus is a captive portal or a proxy.
        guard answer.headers["Tus-Resumable"] == Tus.version else {
            throw .network(bytes: answer.traffic.bytesUp)
        }
        if answer.status == status { return answer }
        switch answer.status {
        case 401: throw .declined(.token)
        case 404, 409, 410, 423, 460: throw .declined(.place)
        case 422: throw .declined(.content)
        case 429, 500...: throw .network(bytes: answer.traffic.bytesUp)
        default: throw .declined(.refused)
        }
    }

    var byteCount: Int {
        get async {
            guard let traffic = await client?.client.traffic else { return earlierBytes }
            return earlierBytes + traffic.bytesUp + traffic.bytesDown
        }
    }

    private func connection(to address: HTTPCentralLink.Address) async -> HTTPClient {
        if let client, client.address == address { return client.client }
        earlierBytes = await byteCount
        let new = address.client
        client = (address, new)
        return new
    }
}
