import Foundation
import Programs
import Testing

@testable import Web

@Suite("Speaking TLS", .timeLimit(.minutes(2)))
struct TLSTests {
    @Test("curl, openssl and our own client are served, over TLS 1.2 and 1.3 and nothing older")
    func foreignClients() async throws {
        let world = try await TLSWorld.make()
        try await withSecureServer(try await world.identity("a")) { server in
            let curl =
                "curl -sS --cacert \(world.authority.certificate.path) --data-binary hello https://127.0.0.1:\(server.port)/"
            for version in ["--tlsv1.2 --tls-max 1.2", "--tlsv1.3"] {
                #expect(try await run("\(curl) \(version) 2>&1").output == "hello")
            }
            #expect(try await world.shown(server.port) == "subject=CN = a")
            for old in ["-tls1", "-tls1_1"] {
                let refused = try await run(
                    "openssl s_client -connect 127.0.0.1:\(server.port) \(old) -cipher ALL@SECLEVEL=0 </dev/null 2>&1"
                )
                #expect(!refused.isSuccess)
                #expect(refused.output.contains("Cipher is (NONE)"), "\(refused.output)")
            }
            let weak = try await run(
                "openssl s_client -connect 127.0.0.1:\(server.port) -tls1_2 -cipher AES128-SHA:AES128-GCM-SHA256"
                    + ":ECDHE-ECDSA-AES128-SHA </dev/null 2>&1")
            #expect(weak.output.contains("Cipher is (NONE)"), "\(weak.output)")
            let answer = try await world.client(server.port).send(ClientRequest(.post, "/", body: [1, 2]))
            #expect(answer.status == 200 && answer.body == [1, 2])
            // Who speaks plain HTTP there is not served.
            let plain = try await run("curl -s http://127.0.0.1:\(server.port)/")
            #expect(!plain.isSuccess && plain.output.isEmpty)
        }
    }

    @Test("A large body and a handler that takes its time pass both ways, on one connection")
    func largeBodies() async throws {
        let world = try await TLSWorld.make()
        let handler = Answering { request in
            await Task.yield()
            return .bytes(request.body, type: "application/octet-stream")
        }
        try await withSecureServer(try await world.identity("a"), handler) { server in
            let client = world.client(server.port)
            var generator = SeededGenerator(seed: 1)
            for size in [1, 16_384, 3 << 20, 0, 100_000] {
                let body = generator.bytes(size)
                let answer = try await client.send(ClientRequest(.post, "/", body: body))
                #expect(answer.body == body)
            }
            #expect(await client.traffic.connectionsOpened == 1)
        }
    }

    @Test("An idle exchange on an open connection is one round trip; the handshake is counted apart, once")
    func keepsConnection() async throws {
        let world = try await TLSWorld.make()
        try await withSecureServer(try await world.identity("a")) { server in
            let client = world.client(server.port)
            let first = try await client.send(ClientRequest(.post, "/", body: [1]))
            let second = try await client.send(ClientRequest(.post, "/", body: [1]))
            #expect(first.traffic.connectionsOpened == 1 && second.traffic.connectionsOpened == 0)
            #expect(first.traffic.handshakeBytesUp > 300 && first.traffic.handshakeBytesDown > 600)
            // The heads of a record or two, and the tickets that may come late.
            #expect(second.traffic.handshakeBytesUp < 20 && second.traffic.handshakeBytesDown < 700)
            #expect(second.traffic.bytesUp == first.traffic.bytesUp)
            print(
                "handshake: \(first.traffic.handshakeBytesUp) bytes up, \(first.traffic.handshakeBytesDown) down;"
                    + " then \(second.traffic.handshakeBytesUp) up, \(second.traffic.handshakeBytesDown) down"
            )
        }
    }

