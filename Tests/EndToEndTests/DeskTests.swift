import Foundation
import Programs
import Testing

@Suite("The merge desk, from the command line of both ends", .timeLimit(.minutes(10)), .onThreads)
struct DeskTests {
    @Test("A conflict is listed, assigned, settled, told to the window, undone, and settled again")
    func day() throws {
        let ward = try Ward()
        let id = try ward.register()
        try ward.window.run("sync")
        ward.awaitQuiet()
        ward.link.cut(.hold)
        try ward.window.run("case", "set", id, "childName=王甲")
        try ward.central.run("case", "set", id, "childName=王乙")
        ward.link.heal()
        try ward.window.run("sync")
        let entry = try #require(
            try ward.central.run("desk", "list", "--kind", "conflict")["entries"].list.first)
        #expect(entry["caseID"].text == id && entry["values"].list.count == 2)
        #expect(entry["base"].list.count == 1)
        try ward.central.run("desk", "assign", id, "--to", "li")
        #expect(try ward.central.run("desk", "counts")["assignees"]["li"].number == 1)
        let dry = try ward.central.run(
            "desk", "settle", "--all", "--choice", "central", "--reason", "原件", "--dry-run")
        #expect(dry["outcomes"].list.first?["outcome"].text == "would-settle")
        let settled = try ward.central.run(
            "desk", "settle", "--all", "--choice", "central", "--reason", "原件", "--user", "li")
        #expect(settled["outcomes"].list.first?["outcome"].text == "settled")
        try ward.window.run("sync")
        let loss = try #require(try ward.window.run("losses")["losses"].list.first)
        #expect(loss["lost"]["value"]["childName"].text == "王甲")
        #expect(loss["decision"]["user"].text == "li" && loss["decision"]["reason"].text == "原件")
        #expect(try ward.window.run("status")["losses"].number == 1)
        try ward.window.run("losses", "seen", id)
        #expect(try ward.window.run("losses")["losses"].list.isEmpty)
        let undone = try ward.central.run("desk", "undo", id, "childName", "--reason", "看错")
        #expect(undone["outcomes"].list.first?["values"].list.count == 2)
        #expect(try ward.central.run("desk", "show", id)["entries"].list.count == 1)
        try ward.central.run("desk", "settle", id, "childName", "--choice", "later", "--reason", "原件")
        #expect(try ward.central.run("desk", "list")["entries"].list.isEmpty)
        try ward.window.run("sync")
        #expect(try ward.changes(of: id, at: ward.window) == ward.changes(of: id, at: ward.central))
        let history = try ward.window.run("case", "history", id)["history"].list
        #expect(try history == ward.central.run("case", "history", id)["history"].list)
        #expect(history.count >= 8)
    }
}
