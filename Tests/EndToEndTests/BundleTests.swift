import Foundation
import Programs
import Testing

/// Hospitals whose network is gone, and one stick that a person carries.
@Suite("Sticks between the real programs", .timeLimit(.minutes(10)), .onThreads)
struct BundleTests {
    /// Central and windows that were enrolled once and have had no network since.
    private final class County {
        let stage: Stage
        let central: Tool
        var windows: [String: Tool] = [:]
        var daemon: Daemon?

        init(_ codes: [String]) throws {
            stage = try Stage("birthwindow-sticks")
            central = Tool("birthcentral", data: stage.directory.appending(path: "central"), stage: stage)
            let daemon = try central.serve()
            for code in codes {
                let window = Tool("birthwindow", data: stage.directory.appending(path: code), stage: stage)
                let added = try central.run(
                    "hospital", "add", code, "--name", "医院\(code)", "--policy", "gx-yongfu")
                try window.run(
                    "enroll", "--central", "http://127.0.0.1:\(daemon.port)", "--token", added["token"].text)
                windows[code] = window
            }
            #expect(daemon.stop(), "from here on there is no network")
        }

        deinit { stage.clear() }

        func window(_ code: String) throws -> Tool { try #require(windows[code]) }

        func stick(_ name: String = "stick") throws -> URL {
            let stick = stage.directory.appending(path: name)
            try FileManager.default.createDirectory(at: stick, withIntermediateDirectories: true)
            return stick
        }

        func register(_ code: String) throws -> String {
            try window(code).run("case", "new", "--policy", "gx-yongfu", "--file", Ward.birth.path)["cases"]
                .list[0]["id"].text
        }

        /// The stick goes to central and comes back to every window.
        func tour(_ stick: URL) throws {
            for window in windows.values { try window.run("bundle", "export", stick.path) }
            try central.run("bundle", "import", stick.path)
            try central.run("bundle", "export", "--all", stick.path)
            for window in windows.values { try window.run("bundle", "import", stick.path) }
        }
    }

    @Test("Three hospitals on one stick: each gets its own, and nothing of anybody can be read on it")
    func threeHospitals() throws {
        let county = try County(["YA", "YB", "YC"])
        let stick = try county.stick()
        var cases: [String: String] = [:]
        for code in county.windows.keys { cases[code] = try county.register(code) }
        for window in county.windows.values {
            let line = try window.run("bundle", "export", stick.path)["bundles"].list[0]
            #expect(FileManager.default.fileExists(atPath: line["file"].text))
            #expect(try window.run("bundle", "list")["bundles"].list[0]["isConfirmed"].text == "false")
        }
        let dry = try county.central.run("bundle", "import", stick.path, "--dry-run")
        #expect(dry["bundles"].list.count == 3 && dry["bundles"].list.allSatisfy { $0["changes"].number > 0 })
        #expect(try county.central.run("case", "list")["cases"].list.isEmpty)
        #expect(try county.central.run("bundle", "import", stick.path)["bundles"].list.count == 3)
        #expect(try county.central.run("case", "list")["cases"].list.count == 3)
        let out = try county.central.run("bundle", "export", "--all", stick.path)["bundles"].list
        #expect(out.count { !$0["file"].text.isEmpty } == 3)
        for (code, window) in county.windows {
            let outcome = try window.run("bundle", "import", stick.path)
            #expect(outcome["bundles"].list.count == 1 && outcome["skipped"].number == 5, "\(code)")
            #expect(try window.run("status")["outbox"].text == "0")
            #expect(try window.run("bundle", "list")["bundles"].list[0]["isConfirmed"].text == "true")
            #expect(try window.run("case", "list")["cases"].list.count == 1)
            let again = try window.run("bundle", "import", stick.path)
            #expect(again["bundles"].list[0]["received"].text != "1", "\(code)")
        }
        try expectNothingReadable(on: stick)
    }

