import Testing

@testable import Web

@Suite("Starting and stopping a server", .timeLimit(.minutes(1)))
struct ServerLifeTests {
    @Test("A port in use is an error of its own, and is free again after stop")
    func reportsPortInUse() async throws {
        let first = try Server(configuration: Server.Configuration(), handler: echo)
        let configuration = Server.Configuration(port: first.port)
        #expect(throws: ServerError.portInUse(first.port)) {
            try Server(configuration: configuration, handler: echo)
        }
        await first.stop()
        let second = try Server(configuration: configuration, handler: echo)
        #expect(second.port == first.port)
        await second.stop()
    }

    @Test("A host that is not here is an error of its own")
    func reportsUnknownHost() {
        #expect(throws: ServerError.unknownHost("192.0.2.1")) {
            try Server(configuration: Server.Configuration(host: "192.0.2.1"), handler: echo)
        }
    }

    @Test("It listens on IPv6, and says the address of the client")
    func listensOnIPv6() async throws {
        let handler = Answering { .text($0.remoteAddress) }
        let server = try Server(configuration: Server.Configuration(host: "::1"), handler: handler)
        let client = HTTPClient(configuration: .init(baseURL: "http://[::1]:\(server.port)"))
        let response = try await client.send(ClientRequest(.get, "/"))
        #expect(String(decoding: response.body, as: UTF8.self) == "::1")
        await server.stop()
    }

    @Test("Stop waits for what is running, lets its answer out, and may be called twice")
    func stopsGently() async throws {
        let (started, release) = (Signal(), Signal())
        let handler = Answering { _ in
            await started.happen()
            await release.wait()
            return .text("done")
        }
        let server = try Server(configuration: Server.Configuration(), handler: handler)
        async let response = client(port: server.port).send(ClientRequest(.get, "/"))
        await started.wait()
        async let firstStop: Void = server.stop()
        async let secondStop: Void = server.stop()
        await release.happen()
        #expect(try await response.status == 200)
        _ = await (firstStop, secondStop)
        await server.stop()
        await #expect(throws: ClientError.unreachable) {
            try await client(port: server.port).send(ClientRequest(.get, "/"))
        }
    }

    @Test("Stop does not wait for ever: a handler that never ends is answered for, and cancelled")
    func stopsBounded() async throws {
        var limits = Limits()
        limits.stopSecondsMax = 1
        let (started, cancelled) = (Signal(), Signal())
        let handler = Answering { _ in
            await started.happen()
            await untilCancelled()
            await cancelled.happen()
            return .noContent
        }
        let server = try Server(configuration: Server.Configuration(limits: limits), handler: handler)
        async let response = client(port: server.port).send(ClientRequest(.get, "/"))
        await started.wait()
        await server.stop()
        #expect(try await response.status == 503)
        await cancelled.wait()
    }

    @Test("A client that goes away cancels its handler, and the server serves the next")
    func survivesDisconnect() async throws {
        let (started, cancelled) = (Signal(), Signal())
        let handler = Answering { request in
            if request.path == "/next" { return .noContent }
            await started.happen()
            await untilCancelled()
            await cancelled.happen()
            return .text("to nobody")
        }
        try await withServer(handler) { server in
            let waiting = Task {
                try await client(port: server.port).send(ClientRequest(.get, "/wait"))
            }
            await started.wait()
            waiting.cancel()
            await cancelled.wait()
            let next = try await client(port: server.port).send(ClientRequest(.get, "/next"))
            #expect(next.status == 204)
        }
    }

    @Test("A server lets go of its handler, its connections and its requests when it has stopped")
    func leaksNothing() async throws {
        final class Witness: Sendable {}
        weak var witness: Witness?
        do {
            let kept = Witness()
            witness = kept
            let handler = Answering { [kept] _ in
                withExtendedLifetime(kept) { .noContent }
            }
            try await withServer(handler) { server in
                _ = try await client(port: server.port).send(ClientRequest(.get, "/"))
            }
        }
        while witness != nil { await Task.yield() }  // the last task may just be ending
    }
}
