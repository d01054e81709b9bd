import FaultyLink
import Foundation
import Programs
import Testing

/// TLS with a county's own authority, and the life of a computer's key, with the real programs.
@Suite("TLS and keys", .timeLimit(.minutes(4)), .onThreads)
struct SecurityTests {
    @Test(
        "A hospital exchanges over TLS; central's certificate is renewed in the middle; a bad one changes nothing"
    )
    func renewal() throws {
        let ward = try SecureWard()
        let id = try ward.register()
        try ward.window.run("sync")
        #expect(try ward.central.run("case", "show", id)["changes"].number == 1)
        #expect(try ward.shown() == "subject=CN = first")

        try SecureWard.put(try ward.county.issue("second"), at: ward.served)
        ward.centralDaemon.hangUp()
        #expect(try eventually { try ward.shown() == "subject=CN = second" })
        try ward.window.run("case", "set", id, "note=换证之后")
        #expect(try ward.window.run("sync")["error"] == .null)
        #expect(try ward.central.run("case", "show", id)["changes"].number == 2)

        try Data("no certificate".utf8).write(to: ward.served.certificate)
        ward.centralDaemon.hangUp()
        #expect(try eventually { try ward.logged().contains("The old one stays in use.") })
        #expect(try ward.shown() == "subject=CN = second")
        #expect(try ward.window.run("sync")["error"] == .null)
        // Its own commands do not depend on the certificate.
        #expect(try ward.central.run("hospital", "list")["hospitals"].list.count == 1)
        #expect(ward.centralDaemon.stop() && ward.agent.stop())
    }

    @Test("An idle exchange over TLS is one round trip on the open connection; the handshake is apart")
    func traffic() throws {
        let ward = try SecureWard()
        try ward.window.run("sync")
        try ward.window.run("sync")
        let before = ward.link.counts
        let http = try ward.window.run("sync")
        let idle = (
            up: ward.link.counts.bytesUp - before.bytesUp,
            down: ward.link.counts.bytesDown - before.bytesDown
        )
        #expect(http["exchanges"].number == 1)
        #expect(ward.link.counts.roundTrips == before.roundTrips + 1)
        #expect(ward.link.counts.connections == before.connections)
        #expect(http["bytesUp"].number + http["bytesDown"].number <= 1_000)
        // Each record adds 22 bytes, and each body may be one of its own.
        #expect(idle.up + idle.down <= http["bytesUp"].number + http["bytesDown"].number + 6 * 29)
        // A connection of its own, with its handshake, costs the rest.
        #expect(ward.agent.stop())
        let again = ward.link.counts
        let alone = try ward.window.run("sync")
        let fresh = (
            up: ward.link.counts.bytesUp - again.bytesUp, down: ward.link.counts.bytesDown - again.bytesDown
        )
        #expect(fresh.up > idle.up && fresh.down > idle.down)
        print(
            "idle exchange: HTTP \(http["bytesUp"].number) up, \(http["bytesDown"].number) down;"
                + " on the wire \(idle.up) up, \(idle.down) down;"
                + " with a new connection \(fresh.up) up, \(fresh.down) down for \(alone["exchanges"].number) exchanges,"
                + " HTTP \(alone["bytesUp"].number) up, \(alone["bytesDown"].number) down")
    }

    @Test(
        "A wrong authority, a token for another one, and a way that is not encrypted are refused with what to do"
    )
    func refusals() throws {
        let ward = try SecureWard()
        let stranger = try Authority(in: ward.stage.directory.appending(path: "stranger"), name: "Stranger")
        let other = Tool(
            "birthwindow", data: ward.stage.directory.appending(path: "other"), stage: ward.stage)
        let bare = try ward.central.run("hospital", "token", "YF")["token"].text
        let pinned = try ward.central.run(
            "hospital", "token", "YF", "--authority", ward.county.certificate.path)["token"].text
        func enroll(_ address: String, _ token: String, _ more: String...) throws -> Tool.Outcome {
            try other.attempt(["enroll", "--central", address, "--token", token] + more)
        }
        let wrong = try enroll(ward.address, bare, "--authority", stranger.certificate.path)
        #expect(wrong.status == 69 && wrong.error.contains("--authority"), "\(wrong.error)")
        let system = try enroll(ward.address, bare)
        #expect(system.status == 69 && system.error.contains("authority"), "\(system.error)")
        let before = ward.link.counts
        let mismatch = try enroll(ward.address, pinned, "--authority", stranger.certificate.path)
        #expect(mismatch.status == 69 && mismatch.error.contains("nothing was sent"), "\(mismatch.error)")
        #expect(ward.link.counts == before)
        let plain = try enroll("http://192.0.2.1:8730", bare)
        #expect(plain.status == 69 && plain.error.contains("--allow-plain-http"), "\(plain.error)")
        for tool in [other, ward.central] {
            let open = try tool.attempt(["serve", "--listen", "0.0.0.0:0"])
            #expect(open.status == 64 && open.error.contains("--allow-plain-http"), "\(open.error)")
            let half = try tool.attempt(["serve", "--certificate", ward.served.certificate.path])
            #expect(half.status == 64 && half.error.contains("--key"), "\(half.error)")
        }
        let daemon = try other.serve("--listen", "0.0.0.0:0", "--allow-plain-http")
        #expect(daemon.stop())
        unsafe chmod(ward.served.key.path, 0o644)
        let exposed = try other.attempt(
            ["serve", "--certificate", ward.served.certificate.path, "--key", ward.served.key.path])
        #expect(exposed.status == 78 && exposed.error.contains("0600"), "\(exposed.error)")
        // None of it used the tokens up.
        let good = try enroll(ward.address, pinned, "--authority", ward.county.certificate.path)
        #expect(good.status == 0, "\(good.error)")
    }

