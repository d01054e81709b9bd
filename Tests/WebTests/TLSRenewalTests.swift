import Foundation
import Programs
import Testing

@testable import Web

@Suite("Renewing a certificate, and slow handshakes", .timeLimit(.minutes(2)))
struct TLSRenewalTests {
    @Test("Certificates are renewed again and again under load, and no request fails")
    func renewsUnderLoad() async throws {
        let world = try await TLSWorld.make()
        var identities: [TLSIdentity] = []
        for number in 0..<6 { identities.append(try await world.identity("r\(number)")) }
        let handler = Answering { request in
            await Task.yield()
            return .bytes(request.body, type: "application/octet-stream")
        }
        try await withSecureServer(identities[0], handler) { server in
            let isDone = Guarded(false)
            // Each renewal waits until all have been served since the one before.
            let rounds = identities.indices.map { _ in Barrier(count: 7) }
            let round = Guarded(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        var client = world.client(server.port)
                        var seen = -1
                        var count = 0
                        while !isDone.withLock({ $0 }) {
                            do {
                                let answer = try await client.send(ClientRequest(.post, "/", body: [7]))
                                #expect(answer.status == 200 && answer.body == [7])
                            } catch { Issue.record("a request failed: \(error)") }
                            count += 1
                            // Some come anew each time, some keep their connection.
                            if number < 3, count.isMultiple(of: 4) { client = world.client(server.port) }
                            let now = round.withLock { $0 }
                            if now != seen {
                                seen = now
                                await rounds[now].note()
                            }
                        }
                    }
                }
                for (number, identity) in identities.enumerated().dropFirst() {
                    await rounds[number - 1].pass()
                    try server.adopt(identity)
                    round.withLock { $0 = number }
                }
                await rounds[identities.count - 1].pass()
                isDone.withLock { $0 = true }
            }
            #expect(try await world.shown(server.port) == "subject=CN = r5")
        }
    }

    @Test(
        "What is under way when the certificate is renewed is answered, on the old connection, which then ends"
    )
    func keepsWhatRuns() async throws {
        let world = try await TLSWorld.make()
        let (started, release) = (Signal(), Signal())
        let handler = Answering { request in
            if request.path == "/slow" {
                await started.happen()
                await release.wait()
            }
            return .text(request.path)
        }
        try await withSecureServer(try await world.identity("old"), handler) { server in
            let (slow, idle) = (world.client(server.port), world.client(server.port))
            _ = try await idle.send(ClientRequest(.get, "/idle"))
            async let answer = slow.send(ClientRequest(.get, "/slow"))
            await started.wait()
            let new = try await world.identity("new")
            try server.adopt(new)
            #expect(try await world.shown(server.port) == "subject=CN = new")
            await release.happen()
            let ended = try await answer
            #expect(ended.status == 200 && ended.headers["Connection"]?.lowercased() == "close")
            // One that was idle is served once more, and comes back over a new connection.
            let last = try await idle.send(ClientRequest(.get, "/idle"))
            #expect(
                last.traffic.connectionsOpened == 0 && last.headers["Connection"]?.lowercased() == "close")
            let next = try await idle.send(ClientRequest(.get, "/idle"))
            #expect(next.traffic.connectionsOpened == 1 && next.headers["Connection"] == nil)
        }
    }

    @Test("A certificate that cannot be used changes nothing, and the next good one does")
    func refusesRenewal() async throws {
        let world = try await TLSWorld.make()
        try await withSecureServer(try await world.identity("old")) { server in
            let (a, b) = (try await world.issue("a"), try await world.issue("b"))
            let mismatched = try TLSIdentity(certificateFile: a.certificate.path, keyFile: b.key.path)
            let client = world.client(server.port)
            _ = try await client.send(ClientRequest(.get, "/"))
            for _ in 0..<20 {
                #expect(throws: ServerError.badCertificate) { try server.adopt(mismatched) }
            }
            #expect(try await world.shown(server.port) == "subject=CN = old")
            #expect(try await client.send(ClientRequest(.get, "/")).traffic.connectionsOpened == 0)
            let new = try await world.identity("new")
            try server.adopt(new)
            #expect(try await world.shown(server.port) == "subject=CN = new")
        }
    }

    @Test(
        "Who never finishes a handshake, or says nothing after it, loses the place in time; others are served meanwhile"
    )
    func cutsSlowHandshakes() async throws {
        let world = try await TLSWorld.make()
        var limits = Limits()
        limits.handshakeSecondsMax = 1
        limits.connectionsMax = 4
        try await withSecureServer(try await world.identity("a"), limits: limits) { server in
            async let cut: Duration = rawClient(server.port) { silent in
                // The head of a record of 512 bytes, then a byte now and then.
                silent.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])
                let began = ContinuousClock.now
                while !silent.isReadable(within: 100), ContinuousClock.now - began < .seconds(20) {
                    silent.send([0x00])
                }
                return ContinuousClock.now - began
            }
            let mute = try await rawClient(server.port) { mute in
                let began = ContinuousClock.now
                _ = mute.receiveToEnd()
                return ContinuousClock.now - began
            }
            #expect(mute > .milliseconds(900) && mute < .seconds(8))
            let taken = try await cut
            #expect(taken > .milliseconds(900) && taken < .seconds(8))
            let answer = try await world.client(server.port).send(ClientRequest(.post, "/", body: [1]))
            #expect(answer.status == 200)
        }
    }
}
