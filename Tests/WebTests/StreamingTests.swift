import Testing

@testable import Web

/// Takes a body piece by piece by what the closure says.
private func streaming(_ action: @escaping StreamAction) -> Router {
    var router = Router()
    router.onStream(.patch, "/", action)
    return router
}

/// Answers with what came, and how.
private let counting: StreamAction = { _, body in
    var (bytes, pieces) = (0, 0)
    while let piece = try await body.next() {
        (bytes, pieces) = (bytes + piece.count, pieces + 1)
        #expect(!piece.isEmpty && piece.count <= 64 << 10)
    }
    return .text("\(bytes) \(pieces > 1)")
}

@Suite("Bodies that are taken while they arrive", .timeLimit(.minutes(2)))
struct StreamingTests {
    @Test("All of a body comes, in pieces", arguments: [0, 1, 1_000, 5 << 20])
    func whole(count: Int) async throws {
        try await withServer(streaming(counting)) { server in
            let client = client(port: server.port)
            for _ in 0..<2 {
                let answer = try await client.send(
                    ClientRequest(.patch, "/", body: [UInt8](repeating: 5, count: count)))
                #expect(String(decoding: answer.body, as: UTF8.self) == "\(count) \(count > 1 << 20)")
            }
            #expect(await client.traffic.connectionsOpened == 1)
        }
    }

    @Test("A chunked body comes whole too")
    func chunked() async throws {
        try await withServer(streaming(counting)) { server in
            let text = try await rawClient(server.port) { socket in
                socket.send("PATCH / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in 0..<200 { socket.send("3e8\r\n" + String(repeating: "x", count: 1000) + "\r\n") }
                socket.send("0\r\n\r\n")
                return socket.receiveMessage()
            }
            #expect(text.hasSuffix("200000 true"))
        }
    }

    @Test("What came before a cut is taken, to the byte, and then the cut is told", arguments: [1, 70_000])
    func cut(count: Int) async throws {
        let (taken, isCut, ended) = (Guarded(0), Guarded(false), Signal())
        let router = streaming { _, body in
            do {
                while let piece = try await body.next() { taken.withLock { $0 += piece.count } }
            } catch BodyError.cut { isCut.withLock { $0 = true } }
            await ended.happen()
            return .noContent
        }
        try await withServer(router) { server in
            try await rawClient(server.port) { socket in
                socket.send("PATCH / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
                socket.send([UInt8](repeating: 7, count: count))
            }
            await ended.wait()
            #expect(taken.withLock { $0 } == count && isCut.withLock { $0 })
        }
    }

    @Test("A handler that does not ask holds its sender back")
    func holdsBack() async throws {
        let (goOn, sent) = (Signal(), Guarded(0))
        let router = streaming { request, body in
            await goOn.wait()
            return try await counting(request, body)
        }
        try await withServer(router) { server in
            let text = try await withThrowingTaskGroup(of: Void.self, returning: String.self) { group in
                group.addTask {
                    // Far less than the whole fits into the buffers of the sockets.
                    try await Task.sleep(for: .milliseconds(500))
                    #expect(sent.withLock { $0 } < 48 << 20)
                    await goOn.happen()
                }
                let text = try await rawClient(server.port) { socket in
                    socket.send("PATCH / HTTP/1.1\r\nHost: h\r\nContent-Length: \(64 << 20)\r\n\r\n")
                    for _ in 0..<64 {
                        socket.send([UInt8](repeating: 7, count: 1 << 20))
                        sent.withLock { $0 += 1 << 20 }
                    }
                    return socket.receiveMessage()
                }
                try await group.waitForAll()
                return text
            }
            #expect(text.hasSuffix("\(64 << 20) true"))
        }
    }

    private static let refusing: StreamAction = { _, _ in .text("no", status: 409) }

    @Test("An answer before the body reaches a client that sends a little, and the connection goes on")
    func refusesSmall() async throws {
        try await withServer(streaming(Self.refusing)) { server in
            let client = client(port: server.port)
            for _ in 0..<3 {
                let body = [UInt8](repeating: 1, count: 500_000)
                let answer = try await client.send(ClientRequest(.patch, "/", body: body))
                #expect(answer.status == 409)
            }
            #expect(await client.traffic.connectionsOpened == 1)
        }
    }

    @Test("A client that asks first is told before it sends")
    func refusesFirst() async throws {
        try await withServer(streaming(Self.refusing)) { server in
            let text = try await rawClient(server.port) { socket in
                socket.send(
                    "PATCH / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n")
                return socket.receiveMessage()
            }
            #expect(text.hasPrefix("HTTP/1.1 409") && text.contains("Connection: close"))
        }
    }

    @Test("A client that asks first and is wanted sends, and a body beyond the bound is refused by its head")
    func continues() async throws {
        var limits = Limits()
        limits.streamBytesMax = 10
        try await withServer(streaming(counting), limits: limits) { server in
            let text = try await rawClient(server.port) { socket in
                socket.send(
                    "PATCH / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
                let interim = socket.receiveMessage()
                socket.send("abc")
                return interim + socket.receiveMessage()
            }
            #expect(text.hasPrefix("HTTP/1.1 100") && text.hasSuffix("3 false"))
            let tooMuch = ClientRequest(.patch, "/", body: [UInt8](repeating: 0, count: 11))
            let answer = try await client(port: server.port).send(tooMuch)
            #expect(answer.status == 413)
        }
    }

    @Test("A server stops while a body arrives, and its handler hears of it")
    func stops() async throws {
        let (began, ended) = (Signal(), Signal())
        let router = streaming { _, body in
            await began.happen()
            do { while try await body.next() != nil {} } catch { await ended.happen() }
            return .noContent
        }
        let server = try Server(configuration: Server.Configuration(), handler: router)
        try await rawClient(server.port) { socket in
            socket.send("PATCH / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc")
            _ = socket.isReadable(within: 100)
        }
        await began.wait()
        await server.stop()
        await ended.wait()
    }
}
