import Foundation
import Programs
import Testing

/// A verify between the real programs, over files that were damaged behind their backs.
@Suite("Verify on the wire", .timeLimit(.minutes(4)), .onThreads)
struct VerifyTests {
    /// Runs SQL on a program's file while the program is down.
    private func damage(_ file: URL, _ sql: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()",
            file.path, sql,
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "python3 is a requirement of the tests")
    }

    private func restart(_ ward: Ward, _ body: () throws -> Void) throws {
        #expect(ward.agent?.stop() ?? false)
        #expect(ward.centralDaemon.stop())
        try body()
        ward.centralDaemon = try ward.central.serve(port: ward.centralDaemon.port)
        ward.agent = try ward.window.serve("--idle-seconds", "86400")
    }

    /// Some cases, on one of which central wrote.
    private func filled(_ ward: Ward) throws -> [String] {
        let ids = try (0..<3).map { _ in try ward.register() }
        try ward.window.run("sync")
        try ward.central.run("case", "set", ids[1], "fatherPhone=19900000111")
        try ward.window.run("sync")
        ward.awaitQuiet()
        return ids
    }

    @Test("Equal: one round trip of less than 1,000 bytes both ways")
    func equal() throws {
        let ward = try Ward()
        _ = try filled(ward)
        let report = try ward.window.run("resync", "verify")
        #expect(report["isEqual"].isTrue)
        #expect(report["cases"].number == 4)  // the hospital's record is one
        #expect(report["roundTrips"].number == 1)
        let bytes = report["bytesUp"].number + report["bytesDown"].number
        print("VERIFY on the wire, equal: \(bytes) bytes with HTTP")
        #expect(bytes <= 1_000)
        let text = try ward.window.attempt(["resync", "verify"]).text
        #expect(text.hasPrefix("equal, 4 cases (1 round trips, "))
    }

    @Test("What the window's file lost is found and comes back; a dry run only tells")
    func windowLost() throws {
        let ward = try Ward()
        let ids = try filled(ward)
        try restart(ward) {
            let file = ward.window.data.appending(path: "window.sqlite")
            try damage(
                file,
                "DELETE FROM change WHERE own_replica IS NULL AND receipt IS NOT NULL AND hex(case_id) = "
                    + "'\(ids[1].filter { $0 != "-" }.uppercased())'")
            try damage(
                file,
                "DELETE FROM case_cache WHERE hex(case_id) = '\(ids[0].filter { $0 != "-" }.uppercased())'")
        }
        ward.link.cut(.hold)
        try ward.window.run("case", "set", ids[2], "note=未确认")
        ward.link.heal()
        let dry = try ward.window.run("resync", "verify", "--dry-run")
        #expect(dry["differing"].list.map(\.text) == [ids[1]])
        #expect(dry["recached"].number == 2)  // the cache still counted what the log had lost
        #expect(try ward.changes(of: ids[1], at: ward.window) == 1)
        let report = try ward.window.run("resync", "verify")
        #expect(report["differing"].list.map(\.text) == [ids[1]])
        #expect(report["isMended"].isTrue)
        #expect(try ward.changes(of: ids[1], at: ward.window) == 2)
        #expect(try ward.window.run("case", "show", ids[1])["fields"]["fatherPhone"].text == "19900000111")
        #expect(try ward.window.run("resync", "verify")["isEqual"].isTrue)
        #expect(try ward.changes(of: ids[2], at: ward.central) == 2)
    }

    @Test("What central's file lost, of its log and of its caches, is found and brought back")
    func centralLost() throws {
        let ward = try Ward()
        let ids = try filled(ward)
        try restart(ward) {
            let file = ward.central.data.appending(path: "central.sqlite")
            // The window's own change of it, from the middle of a chain, and central's.
            try damage(
                file, "DELETE FROM change WHERE hex(case_id) = '\(ids[1].filter { $0 != "-" }.uppercased())'")
            try damage(
                file,
                "DELETE FROM case_cache WHERE hex(case_id) = '\(ids[0].filter { $0 != "-" }.uppercased())'")
        }
        let one = try ward.window.run("resync", "verify", "--case", ids[2])
        #expect(one["isEqual"].isTrue && one["roundTrips"].number == 1)
        let other = try ward.window.run("resync", "verify", "--case", ids[1], "--dry-run")
        #expect(other["differing"].list.map(\.text) == [ids[1]])
        let report = try ward.window.run("resync", "verify")
        #expect(report["onlyHere"].list.map(\.text) == [ids[1]])
        #expect(report["isMended"].isTrue)
        #expect(try ward.changes(of: ids[1], at: ward.central) == 2)
        // The feed is whole again: it can be read from its start.
        try ward.window.run("resync", "pull")
        #expect(try ward.window.run("resync", "verify")["isEqual"].isTrue)
        #expect(try ward.central.run("case", "list")["cases"].list.count == 3)
    }

    @Test("With no way to central it says so, and nothing is lost")
    func noCentral() throws {
        let ward = try Ward()
        let ids = try filled(ward)
        ward.link.cut(.reset)
        let outcome = try ward.window.attempt(["resync", "verify"])
        #expect(outcome.status != 0)
        #expect(outcome.error.contains("Nothing is lost"))
        #expect(try ward.window.attempt(["resync", "verify", "--case", "nonsense"]).status != 0)
        ward.link.heal()
        #expect(try ward.window.run("resync", "verify", "--case", ids[0])["isEqual"].isTrue)
    }
}

extension Value {
    var isTrue: Bool { if case .bool(true) = self { true } else { false } }
}
