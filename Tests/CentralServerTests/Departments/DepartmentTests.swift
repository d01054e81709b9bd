import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Departments' results")
struct DepartmentTests {
    @Test("A task is ready when its prerequisites are done, and results come back to the window")
    func order() async throws {
        let world = try World()
        let (ward, caseID, _) = try await world.accepted()
        #expect(try await world.states(caseID)["birthCert"] == .ready)
        #expect(try await world.states(caseID)["hukou"] == .held)
        let seen = try await world.asOf("health", "birthCert", caseID)
        try await world.departmentDesk.take(
            try world.result("health", "birthCert", "r1", of: caseID, asOf: seen))
        #expect(try await world.states(caseID)["birthCert"] == .done)
        #expect(try await world.states(caseID)["hukou"] == .ready)
        #expect(try await world.states(caseID)["ssCard"] == .held)
        let content = try #require(try await world.feed(of: ward.hospital.id).last?.change?.content)
        #expect(content.author == Author(role: .department, unit: "health", user: "officer"))
        #expect(content.basis[GroupID(rawValue: 20)] == seen[GroupID(rawValue: 20)])
    }

    @Test(
        "A field that a department needs holds its task while it is in conflict, with the reason and without any answer"
    )
    func held() async throws {
        let world = try World()
        let (ward, caseID, _) = try await world.accepted()
        var other = Writer(2)
        try other.write(caseID, [20: (CBOR.name("王小强"), [])])
        try await ward.push(other.run())
        let task = try await world.departmentDesk.task(of: "health", on: caseID, "birthCert")
        #expect(task.record.state == .held && task.record.reason.contains("新生儿姓名"))
        #expect(task.task?.fields.isEmpty == true)
    }