    @Test(
        "A certificate of another authority, an expired one and another host's are refused, each with what to do"
    )
    func refusesCertificates() async throws {
        let world = try await TLSWorld.make()
        let stranger = try await world.stranger()
        let cases: [(TLSIdentity, Authority, TLSFault, String)] = [
            (try await world.identity("a"), stranger, .unknownAuthority, "--authority"),
            (try await world.identity("b", days: -1), world.authority, .expired, "clock"),
            (try await world.identity("c", for: "DNS:central.example"), world.authority, .otherHost, "name"),
        ]
        for (identity, authority, fault, word) in cases {
            try await withSecureServer(identity) { server in
                let client = world.client(server.port, authority: authority)
                let error = await #expect(throws: ClientError.self) {
                    try await client.send(ClientRequest(.get, "/"))
                }
                #expect(error == .tls(fault))
                #expect(error?.description.contains(word) == true)
            }
        }
        // The system's authorities count no more than any stranger once one is pinned, nor does a file that holds none.
        let empty = world.folder.appending(path: "empty.pem")
        try Data("nothing".utf8).write(to: empty)
        try await withSecureServer(try await world.identity("d")) { server in
            let client = client(port: server.port) {
                $0.baseURL = "https://127.0.0.1:\(server.port)"
                $0.authorityFile = empty.path
            }
            await #expect(throws: ClientError.tls(.authorityFile)) {
                try await client.send(ClientRequest(.get, "/"))
            }
        }
    }

    @Test("A server that speaks TLS 1.1 at most is refused")
    func refusesOldServer() async throws {
        let world = try await TLSWorld.make()
        let issued = try await world.issue("old")
        let port = try RawServer().port  // free again at once
        let ready = Signal()
        let command =
            "exec openssl s_server -accept 127.0.0.1:\(port) -naccept 1 -www -tls1_1 -cipher ALL@SECLEVEL=0"
            + " -key \(issued.key.path) -cert \(issued.certificate.path) 2>&1"
        async let served: Bool = Blocking.run {
            guard let stream = unsafe popen(command, "r") else { throw RawError.failed(errno) }
            var line = [CChar](repeating: 0, count: 200)
            // It says ACCEPT once it listens.
            while unsafe fgets(&line, 200, stream) != nil {
                if unsafe strncmp(line, "ACCEPT", 6) == 0 { Task { await ready.happen() } }
            }
            return unsafe pclose(stream) == 0
        }
        await ready.wait()
        await #expect(throws: ClientError.tls(.noAgreement)) {
            try await world.client(port).send(ClientRequest(.get, "/"))
        }
        _ = try await served
    }

    @Test("Files that cannot be used are refused with their names, and a key that others may read")
    func refusesFiles() async throws {
        let world = try await TLSWorld.make()
        let (good, other) = (try await world.issue("good"), try await world.issue("other"))
        func identity(_ certificate: URL, _ key: URL) throws -> TLSIdentity {
            try TLSIdentity(certificateFile: certificate.path, keyFile: key.path)
        }
        let (gone, exposed) = (world.folder.appending(path: "gone"), other.key)
        #expect(throws: TLSIdentityError.certificateUnreadable(gone.path)) { try identity(gone, good.key) }
        #expect(throws: TLSIdentityError.noCertificate(good.key.path)) { try identity(good.key, good.key) }
        #expect(throws: TLSIdentityError.keyUnreadable(gone.path)) { try identity(good.certificate, gone) }
        let mismatched = try identity(good.certificate, other.key)
        #expect(throws: ServerError.badCertificate) {
            try Server(configuration: Server.Configuration(identity: mismatched), handler: echo)
        }
        unsafe chmod(exposed.path, 0o640)
        #expect(throws: TLSIdentityError.keyExposed(exposed.path, mode: 0o640)) {
            try identity(other.certificate, exposed)
        }
        unsafe chmod(good.certificate.path, 0o600)
        #expect(throws: TLSIdentityError.noKey(good.certificate.path)) {
            try identity(good.certificate, good.certificate)
        }
        let large = world.folder.appending(path: "large")
        try Data(count: TLSIdentity.keyBytesMax + 1).write(to: large)
        unsafe chmod(large.path, 0o600)
        #expect(throws: TLSIdentityError.noKey(large.path)) { try identity(good.certificate, large) }
    }
}
