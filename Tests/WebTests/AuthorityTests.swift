import Glibc
import Testing

@testable import Web

@Suite("Trusting a county's own authority", .timeLimit(.minutes(1)))
struct AuthorityTests {
    @Test("A certificate is taken when its authority is named, and refused otherwise")
    func trustsNamedAuthority() async throws {
        let folder = "/tmp/birthwindow-web-\(getpid())"
        defer { unsafe _ = system("rm -rf \(folder)") }
        let made = try await run(
            "mkdir -p \(folder) && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                + " -keyout \(folder)/key -out \(folder)/certificate -subj /CN=a -addext subjectAltName=IP:127.0.0.1"
                + " 2>&1")
        #expect(made.isSuccess, "\(made.output)")
        let port = try RawServer().port  // free again at once
        let (ready, folderOfServer) = (Signal(), folder)
        async let served: Bool = Blocking.run {
            let command =
                "exec openssl s_server -accept 127.0.0.1:\(port) -naccept 2 -www"
                + " -key \(folderOfServer)/key -cert \(folderOfServer)/certificate 2>&1"
            guard let stream = unsafe popen(command, "r") else { throw RawError.failed(errno) }
            var line = [CChar](repeating: 0, count: 200)
            // It says ACCEPT once it listens.
            while unsafe fgets(&line, 200, stream) != nil {
                if unsafe strncmp(line, "ACCEPT", 6) == 0 { Task { await ready.happen() } }
            }
            return unsafe pclose(stream) == 0
        }
        await ready.wait()
        await #expect(throws: ClientError.tls(.unknownAuthority)) {
            try await get(port: port, authority: nil)
        }
        let answer = try await get(port: port, authority: "\(folder)/certificate")
        #expect(answer.status == 200)
        #expect(try await served)
    }

    private func get(port: UInt16, authority: String?) async throws -> ClientResponse {
        try await client(port: port) {
            $0.baseURL = "https://127.0.0.1:\(port)"
            $0.authorityFile = authority
        }.send(ClientRequest(.get, "/"))
    }
}
