import Testing

@testable import Web

@Suite("A server over a real socket", .timeLimit(.minutes(1)))
struct ServerTests {
    @Test("It answers our own client, and a second request uses the first connection")
    func keepsConnection() async throws {
        try await withServer(echo) { server in
            let client = client(port: server.port)
            let first = try await client.send(ClientRequest(.post, "/", body: Array("one".utf8)))
            let second = try await client.send(ClientRequest(.post, "/", body: Array("two".utf8)))
            #expect(first.body == Array("one".utf8) && second.body == Array("two".utf8))
            #expect(first.traffic.connectionsOpened == 1)
            #expect(second.traffic.connectionsOpened == 0)
            #expect(server.connectionCount == 1)
        }
    }

    @Test("It answers the curl command: a chunked upload, and one that asks first")
    func answersCurl() async throws {
        try await withServer(echo) { server in
            let url = "http://127.0.0.1:\(server.port)/"
            for line in ["Transfer-Encoding: chunked", "Expect: 100-continue"] {
                let (output, isSuccess) = try await run(
                    "curl -sS -i -H '\(line)' --data-binary 'a=b&c' \(url)")
                #expect(isSuccess)
                #expect(output.contains("HTTP/1.1 200 OK") && output.hasSuffix("\r\n\r\na=b&c"), "\(output)")
            }
        }
    }

    @Test("The head of an answer has the few lines that it must have, and no more")
    func fewHeaders() async throws {
        let head = try await withServer(echo) { server in
            try await rawClient(server.port) { socket in
                socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                return socket.receiveMessage()
            }
        }
        let names = head.split(separator: "\r\n").dropFirst().map { $0.prefix { $0 != ":" } }
        #expect(
            Set(names) == [
                "Date", "Content-Length", "Content-Type", "Cache-Control", "X-Content-Type-Options",
            ])
        #expect(head.utf8.count < 220)
    }

    @Test("An answer to HEAD says how long the body is, and leaves it out")
    func answersHead() async throws {
        var router = Router()
        router.on(.get, "/") { _ in .text("hello") }
        let text = try await withServer(router) { server in
            try await rawClient(server.port) { socket in
                socket.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                return socket.receiveToEnd()
            }
        }
        #expect(text.contains("Content-Length: 5\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test("A client that asks whether to go on is told so before it sends its body")
    func continues() async throws {
        let (interim, answer) = try await withServer(echo) { server in
            try await rawClient(server.port) { socket in
                socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
                let interim = socket.receiveMessage(isHeadOnly: true)
                socket.send("abc")
                return (interim, socket.receiveMessage())
            }
        }
        #expect(interim.hasPrefix("HTTP/1.1 100 Continue"))
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("\r\n\r\nabc"))
    }

    @Test("A handler that fails is a 500 without details, and the next request is served")
    func hidesFailures() async throws {
        struct Secret: Error { let patient = "Li" }
        let handler = Answering { request in
            if request.path == "/problem" { throw Problem(status: 409, title: "Not now") }
            if request.path == "/header" { return Response(status: 200, headers: ["A": "b\r\nC: d"]) }
            throw Secret()
        }
        try await withServer(handler) { server in
            let client = client(port: server.port)
            let expected = [("/secret", 500), ("/header", 500), ("/problem", 409)]
            for (path, status) in expected {
                let response = try await client.send(ClientRequest(.get, path))
                #expect(response.status == status)
                #expect(response.mediaType == Problem.mediaType)
                #expect(!String(decoding: response.body, as: UTF8.self).contains("Li"))
            }
        }
    }

    @Test("A handler sees the target, the decoded path and query, the headers and the address")
    func passesRequest() async throws {
        let handler = Answering { request in
            .text(
                "\(request.target)|\(request.path)|\(request.query)|\(request.headers["x-a"] ?? "")|"
                    + request.remoteAddress)
        }
        let response = try await withServer(handler) { server in
            try await client(port: server.port).send(
                ClientRequest(.get, "/caf%C3%A9%2F?q=a+b%26", headers: ["X-A": "1", "x-a": "2"]))
        }
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(text == #"/caf%C3%A9%2F?q=a+b%26|/café/|["q": "a b&"]|1, 2|127.0.0.1"#)
    }

    @Test("200 requests are handled at one time")
    func handlesMany() async throws {
        let barrier = Barrier(count: 200)
        let handler = Answering { request in
            await barrier.pass()
            return .text(request.target)
        }
        let answers = try await withServer(handler) { server in
            try await rawClients(200, port: server.port)
        }
        #expect(answers.enumerated().allSatisfy { $1.hasSuffix("\r\n\r\n/\($0)") })
    }

    /// Sends all requests before it reads the first answer.
    private func rawClients(_ count: Int, port: UInt16) async throws -> [String] {
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            let client = Connections()
            for number in 0..<count { try await client.open(port, sending: "/\(number)") }
            for number in 0..<count {
                group.addTask { (number, await client.answer(number)) }
            }
            return try await group.reduce(into: Array(repeating: "", count: count)) { $0[$1.0] = $1.1 }
        }
    }
}

/// Many connections on one thread.
private actor Connections {
    private let executor = QueueExecutor(label: "birthwindow.web.tests.connections")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }
    private var sockets: [Box] = []

    private final class Box {
        let socket: RawSocket
        init(_ socket: consuming RawSocket) { self.socket = socket }
    }

    func open(_ port: UInt16, sending target: String) throws {
        let box = Box(try RawSocket.connected(to: port))
        box.socket.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        sockets.append(box)
    }

    func answer(_ number: Int) -> String { sockets[number].socket.receiveMessage() }
}
