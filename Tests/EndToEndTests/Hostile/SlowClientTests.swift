import FaultyLink
import Foundation
import Programs
import Testing
import Web

/// Clients that hold on to what they have, and a window and a clerk beside them.
@Suite("Slow and greedy clients", .timeLimit(.minutes(4)), .onThreads)
struct SlowClientTests {
    private static let clock = ContinuousClock()

    /// The median of how long something takes, in seconds.
    private func median(of times: Int, _ body: () throws -> Void) throws -> Double {
        var taken: [Double] = []
        for _ in 0..<times { taken.append(try Self.clock.measure(body) / .seconds(1)) }
        return taken.sorted()[times / 2]
    }

    /// How long an exchange of another computer takes, and a page of the window.
    private func paces(_ ward: Ward, _ forger: Forger) throws -> (exchange: Double, page: Double) {
        let agent = try #require(ward.agent).port
        return (
            try median(of: 15) {
                let answer = try forger.send(try forger.signed(try forger.exchange()))
                #expect(answer == Reply(200, ""))
            },
            try median(of: 15) {
                let answer = try ward.call("GET", "/api/v1/cases").send(to: agent)
                #expect(answer?.status == 200)
            }
        )
    }

    @Test(
        "Hundreds that dribble heads and bodies, or only sit there, slow nobody down, and are cut when their time is up"
    )
    func dribblers() throws {
        let ward = try Ward()
        _ = try ward.register()
        let added = try ward.central.run("hospital", "add", "LZ", "--name", "市医院", "--policy", "gx-liuzhou")
        let forger = try Forger(at: ward.centralDaemon.port, token: added["token"].text)
        let alone = try paces(ward, forger)
        let ports = [ward.centralDaemon.port, try #require(ward.agent).port]
        let began = Self.clock.now
        // Heads that never end, of which each says a byte at a time.
        let heads = try ports.flatMap { port in
            try (0..<100).map { _ in
                let wire = try Wire(to: port)
                wire.send("POST /sync/v1/exchange HTTP/1.1\r\nHost: localhost\r\nX: ")
                return wire
            }
        }
        let bodies = try ports.flatMap { port in
            try (0..<50).map { _ in
                let wire = try Wire(to: port)
                wire.send(
                    "POST /sync/v1/exchange HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16000000\r\n\r\n")
                return wire
            }
        }
        let silent = try ports.flatMap { port in try (0..<100).map { _ in try Wire(to: port) } }
        let crowded = try paces(ward, forger)
        print("alone \(alone), among \(heads.count + bodies.count + silent.count) slow ones \(crowded)")
        #expect(crowded.exchange < 10 * alone.exchange + 0.5)
        #expect(crowded.page < 10 * alone.page + 0.5)
        // 30 s are allowed for a head, whatever comes meanwhile.
        while heads.contains(where: { !$0.isReadable }), Self.clock.now - began < .seconds(60) {
            for wire in heads where !wire.isReadable { wire.send("x") }
            for wire in bodies { wire.send("x") }
            usleep(500_000)
        }
        #expect(heads.allSatisfy { $0.opening() == "" })
        #expect(Self.clock.now - began >= .seconds(29))
        // A body has longer, and a connection that says nothing.
        #expect(bodies.allSatisfy { !$0.isReadable })
        while bodies.contains(where: { !$0.isReadable }), Self.clock.now - began < .seconds(100) {
            for wire in bodies where !wire.isReadable { wire.send("x") }
            usleep(500_000)
        }
        #expect(bodies.allSatisfy { $0.opening() == "" })
        #expect(try forger.send(try forger.signed(try forger.exchange())) == Reply(200, ""))
        _ = silent
    }

    @Test("While others flood central with what it refuses, exchanges and pages stay quick")
    func flood() throws {
        let ward = try Ward()
        _ = try ward.register()
        let added = try ward.central.run("hospital", "add", "LZ", "--name", "市医院", "--policy", "gx-liuzhou")
        let forger = try Forger(at: ward.centralDaemon.port, token: added["token"].text)
        let alone = try paces(ward, forger)
        let port = ward.centralDaemon.port
        let isOver = Web.Guarded(false)
        let unsigned = Array(
            "POST /sync/v1/exchange HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc".utf8)
        let threads = (0..<4).map { _ in
            let thread = Thread {
                while !isOver.withLock({ $0 }) {
                    // A flood goes on when a connection ends.
                    guard let wire = try? Wire(to: port, waitSeconds: 2) else { continue }
                    for _ in 0..<100 where !isOver.withLock({ $0 }) {
                        guard wire.send(unsigned), let part = wire.receive(), !part.isEmpty else { break }
                    }
                }
            }
            thread.start()
            return thread
        }
        let flooded = try paces(ward, forger)
        isOver.withLock { $0 = true }
        print("alone \(alone), in a flood \(flooded)")
        #expect(flooded.exchange < 10 * alone.exchange + 0.5)
        #expect(flooded.page < 10 * alone.page + 0.5)
        while threads.contains(where: { !$0.isFinished }) { usleep(10_000) }
    }
}
