import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("The merge desk and staff edits")
struct DeskTests {
    private let name = GroupID(rawValue: 20)

    /// A case whose child has two names.
    private func conflict(_ world: World) async throws -> (ward: Ward, caseID: CaseID, dots: [Dot]) {
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var (one, other) = (Writer(1), Writer(2))
        let dots = [
            try one.write(caseID, [20: (CBOR.name("a"), [])]).dot,
            try other.write(caseID, [20: (CBOR.name("b"), [])]).dot,
        ]
        try await ward.push(one.run(), other.run())
        return (ward, caseID, dots)
    }

    private func settlement(_ caseID: CaseID, seen: [Dot], _ choice: DeskChoice)
        -> MergeDesk.Settlement
    {
        MergeDesk.Settlement(
            caseID: caseID, group: name, seen: seen, choice: choice, reason: "by paper", user: "s")
    }

    @Test("A conflict is listed with its values; settling replaces them all and travels to the window")
    func settles() async throws {
        let world = try World()
        let (ward, caseID, dots) = try await conflict(world)
        let listed = try await world.deskQueue.page(DeskQueue.Query())
        #expect(
            listed.map(\.entry.caseID) == [caseID]
                && listed[0].state.registers[name]?.standing.map(\.dot) == dots)
        #expect(listed.map(\.hospital) == ["H1"])
        let settled = try await world.mergeDesk.settle(settlement(caseID, seen: dots, .standing(dots[1])))
        let change = try #require(settled.changes.first)
        #expect(try await world.deskQueue.page(DeskQueue.Query()).isEmpty)
        #expect(
            try await world.state(of: caseID).reading(of: name, by: world.books.casebook.rules).value
                == CBOR.name("b"))
        #expect(try await world.feed(of: ward.hospital.id).last?.id == change.id)
    }

    @Test("Settling what has changed since is refused, with what stands now; nothing is written")
    func stale() async throws {
        let world = try World()
        let (ward, caseID, dots) = try await conflict(world)
        var third = Writer(3)
        let late = try third.write(caseID, [20: (CBOR.name("c"), [])])
        try await ward.push(third.run())
        let count = try await world.feed(of: ward.hospital.id).count
        let refusal = CentralError.refused(.stale(name, live: (dots + [late.dot]).sorted()))
        await #expect(throws: refusal) {
            try await world.mergeDesk.settle(settlement(caseID, seen: dots, .standing(dots[0])))
        }
        #expect(try await world.feed(of: ward.hospital.id).count == count)
    }

    @Test("Without a conflict there is nothing to settle, and a value must have its group's shape")
    func refused() async throws {
        let world = try World()
        let (_, caseID, dots) = try await conflict(world)
        await #expect(throws: CentralError.refused(.malformedValue(name))) {
            try await world.mergeDesk.settle(settlement(caseID, seen: dots, .value([])))
        }
        let settled = try await world.mergeDesk.settle(
            settlement(caseID, seen: dots, .value(CBOR.name("c"))))
        let change = try #require(settled.changes.first)
        await #expect(throws: CentralError.refused(.noConflict(name))) {
            try await world.mergeDesk.settle(settlement(caseID, seen: [change.dot], .standing(change.dot)))
        }
    }

    @Test("A settlement that is set aside is without effect; taking it up again settles anew")
    func undo() async throws {
        let world = try World()
        let (_, caseID, dots) = try await conflict(world)
        let settled = try await world.mergeDesk.settle(settlement(caseID, seen: dots, .standing(dots[0])))
        let change = try #require(settled.changes.first)
        func verdict(_ isTakenUp: Bool, _ seen: [Dot]) -> MergeDesk.Verdict {
            MergeDesk.Verdict(
                caseID: caseID, target: change.id, isTakenUp: isTakenUp, seen: seen, reason: "wrong child",
                user: "s")
        }
        let undone = try await world.mergeDesk.give(verdict(false, []))
        #expect(try await world.state(of: caseID).registers[name]?.dots == dots)
        #expect(try await world.caches().asides.map(\.id) == [change.id])
        await #expect(throws: CentralError.refused(.staleVerdict(change.id))) {
            try await world.mergeDesk.give(verdict(true, []))
        }
        try await world.mergeDesk.give(verdict(true, [undone.dot]))
        #expect(try await world.state(of: caseID).registers[name]?.dots == [change.dot])
        #expect(try await world.caches().asides.isEmpty)
    }

    @Test("A window's change cannot be undone from the desk")
    func windowsChange() async throws {
        let world = try World()
        let (ward, caseID, _) = try await conflict(world)
        let id = try #require(try await world.feed(of: ward.hospital.id).last?.id)
        await #expect(throws: CentralError.refused(.unknownChange)) {
            try await world.mergeDesk.give(
                MergeDesk.Verdict(
                    caseID: caseID, target: id, isTakenUp: false, seen: [], reason: "r", user: "s"))
        }
    }

    @Test("Staff edit what they may, replacing what they saw; the owner's fields and unseen dots are refused")
    func edits() async throws {
        let world = try World()
        let (_, caseID, dots) = try await conflict(world)
        func edit(_ group: UInt32, _ answers: [String: CBOR], _ seen: [Dot]) -> CaseDesk.Edit {
            CaseDesk.Edit(
                caseID: caseID, answers: answers, seen: [GroupID(rawValue: group): seen], reason: nil,
                user: "s")
        }
        let change = try #require(
            try await world.caseDesk.edit(edit(20, ["childName": .text("z")], [dots[0]])))
        #expect(try await world.state(of: caseID).registers[name]?.dots == [dots[1], change.dot].sorted())
        let birthDate = EditError.ownedByOther(key: "birthDate", label: "出生日期", owner: .window)
        await #expect(throws: CentralError.refused(.notEditable(birthDate))) {
            try await world.caseDesk.edit(edit(22, ["birthDate": .text("2026-01-01")], []))
        }
        await #expect(throws: CentralError.refused(.unseenDots)) {
            let unseen = Dot(replica: ReplicaID(rawValue: 9), edition: 9)
            try await world.caseDesk.edit(edit(20, ["childName": .text("z")], [unseen]))
        }
        await #expect(throws: CentralError.refused(.unknownCase)) {
            try await world.caseDesk.view(world.newCase())
        }
    }

    @Test("Rebuilding the caches gives identical rows, and every opening is another replica of central's")
    func rebuild() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/central.sqlite"
        let world = try World(seed: 1, path: path)
        let (ward, caseID, dots) = try await conflict(world)
        var writer = Writer(9)
        for index in 0..<20 {
            try writer.write(
                world.newCase(), [20: (CBOR.name("n"), []), index % 2 == 0 ? 202 : 21: ([.text("1")], [])])
        }
        try await ward.push(writer.run())
        let settled = try await world.mergeDesk.settle(settlement(caseID, seen: dots, .standing(dots[0])))
        let first = try #require(settled.changes.first)
        let reopened = try World(seed: 2, path: path)
        let edit = CaseDesk.Edit(
            caseID: caseID, answers: ["childName": .text("y")], seen: [name: [first.dot]], user: "s")
        let second = try #require(try await reopened.caseDesk.edit(edit))
        #expect(first.replica != second.replica)
        let caches = try await reopened.caches()
        #expect(caches.asides.count == 10 && caches.summaries.count == 22)
        #expect(try await Rebuild(store: reopened.store, books: reopened.books).run() == 22)
        #expect(try await reopened.caches() == caches)
    }
}