    @Test("A result may come twice; the same ID with another answer is refused; within one batch, too")
    func twice() async throws {
        let world = try World()
        let (ward, caseID, _) = try await world.accepted()
        let result = try world.result("health", "birthCert", "r1", of: caseID)
        let other = try world.result("health", "birthCert", "r1", of: caseID, outcome: .failed)
        let first = try await world.departmentDesk.take(result)
        let count = try await world.feed(of: ward.hospital.id).count
        let again = try await world.departmentDesk.take(result)
        #expect(again == .repeated(try #require(world.change(first))) && first != again)
        #expect(try await world.feed(of: ward.hospital.id).count == count)
        await #expect(throws: CentralError.refused(.differentResult)) {
            try await world.departmentDesk.take(other)
        }
        let booklet = try world.result("cdc", "vaccCert", "v", of: caseID)
        let receipts = try await world.departmentDesk.take([booklet, booklet, result, other])
        let taken = try #require(world.change(receipts[0]))
        #expect(
            receipts == [.taken(taken), .repeated(taken), again, .refused(.differentResult)])
    }

    @Test(
        "Results that contradict each other, neither having seen the other, go to the merge desk; meanwhile nothing stands and what depends on it waits"
    )
    func contradiction() async throws {
        let world = try World()
        let (_, caseID, _) = try await world.accepted()
        let seen = try await world.asOf("health", "birthCert", caseID)
        for (id, outcome) in [("r1", Outcome.done), ("r2", .failed)] {
            try await world.departmentDesk.take(
                try world.result("health", "birthCert", id, of: caseID, asOf: seen, outcome: outcome))
        }
        let conflict = try #require(try await world.caches().conflicts.first)
        #expect(conflict.group.rawValue == 200)
        #expect(try await world.states(caseID)["birthCert"] == .held)
        #expect(try await world.states(caseID)["hukou"] == .held)
        let register = try #require(try await world.state(of: caseID).registers[conflict.group])
        try await world.mergeDesk.settle(
            MergeDesk.Settlement(
                caseID: caseID, group: conflict.group, seen: register.dots,
                choice: .standing(register.dots[0]), reason: "电话核实", user: "staff"))
        #expect(try await world.states(caseID)["birthCert"] == .done)
        #expect(try await world.states(caseID)["hukou"] == .ready)
    }

    @Test(
        "A result before its turn is written, set aside with the reason, and takes effect when a person takes it up"
    )
    func kept() async throws {
        let world = try World()
        let (ward, caseID, _) = try await world.accepted()
        let early = try world.result("police", "hukou", "early", of: caseID)
        guard case .kept(let change, let reasons) = try await world.departmentDesk.take(early) else {
            Issue.record("a result that is kept")
            return
        }
        #expect(reasons == ["等待“出具出生医学证明”办结。"])
        #expect(try await world.departmentDesk.take(early) == .repeated(change))
        #expect(try await world.states(caseID)["hukou"] == .held)
        // Its verdict goes before it to the windows.
        let entries = try await world.feed(of: ward.hospital.id).compactMap { try $0.change }
        #expect(entries.last?.id == change)
        #expect(entries.dropLast().last?.content?.asides.keys.first == change)
        let aside = try #require(try await world.deskQueue.page(DeskQueue.Query()).first)
        #expect(aside.entry.kind == .aside && aside.entry.subject == change.bytes)
        let verdicts = try #require(aside.state.asides[change])
        #expect(verdicts.reasons.allSatisfy { $0.hasPrefix("办理结果待核对：") })
        try await world.departmentDesk.take(try world.result("health", "birthCert", "b", of: caseID))
        #expect(try await world.states(caseID)["hukou"] == .ready)
        try await world.mergeDesk.give(
            MergeDesk.Verdict(
                caseID: caseID, target: change, isTakenUp: true, seen: verdicts.dots, reason: "已核实",
                user: "staff"))
        #expect(try await world.deskQueue.page(DeskQueue.Query()).isEmpty)
        #expect(try await world.states(caseID)["hukou"] == .done)
        #expect(try await world.states(caseID)["ssCard"] == .ready)
    }

    @Test("A department writes its own fields only, on items that are its own, of cases that were accepted")
    func ownership() async throws {
        let world = try World()
        let (ward, caseID, _) = try await world.accepted()
        let desk = world.departmentDesk
        await #expect(throws: CentralError.refused(.unknownTask)) {
            try await desk.take(try world.result("health", "hukou", "r2", of: caseID))
        }
        await #expect(throws: CentralError.refused(.notOwner([GroupID(rawValue: 20)]))) {
            try await desk.take(
                try world.result("police", "hukou", "r3", of: caseID, values: ["childName": .text("x")]))
        }
        await #expect(throws: CentralError.refused(.unseenDots)) {
            let dot = Dot(replica: ReplicaID(rawValue: 99), edition: 1)
            try await desk.take(
                try world.result(
                    "health", "birthCert", "r4", of: caseID, asOf: [GroupID(rawValue: 20): [dot]]))
        }
        let draft = world.newCase()
        var writer = Writer(7)
        try writer.write(draft, [1: ([.text("gx"), .unsigned(1)], []), 20: (CBOR.name("n"), [])])
        try await ward.push(writer.run())
        await #expect(throws: CentralError.refused(.wrongResult(["本件尚未受理，不能登记办理结果。"]))) {
            try await desk.take(try world.result("health", "birthCert", "r5", of: draft))
        }
        await #expect(throws: CentralError.refused(.unknownTask)) {
            try await desk.take(try world.result("health", "birthCert", "r6", of: world.newCase()))
        }
        await #expect(throws: CentralError.self) {
            try await desk.take(
                try world.result("health", "birthCert", String(repeating: "x", count: 129), of: caseID))
        }
        #expect(try await world.state(of: caseID).count == 1)
    }

    @Test(
        "What is sent back comes again when the window hands it in; what the police found out lands in the case"
    )
    func returned() async throws {
        let world = try World()
        let (ward, caseID, first) = try await world.accepted()
        var writer = first
        let desk = world.departmentDesk
        try await desk.take(try world.result("health", "birthCert", "b", of: caseID))
        try await desk.take(try world.result("police", "hukou", "back", of: caseID, outcome: .returned))
        #expect(try await world.states(caseID)["hukou"] == .returned)
        try writer.write(
            caseID, [9047: ([.text("hukou"), .text("back"), .text("2026-09-21"), .null], [])])
        try await ward.push(writer.run(2))
        #expect(try await world.states(caseID)["hukou"] == .ready)
        let seen = try await world.asOf("police", "hukou", caseID)
        try await desk.take(try world.result("police", "hukou", "r", of: caseID, asOf: seen))
        #expect(try await world.states(caseID)["hukou"] == .done)
        let answers = Answers(
            state: try await world.state(of: caseID), dictionary: world.books.casebook.dictionary)
        #expect(answers.text("childIdNo") == World.number)
        let card = try #require(try await desk.task(of: "hrss", on: caseID, "ssCard").task)
        #expect(card.fields.contains { $0.field.key == "childIdNo" && $0.text == World.number })
    }
}
