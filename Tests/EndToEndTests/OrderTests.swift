import Foundation
import Programs
import Testing

/// Resyncs that central orders, between the real programs.
@Suite("Orders on the wire", .timeLimit(.minutes(4)), .onThreads)
struct OrderTests {
    private func stage(of order: String, in ward: Ward) throws -> String {
        let orders = try ward.central.run("resync", "list", "YF")["orders"].list
        return orders.first { $0["order"].text == order }?["windows"].list.first?["stage"].text ?? "none"
    }

    @Test("Ordered, carried out by the agent that hears of it, and told; the agent's status tells, too")
    func wholeWay() throws {
        let ward = try Ward()
        _ = try ward.register()
        try ward.window.run("sync")
        let ordered = try ward.central.run("resync", "YF", "verify", "--reason", "例行检查")
        let order = ordered["order"].text
        #expect(order.hasPrefix("YF-") && ordered["windows"].number == 1)
        #expect(try ward.central.run("resync", "YF", "verify")["order"].text == order)
        #expect(try stage(of: order, in: ward) == "ordered")
        #expect(try ward.central.attempt(["resync", "list"]).text.contains("  ordered  software "))
        try ward.window.run("sync")
        #expect(try eventually { try stage(of: order, in: ward) == "done" })
        let text = try ward.central.attempt(["resync", "list", "YF"]).text
        #expect(text.contains("(例行检查)  over") && text.contains("0 of 2 cases differed, 0 changes sent"))
        let status = try ward.window.attempt(["status"]).text
        #expect(status.contains("last order    \(order): verify, done "), "\(status)")
    }

    @Test("An agent that is killed while it carries an order out goes on with it; one withdrawn is left")
    func killed() throws {
        let ward = try Ward()
        _ = try ward.register()
        try ward.window.run("sync")
        ward.awaitQuiet()
        let order = try ward.central.run("resync", "YF", "pull")["order"].text
        // It hears of the order, and of nothing after that.
        ward.link.cut(.hold)
        let cut = try ward.central.run("resync", "YF", "push")["order"].text
        #expect(try ward.central.run("resync", "withdraw", cut)["isChanged"] == .bool(true))
        #expect(try ward.central.run("resync", "withdraw", cut)["isChanged"] == .bool(false))
        ward.link.heal()
        _ = try ward.window.attempt(["sync"])
        ward.agent?.strike()
        ward.agent?.awaitEnd()
        ward.agent = try ward.window.serve("--idle-seconds", "86400")
        try ward.window.run("sync")
        #expect(try eventually { try stage(of: order, in: ward) == "done" })
        #expect(try stage(of: cut, in: ward) == "ordered")
        #expect(try ward.central.attempt(["resync", "list"]).text.contains("WITHDRAWN"))
        #expect(try ward.window.run("outbox")["outbox"].list.isEmpty)
    }

    @Test("What is asked wrongly is refused with what to do")
    func wrong() throws {
        let ward = try Ward(hasAgent: false)
        #expect(try ward.central.attempt(["resync", "YF", "polish"]).status == 64)
        #expect(try ward.central.attempt(["resync", "YF"]).status == 64)
        #expect(try ward.central.attempt(["resync", "list", "YF", "x"]).status == 64)
        #expect(try ward.central.attempt(["resync", "ZZ", "push"]).status != 0)
        #expect(try ward.central.attempt(["resync", "YF", "push", "--case", "x"]).status != 0)
        #expect(try ward.central.attempt(["resync", "withdraw", "YF-1"]).status != 0)
        try ward.central.run("hospital", "add", "LZ", "--name", "柳州市医院")
        let outcome = try ward.central.attempt(["resync", "LZ", "push"])
        #expect(outcome.status != 0 && outcome.error.contains("The hospital has 0."), "\(outcome.error)")
    }

    @Test("A file that a newer program has written is refused in one clear sentence, and left as it was")
    func newer() throws {
        let ward = try Ward(hasAgent: false)
        _ = try ward.register()
        #expect(ward.centralDaemon.stop())
        for (tool, name) in [(ward.window, "window.sqlite"), (ward.central, "central.sqlite")] {
            let file = tool.data.appending(path: name)
            try upgrade(file)
            let before = try Data(contentsOf: file)
            let outcome = try tool.attempt(["case", "list"])
            #expect(outcome.status != 0 && outcome.text.isEmpty)
            #expect(
                outcome.error.contains("the file is at 9999-later, which this version, knowing "),
                "\(outcome.error)")
            #expect(outcome.error.contains("Install the newer version; the file was left as it is"))
            #expect(try Data(contentsOf: file) == before)
        }
    }

    /// Makes a file look as if a newer program had opened it.
    private func upgrade(_ file: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            n = c.execute("SELECT max(sequence) FROM migration").fetchone()[0] + 1
            c.execute("INSERT INTO migration VALUES (?, '9999-later')", (n,))
            c.execute(f"PRAGMA user_version = {n}")
            c.commit()
            c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            """,
            file.path,
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "python3 is a requirement of the tests")
    }
}
