import Foundation
import Programs
import Testing

/// What central says of windows, and what goes from them because of it, with the real programs.
@Suite("Settings by command", .timeLimit(.minutes(4)), .onThreads)
struct SettingsTests {
    private func line(_ name: String, _ json: Value) -> [String] {
        [json[name]["value"].text, json[name]["from"].text]
    }

    @Test(
        "For all, for one and at the window: each says whose holds; a wrong word is refused with what is taken"
    )
    func sources() throws {
        let ward = try Ward()
        try ward.central.run(
            "hospital", "settings", "--all", "--metered", "yes", "--budget", "5MB", "--reason", "流量卡")
        let shown = try ward.central.run("hospital", "settings", "YF", "--metered", "no", "--reason", "光纤")
        #expect(line("metered", shown["settings"]) == ["no", "hospital"])
        #expect(line("budget", shown["settings"]) == ["5MB", "all"])
        #expect(
            try ward.central.attempt(["hospital", "settings", "YF"]).text.contains(
                "metered         no  (hospital)"))
        try ward.window.run("sync")
        #expect(try line("metered", ward.window.run("link", "show")) == ["no", "hospital"])
        #expect(try line("budget", ward.window.run("link", "show")) == ["5MB", "all"])
        #expect(try ward.window.run("status")["link"]["bytesPerDayMax"].number == 5_000_000)
        try ward.window.run("link", "set", "--budget", "none", "--wipe-departed", "7")
        #expect(try line("budget", ward.window.run("link", "show")) == ["none", "here"])
        #expect(
            try ward.window.attempt(["status"]).text.contains(
                "wiped after 7 days, once in a verified backup (set here)"))
        for words in [
            ["hospital", "settings", "YF", "--metered", "maybe", "--reason", "r"],
            ["hospital", "settings", "YF", "--metered", "yes"], ["hospital", "settings", "XX"],
        ] { #expect(try ward.central.attempt(words).status != 0) }
        #expect(
            try ward.central.attempt(["hospital", "settings", "YF", "--schedule", "4", "--reason", "r"]).error
                .contains("schedule takes MINUTES|none|auto"))
    }

    @Test(
        "By setting, pictures and a case that left go from the window once central has them in a verified backup"
    )
    func keeping() throws {
        let ward = try Ward()
        let other = Tool(
            "birthwindow", data: ward.stage.directory.appending(path: "other"), stage: ward.stage)
        let added = try ward.central.run("hospital", "add", "CZ", "--name", "全州县医院", "--policy", "gx-yongfu")
        try other.run(
            "enroll", "--central", "http://127.0.0.1:\(ward.centralDaemon.port)", "--token",
            added["token"].text)
        let id = try ward.register()
        let picture = ward.stage.directory.appending(path: "page.png")
        try Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 7, count: 5000)).write(
            to: picture)
        try ward.window.run("material", "add", id, "YF-M02a", picture.path, "--page", "1")
        try #require(
            eventually {
                (try? ward.window.run("sync")) != nil
                    && (try? ward.window.run("status"))?["attachments"]["waiting"].number == 0
            })
        try ward.central.run("case", "move", id, "--to", "CZ", "--reason", "户籍在全州")
        try ward.window.run("sync")
        let first = try ward.window.run("material", "tidy", "--dry-run")
        #expect(first["files"].number == 0 && first["unsure"].number == 1)
        let backups = ward.stage.directory.appending(path: "backups")
        try FileManager.default.createDirectory(at: backups, withIntermediateDirectories: true)
        try ward.central.run("backup", backups.path)
        try ward.window.run("material", "tidy", "--dry-run")
        try ward.window.run("sync")
        let second = try ward.window.run("material", "tidy", "--dry-run")
        #expect(second["files"].number == 1 && second["bytes"].number == 5008 && second["unsure"].number == 0)
        try ward.central.run("hospital", "settings", "--all", "--wipe-departed", "0", "--reason", "不留存")
        try ward.window.run("sync")
        #expect(try ward.window.run("status")["keeping"]["departed"].number == 1)
        // It looks at its start, and then every hour.
        let agent = try #require(ward.agent)
        _ = agent.stop()
        ward.agent = try ward.window.serve("--idle-seconds", "86400")
        #expect(
            eventually { (try? ward.window.run("status"))?["keeping"]["wipedCases"].number == 1 })
        #expect(try ward.window.run("status")["keeping"]["departed"].number == 0)
        #expect(try ward.window.attempt(["case", "show", id]).status != 0)
        #expect(try ward.window.run("material", "tidy")["files"].number == 0)
        #expect(try ward.window.attempt(["resync", "verify"]).text.hasPrefix("equal"))
    }
}
