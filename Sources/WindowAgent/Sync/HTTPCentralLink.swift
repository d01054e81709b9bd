package import Cryptography
import Foundation
import SyncProtocol
package import Web

/// The way to central over HTTP: one signed POST with a compressed body in a media type of its own.
///
/// It signs with central's time as far as it is known, and asks again once if central says that the time was wrong.
package actor HTTPCentralLink: CentralLink {
    /// Who signs, and where central is.
    package struct Address: Hashable, Sendable {
        let central: String
        let device: String
        /// Whom to trust; nil trusts the system's authorities.
        let authority: PinnedAuthority?

        package init(central: String, device: String, authority: PinnedAuthority? = nil) {
            (self.central, self.device, self.authority) = (central, device, authority)
        }

        /// A new connection there.
        ///
        /// No time limit for the whole: what is slow and alive goes on. On a distant link a handshake takes seconds.
        var client: HTTPClient {
            var configuration = HTTPClient.Configuration(baseURL: central)
            configuration.authorityFile = authority?.path
            configuration.connectSecondsMax = 30
            configuration.deadlineSeconds = 0
            return HTTPClient(configuration: configuration)
        }
    }

    private let address: @Sendable () async throws -> Address
    private let key: @Sendable () throws -> Ed25519.SigningKey
    private let dictionary: ZstandardDictionary
    private let environment: WindowStore.Environment
    private var client: (address: Address, client: HTTPClient)?
    /// The connection on which central holds answers back.
    private var waiter: (address: Address, client: HTTPClient)?
    /// Central's clock less this one's, in seconds, as it last told.
    private var offsetSeconds: Int64 = 0

    static let path = "/sync/v1/exchange"

    package init(
        address: @escaping @Sendable () async throws -> Address,
        key: @escaping @Sendable () throws -> Ed25519.SigningKey,
        dictionary: ZstandardDictionary, environment: WindowStore.Environment
    ) {
        (self.address, self.key, self.dictionary, self.environment) = (address, key, dictionary, environment)
    }

    package func exchange(_ request: [UInt8]) async throws(LinkError) -> LinkAnswer {
        try await carry(
            request,
            Course(
                path: Self.path, message: .exchange, bytesMax: SyncProtocol.Limits.exchangeBytesMax))
    }

    package func wait(_ request: [UInt8], seconds: UInt64) async throws(LinkError) -> LinkAnswer {
        try await carry(
            request,
            Course(
                path: Self.path, message: .exchange,
                bytesMax: SyncProtocol.Limits.exchangeBytesMax, waitSeconds: Int(clamping: seconds)))
    }

    /// Where a kind of message goes, and what it looks like.
    struct Course: Hashable, Sendable {
        let path: String
        let message: SyncMessage
        /// Of an answer, uncompressed.
        let bytesMax: Int
        /// For how long central may hold the answer back.
        var waitSeconds = 0
    }

    func carry(_ request: [UInt8], _ course: Course) async throws(LinkError) -> LinkAnswer {
        let (body, version): ([UInt8], UInt64)
        do {
            version = try ExchangeRequest.version(of: request)
            body = try Zstandard.compress(request, dictionary: dictionary)
        } catch {
            throw .unreachable("The request could not be made: \(error)")
        }
        let type = course.message.mediaType(version: version)
        let answer = try await post(course.path, type: type, waitSeconds: course.waitSeconds) { _ in body }
        return LinkAnswer(
            response: try content(of: answer, course, version: version), bytesUp: answer.traffic.bytesUp,
            bytesDown: answer.traffic.bytesDown)
    }

    /// Posts what the device signs. The body is made for the name that the device has at central.
    func post(
        _ path: String, type: String, waitSeconds: Int = 0, body: (_ device: String) throws -> [UInt8]
    ) async throws(LinkError) -> ClientResponse {
        try await call { device in
            var message = ClientRequest(.post, path, headers: ["Content-Type": type], body: try body(device))
            message.waitSeconds = waitSeconds
            return message
        }
    }

    /// Gets what the device signs for.
    func get(_ path: String, headers: Headers) async throws(LinkError) -> ClientResponse {
        try await call { _ in ClientRequest(.get, path, headers: headers) }
    }

    private func call(
        _ make: (_ device: String) throws -> ClientRequest
    ) async throws(LinkError) -> ClientResponse {
        let address: Address
        let key: Ed25519.SigningKey
        var message: ClientRequest
        do {
            address = try await self.address()
            key = try self.key()
            message = try make(address.device)
        } catch { throw .unreachable("The request could not be made: \(error)") }
        var answer = try await send(message, to: address, signedBy: key)
        if answer.status == 401, adoptTime(of: answer) {
            answer = try await send(message, to: address, signedBy: key)
        }
        return answer
    }

    private func send(
        _ message: ClientRequest, to address: Address, signedBy key: Ed25519.SigningKey
    ) async throws(LinkError) -> ClientResponse {
        do {
            // Without a body there is nothing to vouch for.
            let digest = message.method == .get ? nil : ContentDigest.field(for: message.body)
            let components = try MessageSignature.Components(
                method: message.method.rawValue, path: message.target, contentDigest: digest)
            let (input, signature) = MessageSignature.sign(
                components, with: key, keyID: address.device,
                created: Int64(environment.milliseconds() / 1000) + offsetSeconds,
                nonce: environment.random().hexadecimal)
            var message = message
            message.headers["Content-Digest"] = digest
            message.headers["Signature-Input"] = input
            message.headers["Signature"] = signature
            let isWaiting = message.waitSeconds > 0
            message.waitSeconds += Self.drainSeconds(message.body)
            return try await connection(to: address, isWaiting: isWaiting).send(message)
        } catch let error as ClientError {
            throw error.hasSentNothing
                ? .unreachable(error.description) : .network(error.description)
        } catch {
            throw .unreachable("The request could not be signed: \(error)")
        }
    }

    private func connection(to address: Address, isWaiting: Bool) -> HTTPClient {
        let present = isWaiting ? waiter : client
        if let present, present.address == address { return present.client }
        let new = (address: address, client: address.client)
        if isWaiting { waiter = new } else { client = new }
        return new.client
    }

    /// How many seconds a body may lie in this machine's own buffers while nothing seems to move, on the slowest link that is of
    /// use: 1 kB/s. One of more than a change's size only goes over a link that was measured to be faster.
    static func drainSeconds(_ body: [UInt8]) -> Int {
        min(body.count, SyncProtocol.Limits.bodyBytesMax) / 1000
    }

    /// True if central's clock differs so much that signing anew may help.
    private func adoptTime(of answer: ClientResponse) -> Bool {
        guard let date = answer.headers["Date"].flatMap(HTTPDate.seconds) else { return false }
        let offset = date - Int64(environment.milliseconds() / 1000)
        guard (offset - offsetSeconds).magnitude > 1 else { return false }
        offsetSeconds = offset
        return true
    }

    private func content(
        of answer: ClientResponse, _ course: Course, version: UInt64
    ) throws(LinkError) -> [UInt8] {
        let told = course.message.version(in: answer.headers["Content-Type"] ?? "")
        guard answer.status == 200, let told else { throw Self.refusal(answer) }
        guard told == version else { throw .malformed("it is of version \(told) of the protocol") }
        do {
            return try Zstandard.decompress(
                answer.body, dictionary: dictionary, bytesMax: course.bytesMax)
        } catch { throw .malformed("\(error)") }
    }
}