    @Test(
        "A key is changed; the old one is worthless then; a lost answer does no harm; a revoked computer gets nothing"
    )
    func keys() throws {
        let ward = try SecureWard()
        let id = try ward.register()
        try ward.window.run("sync")
        let file = ward.window.data.appending(path: "device.key")
        let old = try Data(contentsOf: file)
        // The request gets there, the answer does not come back.
        ward.link.cut(.reset, after: 0, .down)
        let lost = try ward.window.attempt(["device", "rotate"])
        #expect(lost.status == 69 && lost.error.contains("present key stays good"), "\(lost.error)")
        #expect(try Data(contentsOf: file) == old)
        ward.link.heal()
        #expect(try ward.window.run("sync")["error"] == .null)
        #expect(try ward.window.run("device", "rotate")["isSeen"] == .bool(true))
        let new = try Data(contentsOf: file)
        #expect(new != old)
        // Somebody has a copy of the old key.
        try old.write(to: file)
        unsafe chmod(file.path, 0o600)
        #expect(try ward.window.attempt(["sync"]).error.contains("401"))
        try new.write(to: file)
        unsafe chmod(file.path, 0o600)
        #expect(try ward.window.run("sync")["error"] == .null)

        let device = try #require(try ward.central.run("device", "list")["devices"].list.first)["device"].text
        #expect(try ward.central.run("device", "revoke", device, "--dry-run")["isDryRun"] == .bool(true))
        #expect(try ward.central.attempt(["device", "revoke", "nobody"]).status == 66)
        try ward.central.run("case", "set", id, "note=撤销之后才写")
        try ward.central.run("device", "revoke", device)
        try ward.window.run("case", "set", id, "motherPhone=13800138000")
        let refused = try ward.window.attempt(["sync"])
        #expect(refused.status == 75 && refused.error.contains("401"), "\(refused.error)")
        #expect(try ward.window.run("case", "show", id)["changes"].number == 2)
        #expect(try ward.window.run("status")["outbox"].number == 1)
        #expect(try ward.central.run("case", "show", id)["changes"].number == 2)
        #expect(try ward.logged().contains("device \(device) was refused: it is revoked"))
        #expect(try ward.central.run("device", "list")["devices"].list.first?["isRevoked"] == .bool(true))
    }

    @Test("However often an agent is killed while its key is changed, the key in place is good")
    func killedRotation() throws {
        let ward = try SecureWard()
        for round in 0..<10 {
            let agent = ward.agent
            let killer = Thread {
                usleep(.random(in: 0...120_000))
                agent.strike()
            }
            killer.start()
            // Ends well or badly, as the kill comes.
            while (try? ward.window.attempt(["device", "rotate"]).status) == 0, agent.isRunning {}
            agent.awaitEnd()
            ward.agent = try ward.window.serve("--idle-seconds", "86400")
            #expect(try ward.window.run("sync")["error"] == .null, "round \(round)")
        }
        #expect(try ward.window.run("device", "rotate")["isSeen"] == .bool(true))
    }

    @Test("Two windows with one copied disk: both go on, and central's technician is told")
    func copiedDisk() throws {
        let ward = try SecureWard()
        _ = try ward.register()
        try ward.window.run("sync")
        #expect(ward.agent.stop())
        let copy = Tool("birthwindow", data: ward.stage.directory.appending(path: "copy"), stage: ward.stage)
        try FileManager.default.copyItem(at: ward.window.data, to: copy.data)
        ward.agent = try ward.window.serve("--idle-seconds", "86400")
        let clone = try copy.serve("--idle-seconds", "86400")
        func told() throws -> Int {
            try ward.central.run("device", "list")["devices"].list.map { $0["twoPlacesCount"].number }.reduce(
                0, +)
        }
        for tool in [ward.window, copy] {
            try tool.run("case", "new", "--policy", "gx-yongfu", "--file", Ward.birth.path)
            try tool.run("sync")
        }
        #expect(try told() == 0)
        try ward.window.run("case", "new", "--policy", "gx-yongfu", "--file", Ward.birth.path)
        try ward.window.run("sync")
        #expect(try told() == 1)
        #expect(try ward.central.attempt(["device", "list"]).text.contains("IN TWO PLACES"))
        #expect(clone.stop())
    }

    @Test("A log or an output that nobody can write ends no program")
    func fullLog() throws {
        let ward = try SecureWard()
        #expect(ward.centralDaemon.stop())
        ward.centralDaemon = try ward.central.serve(
            "--certificate", ward.served.certificate.path, "--key", ward.served.key.path,
            log: URL(filePath: "/dev/full"))
        ward.centralDaemon.hangUp()
        try SecureWard.put(try ward.county.issue("second"), at: ward.served)
        ward.centralDaemon.hangUp()
        #expect(try eventually { try ward.shown() == "subject=CN = second" })
        #expect(ward.centralDaemon.stop())
        #expect(try ward.central.attempt(["hospital", "list"], setup: "exec >/dev/full").status == 0)
    }
}
