import FaultyLink
import Foundation
import Programs
import Testing

/// Exchanges between the real programs, counted and cut at the socket.
@Suite("Exchanges on the wire", .timeLimit(.minutes(4)), .onThreads)
struct ExchangeTests {
    @Test("With nothing new, an exchange is one round trip of less than 1,000 bytes both ways")
    func nothingNew() throws {
        let ward = try Ward()
        let id = try ward.register()
        let agent = try #require(ward.agent)
        // Enough that counters and positions have their usual length.
        for number in 0..<300 {
            let body = Data(#"{"set":{"note":"第\#(number)次"}}"#.utf8)
            #expect(
                try ward.call("PATCH", "/api/v1/cases/\(id)", body: body).send(to: agent.port)?.status == 200)
        }
        try ward.window.run("sync")
        ward.awaitQuiet()
        for _ in 0..<3 {
            let before = ward.link.counts
            let report = try ward.window.run("sync")
            let after = ward.link.counts
            #expect(report["exchanges"].number == 1)
            #expect(after.roundTrips - before.roundTrips == 1)
            #expect(after.connections == before.connections)
            #expect(after.bytes - before.bytes < 1_000)
            // What the program counts is what passed.
            #expect(report["bytesUp"].number == after.bytesUp - before.bytesUp)
            #expect(report["bytesDown"].number == after.bytesDown - before.bytesDown)
        }
    }

    @Test("A saved change goes up, is confirmed, and what is new comes down in one round trip")
    func oneChange() throws {
        let ward = try Ward()
        let id = try ward.register()
        try ward.window.run("sync")
        ward.awaitQuiet()
        ward.link.cut(.hold)
        try ward.window.run("case", "set", id, "childBloodType=2")
        try ward.central.run("case", "set", id, "fatherPhone=19900000111")
        let before = ward.link.counts
        ward.link.heal()
        #expect(try eventually { try ward.window.run("status")["outbox"].number == 0 })
        let after = ward.link.counts
        #expect(after.roundTrips - before.roundTrips == 1)
        #expect(try ward.window.run("case", "show", id)["fields"]["fatherPhone"].text == "19900000111")
        #expect(try ward.central.run("case", "show", id)["fields"]["childBloodType"].text == "2")
    }

    @Test(
        "Cut behind any byte, in either direction, nothing is lost and nothing comes twice",
        arguments: [1, 60, 250, 500, 700, 1_100], FaultyLink.Direction.allCases)
    func cutBehind(bytes: Int, direction: FaultyLink.Direction) throws {
        let ward = try Ward()
        let id = try ward.register()
        try ward.window.run("sync")
        for cut in [FaultyLink.Cut.drop, .reset, .hold] {
            ward.link.cut(cut, after: bytes, direction)
            for number in 0..<3 { try ward.window.run("case", "set", id, "note=\(cut) \(number)") }
            usleep(100_000)
            ward.link.heal()
            #expect(
                try eventually {
                    _ = try ward.window.attempt(["sync"])
                    return try ward.window.run("status")["outbox"].number == 0
                })
        }
        let status = try ward.window.run("status")
        #expect(status["saved"].number == 10)
        #expect(status["acknowledged"].number == 10)
        #expect(try ward.changes(of: id, at: ward.central) == 10)
        let (here, there) = (
            try ward.window.run("case", "show", id), try ward.central.run("case", "show", id)
        )
        for name in ["fields", "seen", "changes", "fingerprint"] { #expect(here[name] == there[name]) }
    }

    @Test("After an outage the agent finds back by itself", arguments: [FaultyLink.Cut.reset, .hold])
    func recoversByItself(cut: FaultyLink.Cut) throws {
        let ward = try Ward()
        let id = try ward.register()
        #expect(try eventually { try ward.window.run("status")["outbox"].number == 0 })
        ward.link.cut(cut)
        try ward.window.run("case", "set", id, "note=断网时写的")
        if cut == .reset {
            #expect(try eventually { !(try ward.window.run("status")["sync"]["lastError"].text.isEmpty) })
            let waiting = try ward.window.run("outbox")["outbox"].list
            #expect(waiting.count == 1)
            #expect(waiting[0]["state"].text == "retrying")
            #expect(!waiting[0]["lastError"].text.isEmpty)
        }
        #expect(try ward.changes(of: id, at: ward.central) == 1)
        ward.link.heal()
        #expect(try eventually { try ward.window.run("status")["outbox"].number == 0 })
        #expect(try ward.changes(of: id, at: ward.central) == 2)
    }

    @Test("Central dies in the middle of exchanges and comes back; what it confirmed, it has")
    func centralDies() throws {
        let ward = try Ward()
        let id = try ward.register()
        for round in 0..<4 {
            for number in 0..<5 { try ward.window.run("case", "set", id, "note=\(round) \(number)") }
            usleep(.random(in: 0...30_000))
            ward.centralDaemon.strike()
            ward.centralDaemon.awaitEnd()
            let status = try ward.window.run("status")
            ward.centralDaemon = try ward.central.serve(port: ward.centralDaemon.port)
            #expect(
                try ward.central.run("case", "list")["cases"].list.isEmpty
                    == (status["acknowledged"].number == 0))
            #expect(
                try eventually {
                    _ = try ward.window.attempt(["sync"])
                    return try ward.window.run("status")["outbox"].number == 0
                })
        }
        #expect(try ward.changes(of: id, at: ward.central) == 21)
        #expect(try ward.window.run("status")["acknowledged"].number == 21)
    }

    @Test("A thin line: on a slow and distant link everything arrives")
    func slowLink() throws {
        let ward = try Ward()
        ward.link.throttle(bytesPerSecond: 4_000)
        ward.link.delay(milliseconds: 50)
        let id = try ward.register()
        try ward.window.run("case", "set", id, "note=\(String(repeating: "慢", count: 500))")
        #expect(try eventually { try ward.window.run("status")["outbox"].number == 0 })
        #expect(try ward.changes(of: id, at: ward.central) == 2)
    }
}
