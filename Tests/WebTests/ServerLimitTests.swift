import Testing

@testable import Web

@Suite("The limits of a server", .timeLimit(.minutes(1)))
struct ServerLimitTests {
    private static func tight(_ adjust: (inout Limits) -> Void = { _ in }) -> Limits {
        var limits = Limits()
        limits.bodyBytesMax = 1000
        limits.headerBytesMax = 1000
        limits.targetBytesMax = 100
        adjust(&limits)
        return limits
    }

    /// What comes back, up to the end of the connection.
    private func exchange(_ text: String, limits: Limits = tight()) async throws -> String {
        try await withServer(echo, limits: limits) { server in
            try await rawClient(server.port) { socket in
                socket.send(text)
                return socket.receiveToEnd()
            }
        }
    }

    private static let host = "HTTP/1.1\r\nHost: a\r\n"
    private static let close = "Connection: close\r\n"
    private static let target = String(repeating: "t", count: 99)
    private static let body = String(repeating: "b", count: 1000)

    @Test(
        "What is within each bound is served",
        arguments: [
            "GET /\(target) \(host)\(close)\r\n",
            "GET / \(host)\(close)X: \(String(repeating: "h", count: 900))\r\n\r\n",
            "POST / \(host)\(close)Content-Length: 1000\r\n\r\n\(body)",
            "POST / \(host)\(close)Transfer-Encoding: chunked\r\n\r\n3e8\r\n\(body)\r\n0\r\n\r\n",
        ])
    func servesWithin(text: String) async throws {
        let answer = try await exchange(text)
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
    }

    @Test(
        "What is beyond a bound, or malformed, is refused and the connection closed",
        arguments: [
            ("GET /\(target)t \(host)\r\n", 414),
            ("GET / \(host)X: \(String(repeating: "h", count: 1000))\r\n\r\n", 431),
            ("POST / \(host)Content-Length: 1001\r\n\r\n\(body)b", 413),
            ("POST / \(host)Content-Length: 9999999999\r\n\r\n", 413),
            ("POST / \(host)Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n", 413),
            ("POST / \(host)Transfer-Encoding: chunked\r\n\r\n3e9\r\n\(body)b\r\n0\r\n\r\n", 413),
            ("POST / \(host)Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n", 400),
            ("POST / \(host)Transfer-Encoding: gzip\r\n\r\n", 501),
            ("POST / \(host)Content-Length: 1\r\nContent-Length: 1\r\n\r\nb", 400),
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            ("GET /%zz \(host)\r\n", 400),
            ("GET /\(String(repeating: "s/", count: 33)) \(host)\r\n", 400),
            ("GET / \(host)\(String(repeating: "X:1\r\n", count: 100))\r\n", 431),
            ("GET /a/../b \(host)\r\n", 400),
            ("BREW / \(host)\r\n", 501),
        ])
    func refusesBeyond(text: String, status: Int) async throws {
        let answer = try await exchange(text)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
    }

    @Test("More pairs in a query than are taken are refused, and no more are read")
    func limitsPairs() {
        let pairs = { (count: Int) in "/?" + (0..<count).map { "a\($0)=1" }.joined(separator: "&") }
        #expect(Target(pairs(Target.pairsMax))?.query.count == Target.pairsMax)
        #expect(Target(pairs(Target.pairsMax + 1)) == nil)
    }

