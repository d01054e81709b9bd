import Testing

@testable import Web

@Suite("What stands before a server's pages")
struct SiteGuardTests {
    private static let guarded = guarding(["Window.Hospital.cn"])

    private static func guarding(_ names: [String], takesAnyName: Bool = false) -> SiteGuard<Router> {
        var router = Router()
        router.on(.get, "/") { _ in .text("shown") }
        router.on(.post, "/") { _ in .text("done") }
        return SiteGuard(router, names: names, takesAnyName: takesAnyName)
    }

    private func status(_ method: Web.Method, _ headers: Headers, _ handler: SiteGuard<Router>) async throws
        -> Int
    {
        try await handler.respond(to: Request(method, "/", headers: headers)).status
    }

    @Test(
        "Only names of this server are answered: its own, this machine's, and addresses in numbers",
        arguments: [
            ("window.hospital.cn", 200), ("WINDOW.hospital.cn:8731", 200), ("localhost:8731", 200),
            ("127.0.0.1:8731", 200), ("[::1]:8731", 200), ("192.168.1.20:80", 200), ("evil.example", 421),
            ("127.0.0.1.evil.example", 421), ("window.hospital.cn.evil.example:8731", 421), ("", 421),
        ])
    func hosts(host: String, status: Int) async throws {
        #expect(try await self.status(.get, ["Host": host], Self.guarded) == status)
    }

    @Test("Over TLS the certificate has told the name, unless names were given")
    func secure() async throws {
        let any = Self.guarding([], takesAnyName: true)
        #expect(try await status(.get, ["Host": "central.example"], any) == 200)
    }

    @Test(
        "What changes something comes from a page of this site, or from a program",
        arguments: [
            (["Host": "localhost:1"], 200), (["Host": "localhost:1", "Origin": "http://localhost:1"], 200),
            (["Host": "localhost:1", "Origin": "https://localhost:1", "Sec-Fetch-Site": "same-origin"], 200),
            (["Host": "localhost:1", "Origin": "http://localhost:2"], 403),
            (["Host": "localhost:1", "Origin": "http://evil.example"], 403),
            (["Host": "localhost:1", "Origin": "null"], 403),
            (["Host": "localhost:1", "Sec-Fetch-Site": "cross-site"], 403),
            (["Host": "localhost:1", "Sec-Fetch-Site": "same-site"], 403),
            (["Host": "localhost:1", "Sec-Fetch-Site": "none"], 200),
        ] as [(Headers, Int)])
    func origins(headers: Headers, status: Int) async throws {
        #expect(try await self.status(.post, headers, Self.guarded) == status)
        #expect(try await self.status(.get, headers, Self.guarded) == 200)
    }

    @Test("A body that streams meets the same guard")
    func streams() {
        var router = Router()
        router.onStream(.post, "/up") { _, _ in .noContent }
        let guarded = SiteGuard(router, names: [String](), takesAnyName: false)
        let good = Request(.post, "/up", headers: ["Host": "localhost"])
        let bad = Request(.post, "/up", headers: ["Host": "localhost", "Origin": "http://evil.example"])
        #expect(guarded.streaming(good) != nil && guarded.streaming(bad) == nil)
    }

    @Test("Over a socket: a foreign Host is 421, another site's post 403, before anything is answered")
    func socket() async throws {
        let server = try Server(configuration: Server.Configuration(), handler: Self.guarded)
        let port = server.port
        var heads: [String] = []
        for (line, more) in [
            ("GET", "Host: evil.example"), ("POST", "Host: localhost\r\nOrigin: http://evil.example"),
            ("POST", "Host: localhost\r\nSec-Fetch-Site: cross-site"), ("POST", "Host: localhost"),
        ] {
            let answer = try await rawClient(port) { socket in
                _ = socket.send(
                    "\(line) / HTTP/1.1\r\n\(more)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return socket.receiveToEnd()
            }
            heads.append(String(answer.dropFirst("HTTP/1.1 ".count).prefix(3)))
        }
        await server.stop()
        #expect(heads == ["421", "403", "403", "200"])
    }
}