    /// Names, numbers and words of the registered birth.
    private func expectNothingReadable(on stick: URL) throws {
        let birth = try Value(parsing: try Data(contentsOf: Ward.birth))
        let words =
            ["childName", "motherName", "motherIdNo", "motherPhone"].compactMap {
                birth[$0].text.isEmpty ? nil : birth[$0].text
            } + ["childName", "医院YA", "clerk"]
        #expect(words.count > 4)
        let files = try FileManager.default.subpathsOfDirectory(atPath: stick.path)
        #expect(files.count { $0.hasSuffix(".bundle") } == 6 && !files.contains { $0.hasSuffix(".part") })
        for file in files where file.hasSuffix(".bundle") {
            let bytes = try Data(contentsOf: stick.appending(path: file))
            for word in words { #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)") }
        }
    }

    @Test("A case lives wholly by sticks: registered, answered by the departments, and the window shows it")
    func wholeLife() throws {
        let county = try County(["YA"])
        let window = try county.window("YA")
        let departments = ["health", "cdc", "police", "hrss", "medins", "tax"]
        var tokens: [String: String] = [:]
        for code in departments {
            tokens[code] = try county.central.run("department", "add", code, "--name", code)["token"].text
        }
        let id = try county.register("YA")
        for step in [["submit"], ["accept"], ["issue"]] {
            try window.run(["case", step[0], id] + (step[0] == "issue" ? ["--number", "Z459990001"] : []))
        }
        let stick = try county.stick()
        try county.tour(stick)
        var count = 0
        for (department, token) in tokens {
            for task in try county.central.run("task", "list", department, "--token", token)["tasks"].list
            where task["state"].text == "ready" {
                try county.central.run(
                    [
                        "task", "result", department, id, task["item"].text, "--id",
                        "R-\(task["item"].text)", "--outcome", "done", "--date", "2026-06-01", "--token",
                        token,
                    ] + county.central.childNumber(task["item"].text, of: id))
                count += 1
            }
        }
        #expect(count > 0)
        #expect(try !hasResult(window, id))
        try county.tour(stick)
        #expect(try hasResult(window, id))
        #expect(try window.run("status")["outbox"].text == "0")
    }

    private func hasResult(_ window: Tool, _ id: String) throws -> Bool {
        let shown = try window.attempt(["case", "show", id, "--json"])
        return shown.text.contains("2026-06-01")
    }

    @Test(
        "Through running daemons, half by the network: a conflict of stick and network is one conflict at both ends"
    )
    func mixed() throws {
        let ward = try Ward()
        let stick = ward.stage.directory.appending(path: "stick")
        try FileManager.default.createDirectory(at: stick, withIntermediateDirectories: true)
        let id = try ward.register()
        try ward.window.run("sync")
        ward.awaitQuiet()
        ward.link.cut(.hold)
        try ward.window.run("case", "set", id, "childName=王甲")
        try ward.window.run("bundle", "export", stick.path)
        try ward.central.run("case", "set", id, "childName=王乙")
        try ward.central.run("bundle", "import", stick.path)
        #expect(try ward.central.run("desk", "list")["entries"].list.count == 1)
        ward.link.heal()
        try ward.window.run("sync")
        #expect(try ward.window.run("status")["conflicts"].text == "1")
        try ward.central.run("bundle", "export", "YF", stick.path)
        let outcome = try ward.window.run("bundle", "import", stick.path)
        #expect(outcome["failures"].list.isEmpty)
        #expect(try ward.window.run("status")["conflicts"].text == "1")
        #expect(try ward.changes(of: id, at: ward.window) == ward.changes(of: id, at: ward.central))
    }

    @Test("A damaged stick, another central's, and an empty one are refused with sysexits and a sentence")
    func refusals() throws {
        let (county, other) = (try County(["YA"]), try County(["YZ"]))
        _ = try county.register("YA")
        let stick = try county.stick()
        let file = try county.window("YA").run("bundle", "export", stick.path)["bundles"].list[0]["file"].text
        let foreign = try other.central.attempt(["bundle", "import", file])
        #expect(foreign.status == 65 && foreign.error.contains("for another receiver"), "\(foreign.error)")
        let skipped = try other.central.attempt(["bundle", "import", stick.path])
        #expect(skipped.status == 0 && skipped.text.contains("1 for others"), "\(skipped.text)")
        var bytes = try Data(contentsOf: URL(filePath: file))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: file))
        let damaged = try county.central.attempt(["bundle", "import", stick.path])
        #expect(damaged.status == 65 && damaged.error.contains("changed or cut"), "\(damaged.error)")
        let absent = try county.central.attempt(["bundle", "import", stick.path + "-gone"])
        #expect(absent.status == 66 && absent.error.contains("plug the stick in"))
        let unknown = try county.central.attempt(["bundle", "export", "NOBODY", stick.path])
        #expect(unknown.status == 66)
        #expect(try county.central.attempt(["bundle", "export", stick.path]).status == 64)
    }
}