    @Test(
        "Bodies that would take more memory together than there is for them are told to come again, and leave none taken"
    )
    func limitsMemory() async throws {
        let limits = Self.tight { $0.bodiesBytesMax = 1500 }
        try await withServer(echo, limits: limits) { server in
            try await rawClient(server.port) { first in
                let head = "POST / \(Self.host)Content-Length: 1000\r\n\r\n"
                first.send(head + Self.body.dropLast())
                let second = try RawSocket.connected(to: server.port)
                second.send(head)
                while server.connectionCount < 2 { _ = second.isReadable(within: 5) }
                // The first's bytes may still be on their way.
                var refused = ""
                repeat {
                    let third = try RawSocket.connected(to: server.port)
                    third.send(head + Self.body)
                    refused = third.receiveMessage()
                } while refused.hasPrefix("HTTP/1.1 200 ")
                #expect(
                    refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("\r\nRetry-After: "), "\(refused)")
                first.send("b")
                let served = first.receiveMessage()
                #expect(served.hasPrefix("HTTP/1.1 200 "))
                second.send(Self.body)
                let later = second.receiveMessage()
                #expect(later.hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    @Test("While places are scarce, connections that only sit there make room for those that ask")
    func makesRoom() async throws {
        let limits = Self.tight {
            $0.connectionsMax = 8
            $0.pressedSecondsMax = 1
        }
        try await withServer(echo, limits: limits) { server in
            try await rawClient(server.port) { first in
                first.send("GET / ")
                var sitting: [Held] = []
                for _ in 0..<7 { sitting.append(Held(try RawSocket.connected(to: server.port))) }
                // All places are taken; soon there are some again.
                var answer = ""
                repeat {
                    let asking = try RawSocket.connected(to: server.port)
                    asking.send("GET / \(Self.host)\(Self.close)\r\n")
                    answer = asking.receiveToEnd()
                } while answer.isEmpty
                #expect(answer.hasPrefix("HTTP/1.1 200 "))
                let gone = first.receive()
                #expect(gone.isEmpty && sitting.count == 7)
            }
        }
    }

    @Test("A head that is far beyond its bound is refused by a status, too")
    func refusesHugeHead() async throws {
        let line = "X: \(String(repeating: "h", count: 200_000))\r\n"
        #expect(try await exchange("GET / \(Self.host)\(line)\r\n").hasPrefix("HTTP/1.1 431 "))
        let target = String(repeating: "t", count: 200_000)
        #expect(try await exchange("GET /\(target) \(Self.host)\r\n").hasPrefix("HTTP/1.1 414 "))
    }

    @Test("A client that sends an endless body in chunks is cut off")
    func cutsEndlessBody() async throws {
        try await withServer(echo, limits: Self.tight()) { server in
            let sent = try await rawClient(server.port) { socket in
                socket.send("POST / \(Self.host)Transfer-Encoding: chunked\r\n\r\n")
                var sent = 0
                while sent < 1 << 30, socket.send("3e8\r\n\(Self.body)\r\n") { sent += 1000 }
                return sent
            }
            #expect(sent < 1 << 28)
        }
    }

    @Test(
        "A client that dribbles its head or its body is cut off when its time is up",
        arguments: ["GET / HTTP/1.1\r\nX: ", "POST / \(host)Content-Length: 999\r\n\r\n", "GET /"])
    func cutsDribbler(start: String) async throws {
        let limits = Self.tight {
            $0.headSecondsMax = 1
            $0.requestSecondsMax = 1
            $0.idleSecondsMax = start == "GET /" ? 1 : 60
        }
        let clock = ContinuousClock()
        try await withServer(echo, limits: limits) { server in
            let taken = try await clock.measure {
                try await rawClient(server.port) { socket in
                    socket.send(start)
                    // A byte every 50 ms, until there is an end to read.
                    while !socket.isReadable(within: 50) { socket.send("x") }
                    let last = socket.receive()
                    #expect(last.isEmpty)
                }
            }
            #expect(taken > .milliseconds(900) && taken < .seconds(8))
        }
    }

    @Test("A connection beyond the number that may be open is closed, and one place freed is taken again")
    func limitsConnections() async throws {
        for limits in [Self.tight { $0.connectionsMax = 2 }, Self.tight { $0.connectionsPerAddressMax = 2 }] {
            try await withServer(echo, limits: limits) { server in
                try await rawClient(server.port) { first in
                    first.send("GET / \(Self.host)\r\n")
                    let served = first.receiveMessage()
                    #expect(served.hasPrefix("HTTP/1.1 200 "))
                    let second = try RawSocket.connected(to: server.port)
                    second.send("GET / \(Self.host)\(Self.close)\r\n")
                    let third = try RawSocket.connected(to: server.port)
                    third.send("GET / \(Self.host)\r\n")
                    let refused = third.receiveMessage()
                    #expect(refused.isEmpty)
                    let last = second.receiveToEnd()
                    #expect(last.hasPrefix("HTTP/1.1 200 "))
                    let fourth = try RawSocket.connected(to: server.port)
                    fourth.send("GET / \(Self.host)\r\n")
                    let again = fourth.receiveMessage()
                    #expect(again.hasPrefix("HTTP/1.1 200 "))
                }
            }
        }
    }

    @Test("A handler that does not answer in time is answered for, and cancelled")
    func answersForHandler() async throws {
        let cancelled = Signal()
        let handler = Answering { _ in
            await untilCancelled()
            await cancelled.happen()
            return .noContent
        }
        try await withServer(handler, limits: Self.tight { $0.responseSecondsMax = 1 }) { server in
            let response = try await client(port: server.port).send(ClientRequest(.get, "/"))
            #expect(response.status == 503)
            await cancelled.wait()
        }
    }

    @Test("A client that does not fetch its answer is cut off")
    func cutsSlowReader() async throws {
        let handler = Answering { _ in Response(status: 200, body: [UInt8](repeating: 1, count: 64 << 20)) }
        try await withServer(handler, limits: Self.tight { $0.responseSecondsMax = 1 }) { server in
            let received = try await rawClient(server.port) { socket in
                socket.send("GET / \(Self.host)\r\n")

                // A kilobyte every 20 ms, for as long as the server lets us: it would take 20 minutes.
                let silent = try RawSocket.connected(to: server.port)
                while server.connectionCount < 2 { _ = silent.isReadable(within: 5) }
                var received = 0
                while server.connectionCount > 1 {
                    received += socket.receive(bytesMax: 1024).count
                    let isStillSilent = !silent.isReadable(within: 20)
                    #expect(isStillSilent)
                }
                return received
            }
            #expect(received < 64 << 20)
        }
    }
}

/// Keeps a connection open.
private final class Held {
    private let socket: RawSocket
    init(_ socket: consuming RawSocket) { self.socket = socket }
}
