import Glibc
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

    @Test("Stop waits for what is running, refuses what comes later, and may be called twice")
    func stopsGently() async throws {
        let (started, release) = (Signal(), Signal())
        let handler = Answering { request in
            if request.path == "/quick" { return .noContent }
            await started.happen()
            await release.wait()
            return .text("done")
        }
        let server = try Server(configuration: Server.Configuration(), handler: handler)
        let other = client(port: server.port)
        _ = try await other.send(ClientRequest(.get, "/quick"))
        async let response = client(port: server.port).send(ClientRequest(.get, "/slow"))
        await started.wait()
        async let firstStop: Void = server.stop()
        async let secondStop: Void = server.stop()
        while await isServed(by: other) {}
        // Those who come now are refused, and do not wait for the slow one.
        while await !isRefused(client(port: server.port)) {}
        await release.happen()
        #expect(try await response.status == 200)
        _ = await (firstStop, secondStop)
        await server.stop()
        await #expect(throws: ClientError.unreachable) { try await other.send(ClientRequest(.get, "/quick")) }
    }

    @Test(
        "Stop in the middle of a storm answers each request, refuses it or cuts it, and ends",
        arguments: 0..<10)
    func stopsInStorm(round: Int) async throws {
        let server = try Server(configuration: Server.Configuration(), handler: echo)
        let answered = Barrier(count: 1 + round * 5)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let client = client(port: server.port)
                    while await isServed(by: client) { await answered.note() }
                }
            }
            await answered.pass()
            await server.stop()
        }
        #expect(server.connectionCount == 0)
    }

    private func isRefused(_ client: HTTPClient) async -> Bool {
        do {
            _ = try await client.send(ClientRequest(.get, "/quick"))
            return false
        } catch { return error == .unreachable }
    }

    /// False once the connection that was open is told to go, or a new one is refused.
    private func isServed(by client: HTTPClient) async -> Bool {
        do {
            return try await client.send(ClientRequest(.get, "/quick")).status < 300
        } catch {
            #expect(error == .unreachable || error == .cut)
            return false
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

    @Test("Stop does not wait for idle connections, nor for a request that is still arriving")
    func stopsAtOnce() async throws {
        let server = try Server(configuration: Server.Configuration(), handler: echo)
        let ready = Signal()
        async let ends: [String] = rawClient(server.port) { idle in
            idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = idle.receiveMessage()
            let arriving = try RawSocket.connected(to: server.port)
            arriving.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
            while server.connectionCount < 2 { _ = arriving.isReadable(within: 5) }
            Task { await ready.happen() }
            return [idle.receiveToEnd(), arriving.receiveToEnd()]
        }
        await ready.wait()
        let taken = await ContinuousClock().measure { await server.stop() }
        #expect(taken < .seconds(2))
        #expect(try await ends == ["", ""])
    }

    @Test("It allows itself the descriptors that its connections need, as far as the system does")
    func raisesLimit() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        unsafe getrlimit(resource, &limit)
        limit.rlim_cur = min(limit.rlim_max, 2048)  // enough for the tests that run beside this one
        unsafe setrlimit(resource, &limit)
        ProcessSettings.allowDescriptors(connections: 4096)
        unsafe getrlimit(resource, &limit)
        #expect(limit.rlim_cur == min(limit.rlim_max, 4096 + 512))
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
