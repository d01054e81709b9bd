import Foundation
import Programs
import Testing

/// A case that moves between two hospitals, with the real programs.
@Suite("A case moves", .timeLimit(.minutes(4)), .onThreads)
struct MoveTests {
    @Test(
        "Moved by command while both windows edit: nothing is lost, both are told, and the old copy is wiped at last"
    )
    func move() throws {
        let ward = try Ward()
        let other = Tool(
            "birthwindow", data: ward.stage.directory.appending(path: "other"), stage: ward.stage)
        let added = try ward.central.run("hospital", "add", "CZ", "--name", "全州县医院", "--policy", "gx-yongfu")
        let agent = try other.serve("--idle-seconds", "86400")
        defer { _ = agent.stop() }
        try other.run(
            "enroll", "--central", "http://127.0.0.1:\(ward.centralDaemon.port)", "--token",
            added["token"].text)
        let id = try ward.register()
        try ward.window.run("sync")
        ward.link.cut(.hold)
        try ward.window.run("case", "set", id, "note=转出前未发")
        let plan = try ward.central.run("case", "move", id, "--to", "CZ", "--reason", "户籍在全州", "--dry-run")
        #expect(plan["from"].list.map(\.text) == ["YF"])
        #expect(try ward.central.run("case", "show", id)["hospitals"].list.map(\.text) == ["YF"])
        try ward.central.run("case", "move", id, "--to", "CZ", "--reason", "户籍在全州")
        let again = try ward.central.attempt(["case", "move", id, "--to", "CZ", "--reason", "再次"])
        #expect(again.status != 0 && again.error.contains("already"))
        try other.run("sync")
        #expect(try other.run("case", "list")["cases"].list.map { $0["id"].text } == [id])
        try other.run("case", "set", id, "note=新院")
        ward.link.heal()
        _ = eventually {
            (try? ward.window.run("sync")) != nil
                && (try? ward.window.run("outbox"))?["outbox"].list.isEmpty == true
        }
        try other.run("sync")
        #expect(try ward.window.run("case", "list")["cases"].list.isEmpty)
        #expect(try ward.window.run("case", "list", "--departed")["cases"].list.map { $0["id"].text } == [id])
        let shown = try ward.window.attempt(["case", "show", id]).text
        #expect(shown.contains("该办件已转出本院，现由编码为 CZ 的医院办理，本院不能再修改。"))
        let refused = try ward.window.attempt(["case", "set", id, "note=x"])
        #expect(refused.status != 0 && refused.error.contains("该办件已转出本院"))
        #expect(try ward.changes(of: id, at: other) == ward.changes(of: id, at: ward.central))
        #expect(try ward.changes(of: id, at: other) == 4)
        for tool in [ward.window, other] {
            #expect(try tool.attempt(["resync", "verify"]).text.hasPrefix("equal"))
        }
        #expect(try ward.window.attempt(["case", "wipe", id, "--dry-run"]).text.contains("would wipe"))
        #expect(try ward.window.attempt(["case", "wipe", id]).status == 0)
        #expect(try ward.window.attempt(["case", "show", id]).status != 0)
        #expect(try other.attempt(["case", "wipe", id]).status != 0)
        try ward.central.run("case", "move", id, "--to", "YF", "--reason", "转回")
        try ward.window.run("sync")
        #expect(try ward.changes(of: id, at: ward.window) == 5)
    }
}
