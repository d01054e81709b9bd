import Foundation
import Programs

@testable import Web

/// A folder with an authority, for the time of a test.
final class TLSWorld: Sendable {
    let folder: URL
    let authority: Authority

    /// openssl is waited for on a thread of its own, so that no handler has to.
    static func make() async throws -> TLSWorld { try await Blocking.run { try TLSWorld() } }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "birthwindow-tls-\(getpid())-\(UInt64.random(in: .min ... .max))")
        authority = try Authority(in: folder.appending(path: "county"))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func identity(_ name: String, for hosts: String = "IP:127.0.0.1,DNS:localhost", days: Int = 20)
        async throws
        -> TLSIdentity
    {
        let issued = try await issue(name, for: hosts, days: days)
        return try TLSIdentity(certificateFile: issued.certificate.path, keyFile: issued.key.path)
    }

    func issue(_ name: String, for hosts: String = "IP:127.0.0.1,DNS:localhost", days: Int = 20) async throws
        -> Authority.Issued
    {
        try await Blocking.run { [authority] in try authority.issue(name, for: hosts, days: days) }
    }

    /// Another authority, which nobody here trusts.
    func stranger() async throws -> Authority {
        try await Blocking.run { [folder] in
            try Authority(in: folder.appending(path: "stranger"), name: "Stranger")
        }
    }

    func client(_ port: UInt16, authority: Authority? = nil) -> HTTPClient {
        WebTests.client(port: port) {
            $0.baseURL = "https://127.0.0.1:\(port)"
            $0.authorityFile = (authority ?? self.authority).certificate.path
        }
    }

    /// The subject of the certificate that a server shows to a new connection, by openssl's word.
    func shown(_ port: UInt16) async throws -> String {
        let seen = try await run(
            "openssl s_client -connect 127.0.0.1:\(port) -CAfile \(authority.certificate.path) -verify_return_error"
                + " </dev/null 2>/dev/null | openssl x509 -noout -subject")
        return seen.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// Runs a server over TLS for as long as the body runs.
func withSecureServer<T: Sendable>(
    _ identity: TLSIdentity, limits: Limits = Limits(), _ handler: any Handler = echo,
    _ body: (Server) async throws -> T
) async throws -> T {
    let server = try Server(
        configuration: Server.Configuration(limits: limits, identity: identity), handler: handler)
    let result: Result<T, any Error>
    do { result = .success(try await body(server)) } catch { result = .failure(error) }
    await server.stop()
    return try result.get()
}
