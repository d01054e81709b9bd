import Cryptography
import FaultyLink
import Foundation
import Programs
import SyncProtocol
import Web

/// A computer that is enrolled at central and signs whatever it is told to.
struct Forger {
    let port: UInt16
    let key = Ed25519.SigningKey()
    let device: String
    let hospital: HospitalID
    private let dictionary: ZstandardDictionary

    /// Enrols a computer with a token of central's.
    init(at port: UInt16, token: String) throws {
        self.port = port
        dictionary = try ZstandardDictionary(ExchangeDictionary.bytes)
        let body = [
            "token": token, "publicKey": Data(key.publicKey.bytes).base64EncodedString(),
            "software": "forged",
        ]
        let answer = try WebCall(
            "POST", "/sync/v1/enrolment", headers: ["Content-Type": "application/json"],
            body: try JSONEncoder().encode(body)
        ).send(to: port)
        guard let answer, answer.status == 200,
            let hospital = CaseID(try Value(parsing: answer.body)["hospital"].text)
        else { throw Failure("the computer could not be enrolled") }
        device = try Value(parsing: answer.body)["device"].text
        self.hospital = HospitalID(record: hospital)
    }

    /// A request, part by part: each may be changed after it was signed.
    struct Forged {
        var method = "POST"
        var path: String
        var body: [UInt8]
        var digest: String
        var input: String
        var signature: String
        var type: String

        /// Head and body as they go over the wire.
        var bytes: [UInt8] {
            let head = """
                \(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: \(type)\r\n\
                Content-Digest: \(digest)\r\nSignature-Input: \(input)\r\nSignature: \(signature)\r\n\
                Content-Length: \(body.count)\r\n\r\n
                """
            return Array(head.utf8) + body
        }
    }

    /// An exchange with nothing new, as a frame.
    func exchange() throws -> [UInt8] {
        try frame(
            ExchangeRequest(
                hospital: hospital, budget: 65_536,
                milliseconds: UInt64(Date.now.timeIntervalSince1970 * 1000)
            ).encoded)
    }

    func frame(_ message: [UInt8]) throws -> [UInt8] {
        try Zstandard.compress(message, dictionary: dictionary)
    }

    /// A signed request.
    ///
    /// - Parameters:
    ///   - seconds: by how much its time differs from this machine's.
    ///   - signer: whose key signs; its own if nil.
    func signed(
        _ body: [UInt8], path: String = "/sync/v1/exchange", seconds: Int64 = 0,
        by signer: Ed25519.SigningKey? = nil
    ) throws -> Forged {
        let digest = ContentDigest.field(for: body)
        let components = try MessageSignature.Components(method: "POST", path: path, contentDigest: digest)
        let (input, signature) = MessageSignature.sign(
            components, with: signer ?? key, keyID: device,
            created: Int64(Date.now.timeIntervalSince1970) + seconds,
            nonce: Data(SecureRandom.bytes(16)).base64EncodedString())
        let kind = path.hasSuffix("verify") ? SyncMessage.verify : .exchange
        return Forged(
            path: path, body: body, digest: digest, input: input, signature: signature,
            type: kind.mediaType(version: 1))
    }

    /// Sends it.
    func send(_ forged: Forged) throws -> Reply {
        try Self.send(forged.bytes, to: port)
    }

    static func send(_ bytes: [UInt8], to port: UInt16) throws -> Reply {
        let wire = try Wire(to: port)
        wire.send(bytes)
        let answer = wire.rest()
        let status = answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let code = answer.firstRange(of: "urn:birthwindow:problem:").map {
            String(answer[$0.upperBound...].prefix { $0 != "\"" })
        }
        return Reply(status, code ?? "")
    }
}

/// How a request was answered: the status and the problem's code, if there is one; 0 if the connection was closed without an
/// answer.
struct Reply: Hashable {
    let status: Int
    let code: String

    init(_ status: Int, _ code: String = "") { (self.status, self.code) = (status, code) }
}
