import Testing

@testable import Web

/// A body that a test can look into: byte n is n modulo 251, and what was read is counted.
private final class Source: Sendable {
    let read = Guarded(0)
    let byteCount: Int

    init(_ byteCount: Int) { self.byteCount = byteCount }

    static func bytes(_ range: Range<Int>) -> [UInt8] { range.map { UInt8($0 % 251) } }

    var stream: ResponseStream {
        ResponseStream(byteCount: byteCount) { [read] range in
            read.withLock { $0 += range.count }
            return Self.bytes(range)
        }
    }
}

private func serving(_ stream: ResponseStream) -> Router {
    var router = Router()
    router.on(.get, "/") { request in
        .resource(stream, type: "image/jpeg", tag: "\"t\"", for: request.headers)
    }
    router.on(.get, "/other") { _ in .text("here") }
    return router
}

@Suite("Bodies that are read while they are sent", .timeLimit(.minutes(2)))
struct SendingTests {
    @Test("All of a body comes, and each range of it", arguments: [1, 65_536, 65_537, 5 << 20])
    func whole(count: Int) async throws {
        let source = Source(count)
        try await withServer(serving(source.stream)) { server in
            let client = client(port: server.port)
            let whole = try await client.send(ClientRequest(.get, "/"))
            #expect(whole.status == 200 && whole.body == Source.bytes(0..<count))
            #expect(whole.headers["Content-Length"] == "\(count)" && whole.headers["ETag"] == "\"t\"")
            for range in [0..<1, count / 3..<count, count - 1..<count] {
                let last = range.upperBound - 1
                let part = try await client.send(
                    ClientRequest(.get, "/", headers: ["Range": "bytes=\(range.lowerBound)-\(last)"]))
                #expect(part.status == 206 && part.body == Source.bytes(range))
                #expect(part.headers["Content-Range"] == "bytes \(range.lowerBound)-\(last)/\(count)")
            }
            let beyond = try await client.send(
                ClientRequest(.get, "/", headers: ["Range": "bytes=\(count)-"]))
            #expect(beyond.status == 416 && beyond.headers["Content-Range"] == "bytes */\(count)")
            #expect(await client.traffic.connectionsOpened == 1)
        }
        let whole = try await serving(source.stream).respond(to: Request(.get, "/")).wholeBody()
        #expect(whole == Source.bytes(0..<count))
    }

    @Test("An answer to HEAD says how long the body is, and nothing of it is read")
    func head() async throws {
        let source = Source(70_000)
        let text = try await withServer(serving(source.stream)) { server in
            try await rawClient(server.port) { socket in
                socket.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                return socket.receiveToEnd()
            }
        }
        #expect(text.contains("Content-Length: 70000\r\n") && text.hasSuffix("\r\n\r\n"))
        #expect(source.read.withLock { $0 } == 0)
    }

    @Test("A client that takes little is read little for, and goes when it likes")
    func holdsBack() async throws {
        let source = Source(256 << 20)
        try await withServer(serving(source.stream)) { server in
            try await rawClient(server.port) { socket in
                socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                for _ in 0..<4_000 { _ = socket.receive(bytesMax: 1_000) }
            }
            // Far less than the whole fits into the buffers of the sockets.
            #expect(source.read.withLock { $0 } < 64 << 20)
            #expect(try await client(port: server.port).send(ClientRequest(.get, "/other")).status == 200)
        }
        #expect(source.read.withLock { $0 } < 64 << 20)
    }

    @Test("A body that cannot be read on breaks the connection: a part is never taken for the whole")
    func breaks() async throws {
        struct Damaged: Error {}
        let stream = ResponseStream(byteCount: 200_000) { range in
            guard range.lowerBound < 100_000 else { throw Damaged() }
            return Source.bytes(range)
        }
        try await withServer(serving(stream)) { server async throws -> Void in
            let client = client(port: server.port)
            await #expect(throws: ClientError.cut) { try await client.send(ClientRequest(.get, "/")) }
            #expect(try await client.send(ClientRequest(.get, "/other")).status == 200)
        }
    }

    @Test("While one body waits for its disk, others are served; and a server stops all the same")
    func waitsAlone() async throws {
        let began = Signal()
        let stream = ResponseStream(byteCount: 200_000) { _ in
            await began.happen()
            await untilCancelled()
            return []
        }
        var limits = Limits()
        limits.stopSecondsMax = 1
        let server = try Server(
            configuration: Server.Configuration(limits: limits), handler: serving(stream))
        try await rawClient(server.port) { socket in
            socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = socket.isReadable(within: 1_000)
        }
        await began.wait()
        #expect(try await client(port: server.port).send(ClientRequest(.get, "/other")).status == 200)
        await server.stop()
    }
}