extension HTTPCentralLink {
    static let keyPath = "/sync/v1/device-key"

    private struct KeyAnnouncement: Encodable {
        let publicKey: String
        let proof: String
    }

    /// Tells central this device's next key, with the present key's signature and the next one's.
    func announce(_ next: Ed25519.SigningKey) async throws(LinkError) {
        let publicKey = next.publicKey.bytes
        let answer = try await post(Self.keyPath, type: "application/json") { device in
            let message = DeviceKeyProof.message(device: device, publicKey: publicKey)
            return Array(
                try JSONEncoder().encode(
                    KeyAnnouncement(
                        publicKey: Data(publicKey).base64EncodedString(),
                        proof: Data(next.sign(message)).base64EncodedString())))
        }
        guard answer.status == 204 else { throw Self.refusal(answer) }
    }

    /// What an answer means that is not the one asked for.
    private static func refusal(_ answer: ClientResponse) -> LinkError {
        guard answer.mediaType == "application/problem+json",
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
        else {
            // What is no problem of central's is somebody else's page.
            return .notCentral(status: answer.status)
        }
        if problem.type == unsupportedVersion,
            let spoken = try? JSONDecoder().decode(SpokenVersions.self, from: Data(answer.body)),
            spoken.versions.count <= SpokenVersions.countMax
        {
            return .unsupportedVersion(spoken.versions)
        }
        return .refused(status: answer.status, reason: problem.detail ?? problem.title)
    }

    private static let unsupportedVersion = "urn:birthwindow:problem:unsupported-version"

    /// What central adds to the problem `unsupported-version`.
    private struct SpokenVersions: Decodable {
        /// Versions that are looked at.
        static let countMax = 64
        let versions: [UInt64]
    }
}

/// The date of an HTTP field (RFC 9110 section 5.6.7, the preferred form).
enum HTTPDate {
    /// Seconds since 1970; nil for anything but `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func seconds(_ text: String) -> Int64? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text).map { Int64($0.timeIntervalSince1970) }
    }
}
