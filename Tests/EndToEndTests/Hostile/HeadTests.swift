import FaultyLink
import Foundation
import Programs
import Testing

/// What somebody sends who wants the programs, or a proxy before them, to read one thing as another.
@Suite("Heads that no client sends", .timeLimit(.minutes(4)), .onThreads)
struct HeadTests {
    private struct Heads {
        let name: String
        let bytes: [UInt8]

        init(_ name: String, _ text: String) { (self.name, bytes) = (name, Array(text.utf8)) }
        init(_ name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
    }

    private static let host = "Host: localhost\r\n"
    private static let many = (0..<101).map { "X-\($0): 1\r\n" }.joined()

    private static let heads: [Heads] = [
        Heads(
            "two lengths that differ",
            "POST /healthz HTTP/1.1\r\n\(host)Content-Length: 1\r\nContent-Length: 30\r\n\r\nx"),
        Heads("a length that is a list", "POST /healthz HTTP/1.1\r\n\(host)Content-Length: 1, 1\r\n\r\nx"),
        Heads("a length with a sign", "POST /healthz HTTP/1.1\r\n\(host)Content-Length: +1\r\n\r\nx"),
        Heads(
            "a length beyond every number",
            "POST /healthz HTTP/1.1\r\n\(host)Content-Length: 99999999999999999999\r\n\r\n"),
        Heads(
            "a length and chunks",
            "POST /healthz HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"
        ),
        Heads(
            "chunked twice",
            "POST /healthz HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        Heads(
            "chunked in disguise",
            "POST /healthz HTTP/1.1\r\n\(host)Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        Heads(
            "a chunk beyond every number",
            "POST /healthz HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx"),
        Heads(
            "a chunk of negative size",
            "POST /healthz HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n"),
        Heads("a space before the colon", "POST /healthz HTTP/1.1\r\n\(host)Content-Length : 4\r\n\r\nGET "),
        Heads("a line without a colon", "GET /healthz HTTP/1.1\r\n\(host)nothing\r\n\r\n"),
        Heads("no host", "GET /healthz HTTP/1.1\r\n\r\n"),
        Heads("two hosts", "GET /healthz HTTP/1.1\r\n\(host)\(host)\r\n"),
        Heads("an absolute address", "GET http://elsewhere/healthz HTTP/1.1\r\n\(host)\r\n"),
        Heads("an authority", "CONNECT elsewhere:443 HTTP/1.1\r\n\(host)\r\n"),
        Heads("an asterisk", "OPTIONS * HTTP/1.1\r\n\(host)\r\n"),
        Heads("no address", "GET HTTP/1.1\r\n\(host)\r\n"),
        Heads("climbing", "GET /../../etc/passwd HTTP/1.1\r\n\(host)\r\n"),
        Heads("climbing in code", "GET /%2e%2e/%2E%2e/etc/passwd HTTP/1.1\r\n\(host)\r\n"),
        Heads("a slash in code", "GET /api%2Fv1%2Fcases HTTP/1.1\r\n\(host)\r\n"),
        Heads("a zero in code", "GET /healthz%00 HTTP/1.1\r\n\(host)\r\n"),
        Heads("a line end in code", "GET /healthz%0d%0aX:1 HTTP/1.1\r\n\(host)\r\n"),
        Heads("no UTF-8 in code", "GET /%FF%FE HTTP/1.1\r\n\(host)\r\n"),
        Heads("an overlong slash", "GET /%C0%AF HTTP/1.1\r\n\(host)\r\n"),
        Heads(
            "no UTF-8", bytes: Array("GET /".utf8) + [0xFF, 0xFE] + Array(" HTTP/1.1\r\n\(host)\r\n".utf8)),
        Heads("an unknown method", "BREW /healthz HTTP/1.1\r\n\(host)\r\n"),
        Heads("an endless method", String(repeating: "G", count: 100_000)),
        Heads("an endless address", "GET /" + String(repeating: "a", count: 100_000)),
        Heads(
            "an endless line", "GET /healthz HTTP/1.1\r\n\(host)X: " + String(repeating: "a", count: 200_000)),
        Heads("more lines than are taken", "GET /healthz HTTP/1.1\r\n\(host)\(many)\r\n"),
        Heads(
            "lines without end",
            "GET /healthz HTTP/1.1\r\n\(host)" + String(repeating: "X: 1\r\n", count: 50_000)),
        Heads(
            "more pairs than are taken",
            "GET /healthz?" + String(repeating: "a=1&", count: 101) + " HTTP/1.1\r\n\(host)\r\n"),
        Heads("another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Heads(
            "TLS where there is none",
            bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, 13, 10, 13, 10]),
        Heads("noise", bytes: (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 ^ $0 >> 3) }),
    ]

    @Test(
        "Each is refused or cut, tells nothing of the machine, is one request at most, and both programs go on"
    )
    func refusals() throws {
        let ward = try Ward()
        for port in [ward.centralDaemon.port, try #require(ward.agent).port] {
            for head in Self.heads {
                let wire = try Wire(to: port, waitSeconds: 5)
                wire.send(head.bytes)
                wire.finishSending()
                let answer = wire.rest()
                let status = answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                #expect(status == 0 || (400..<600).contains(status), "\(head.name): \(answer.prefix(60))")
                // What stands behind it was not taken for a request of its own. (libmicrohttpd sends the head of a refusal of its
                // own twice, before it closes.)
                #expect(!answer.contains("HTTP/1.1 200"), "\(head.name)")
                for word in ["root:", "/tmp", ward.stage.directory.path, "swift", "microhttpd"] {
                    #expect(!answer.contains(word), "\(head.name) tells \(word)")
                }
            }
            #expect(try WebCall("GET", "/healthz").send(to: port)?.status == 200)
        }
    }

    @Test(
        "A smuggled request behind a refused one is never answered, nor one behind a body that is too short")
    func smuggling() throws {
        let ward = try Ward(hasAgent: true)
        for first in [
            "POST /healthz HTTP/1.1\r\n\(Self.host)Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /healthz HTTP/1.1\r\n\(Self.host)Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            "POST /healthz HTTP/1.1\r\n\(Self.host)Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
            "POST /healthz HTTP/1.1\r\n\(Self.host)Transfer-Encoding:\u{B}chunked\r\n\r\n0\r\n\r\n",
        ] {
            let wire = try Wire(to: ward.centralDaemon.port, waitSeconds: 5)
            wire.send(first + "GET /healthz HTTP/1.1\r\n\(Self.host)X: smuggled\r\n\r\n")
            wire.finishSending()
            #expect(!wire.rest().contains("HTTP/1.1 200"), "\(first)")
        }
    }

    @Test("JSON nested a hundred thousand deep is refused by whoever reads it")
    func depth() throws {
        let ward = try Ward()
        let deep = Data(String(repeating: "[", count: 100_000).utf8)
        let objects = Data(String(repeating: "{\"a\":", count: 30_000).utf8)
        for body in [deep, objects] {
            let json = ["Content-Type": "application/json"]
            let enrolment = WebCall("POST", "/sync/v1/enrolment", headers: json, body: body)
            #expect(try enrolment.send(to: ward.centralDaemon.port)?.status == 400)
            let id = try ward.register()
            let agent = try #require(ward.agent).port
            for (method, target) in [
                ("PATCH", "/api/v1/cases/\(id)"), ("POST", "/api/v1/cases"), ("PUT", "/api/v1/link"),
                ("POST", "/api/v1/calendars"), ("POST", "/api/v1/enrolment"),
            ] {
                let answer = try ward.call(method, target, body: body).send(to: agent)
                #expect((400..<500).contains(answer?.status ?? 0), "\(method) \(target)")
            }
            #expect(try ward.changes(of: id, at: ward.window) == 1)
        }
        #expect(ward.centralDaemon.isRunning && ward.agent?.isRunning == true)
    }

    @Test(
        "Names that climb, are absolute or hold a zero name no bundle, page, case or upload, and make no file"
    )
    func names() throws {
        let ward = try Ward()
        let agent = try #require(ward.agent).port
        let files = {
            try FileManager.default.subpathsOfDirectory(atPath: ward.stage.directory.path).filter {
                !$0.contains("sqlite") && !$0.contains("journal")
            }.sorted()
        }
        let before = try files()
        for name in [
            "..%2F..%2Fstolen", "%2Fetc%2Fpasswd", "a%00b", "....%2F%2F", "%E2%80%AE",
            String(repeating: "f", count: 3000),
        ] {
            for (method, target) in [
                ("PUT", "/api/v1/bundles/\(name)?at=0"), ("GET", "/api/v1/bundles/\(name)"),
                ("DELETE", "/api/v1/bundles/\(name)"), ("POST", "/api/v1/bundles/\(name)/import"),
                ("GET", "/api/v1/cases/\(name)"),
                ("GET", "/api/v1/cases/\(name)/papers/\(name)"),
            ] {
                let answer = try ward.call(method, target, body: Data("{}".utf8)).send(to: agent)
                #expect((400..<500).contains(answer?.status ?? 0), "\(method) \(target)")
            }
            for method in ["PATCH", "DELETE"] {
                let call = WebCall(
                    method, "/attachments/uploads/\(name)",
                    headers: ["Tus-Resumable": "1.0.0", "Authorization": "Bearer x"])
                #expect(
                    (400..<500).contains(try call.send(to: ward.centralDaemon.port)?.status ?? 0), "\(name)")
            }
        }
        #expect(try files() == before)
    }
}
