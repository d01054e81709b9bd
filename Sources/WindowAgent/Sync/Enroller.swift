import Cryptography
import Foundation
import SyncProtocol
import Web

/// Binds this window's device key to a hospital at central, with a token that works once.
package protocol Enroller: Sendable {
    func enrol(_ order: EnrolmentOrder) async throws -> Enrolment
}

/// What a technician gives to bind a window: `POST /api/v1/enrolment`.
package struct EnrolmentOrder: Hashable, Sendable, Codable {
    /// Central's address, without a path.
    package let central: String
    /// The one-time token; behind a dot it may carry the fingerprint of central's authority.
    package let token: String
    /// The certificate (PEM) of the authority that vouches for central; nil trusts the system's.
    package var authority: String?
    /// Whether records may cross a network unencrypted.
    package var allowsPlainHTTP: Bool?

    package init(central: String, token: String) {
        self.central = central
        self.token = token
    }
}

/// Why an enrolment failed.
package struct EnrolmentError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// `POST /sync/v1/enrolment` at central. The key is made at the first enrolment, in a file of its own.
struct HTTPEnroller: Enroller {
    let keyPath: String
    /// Where the authority is kept that a successful enrolment was made with.
    let authorityPath: String

    private struct Order: Encodable {
        let token: String
        let publicKey: String
        let software: String
    }

    private struct Answer: Decodable {
        let hospital: String
        let code: String
        let name: String
        let device: String
        let centralKey: Data
        let recoveryKey: Data
    }

    func enrol(_ order: EnrolmentOrder) async throws -> Enrolment {
        let central = try Self.address(order)
        let token = try Self.token(of: order)
        let trial = authorityPath + ".new"
        // What an attempt that was cut short left behind.
        try? FileManager.default.removeItem(atPath: trial)
        if let authority = order.authority { try Self.write(authority, to: trial) }
        defer { try? FileManager.default.removeItem(atPath: trial) }
        let enrolment = try await enrol(
            at: central, token: token, authority: order.authority == nil ? nil : trial)
        try adopt(order.authority == nil ? nil : trial)
        return enrolment
    }

    private func enrol(at central: String, token: String, authority: String?) async throws -> Enrolment {
        let key = try DeviceKey.loadOrMake(keyPath)
        let order = Order(
            token: token, publicKey: Data(key.publicKey.bytes).base64EncodedString(),
            software: "birthwindow \(Agent.version)")
        var configuration = HTTPClient.Configuration(baseURL: central)
        configuration.authorityFile = authority
        let client = HTTPClient(configuration: configuration)
        let answer: ClientResponse
        do {
            answer = try await client.send(
                ClientRequest(
                    .post, "/sync/v1/enrolment", headers: ["Content-Type": "application/json"],
                    body: Array(try JSONEncoder().encode(order))))
        } catch let error as ClientError {
            if case .tls = error { throw EnrolmentError(error.description) }
            throw EnrolmentError("Central cannot be reached: \(error) Check the address and the network.")
        }
        guard answer.status == 200 || answer.status == 201 else {
            // What is no problem of central's is somebody else's page: the status has to do.
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
            throw EnrolmentError(
                "Central declined (HTTP \(answer.status)): \(problem?.detail ?? problem?.title ?? "no reason given")"
            )
        }
        guard let read = try? JSONDecoder().decode(Answer.self, from: Data(answer.body)),
            let record = CaseID(read.hospital),
            let centralKey = Ed25519.PublicKey(bytes: Array(read.centralKey)),
            let recoveryKey = SealedBox.PublicKey(bytes: Array(read.recoveryKey))
        else { throw EnrolmentError("What answered is not central: check the address.") }
        return Enrolment(
            hospital: HospitalID(record: record), code: read.code, name: read.name, device: read.device,
            central: central, centralKey: centralKey, recoveryKey: recoveryKey)
    }
}

extension HTTPEnroller {
    /// The longest address of central, in bytes.
    static let addressBytesMax = 512

    /// Scheme, host and port of central, checked before anything is sent there.
    private static func address(_ order: EnrolmentOrder) throws -> String {
        let text = order.central.hasSuffix("/") ? String(order.central.dropLast()) : order.central
        guard text.utf8.count <= addressBytesMax, let parts = URLComponents(string: text),
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.query == nil,
            parts.fragment == nil
        else { throw EnrolmentError("“\(text)” is no address: give it like https://central.example:8730") }
        switch parts.scheme?.lowercased() {
        case "https": return text
        case "http":
            guard order.allowsPlainHTTP ?? false || Loopback.contains(host: host) else {
                throw EnrolmentError(
                    "\(text) is not encrypted, and everybody on the way could read the records: use https://, or say "
                        + "--allow-plain-http if that is meant.")
            }
            return text
        default: throw EnrolmentError("“\(text)” does not begin with https://")
        }
    }

    /// The token without the fingerprint that it may carry; the authority must fit that.
    private static func token(of order: EnrolmentOrder) throws -> String {
        let parts = order.token.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return order.token }
        guard let authority = order.authority else {
            throw EnrolmentError(
                "The token asks for central's own authority: give its certificate with --authority F.")
        }
        guard let found = AuthorityFingerprint.of(pem: authority), found == parts[1].lowercased() else {
            throw EnrolmentError(
                "The authority's file is not the one that the token was made with, so nothing was sent: get it from central again."
            )
        }
        return String(parts[0])
    }

    private static func write(_ authority: String, to path: String) throws {
        guard authority.utf8.count <= TLSIdentity.certificateBytesMax,
            AuthorityFingerprint.of(pem: authority) != nil
        else {
            throw EnrolmentError("The authority's file holds no certificate in PEM form, or is too large.")
        }
        try KeyFile.write(SecretBytes(Array(authority.utf8)), to: path)
    }

    /// From now on exchanges trust what the enrolment trusted.
    private func adopt(_ trial: String?) throws {
        if let trial {
            try KeyFile.replace(authorityPath, with: trial)
        } else if FileManager.default.fileExists(atPath: authorityPath) {
            try FileManager.default.removeItem(atPath: authorityPath)
        }
    }
}

/// The Ed25519 key of this window, apart from the database.
enum DeviceKey {
    static func load(_ path: String) throws -> Ed25519.SigningKey {
        guard let key = Ed25519.SigningKey(seed: try KeyFile.read(path, byteCount: Ed25519.seedByteCount))
        else {
            throw EnrolmentError("The device key cannot be read.")
        }
        return key
    }

    /// The key of a window that is enrolled.
    static func loadPresent(_ path: String) throws -> Ed25519.SigningKey {
        do { return try load(path) } catch KeyFileError.absent {
            throw WindowKeyError.deviceKeyMissing(path: path)
        } catch let error as KeyFileError { throw WindowKeyError.unusable(path: path, error) }
    }

    static func loadOrMake(_ path: String) throws -> Ed25519.SigningKey {
        do { return try load(path) } catch KeyFileError.absent {}
        let key = Ed25519.SigningKey()
        do throws(KeyFileError) { try KeyFile.write(key.seed, to: path) } catch {
            // Another call of this was faster: its key is the one.
            guard error == .exists else { throw error }
            return try load(path)
        }
        return key
    }
}
