import Casework
import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

@Suite("Central goes back in time around moves and repairs")
struct RollbackTests {
    /// Three hospitals; a case goes from YF over CZ to LZ, edited everywhere, with central's verdict and another case besides.
    private struct Story {
        let town: Town
        let windows: [Town.Window]
        let id: CaseID
        /// Before everything, before the first move, between the moves, after them.
        var backups: [String] = []
        var held: Set<ContentID> = []
    }

    private func story(seed: UInt64 = 1) async throws -> Story {
        let town = try Town(seed: seed)
        var windows: [Town.Window] = []
        for code in ["YF", "CZ", "LZ"] { windows.append(try await town.hospital(code)) }
        try await town.settleAll()
        let empty = try town.backup()
        let id = try await windows[0].store.register()
        _ = try await windows[0].store.register("乙")
        try await town.settleAll()
        var story = Story(town: town, windows: windows, id: id, backups: [empty])
        for window in windows.dropFirst() {
            story.backups.append(try town.backup())
            try await town.caseDesk.edit(
                CaseDesk.Edit(caseID: id, answers: ["note": .text("中心 \(window.code)")], user: "desk"))
            try await town.move(id, to: window)
            try await town.settleAll()
            try await window.store.note(window.code, on: id)
            try await town.settleAll()
        }
        story.backups.append(try town.backup())
        story.held = try await town.heldAtCentral()
        return story
    }

    private static let orders = [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]]

    @Test(
        "To before, between and after the moves: everything comes back, and the case is the last hospital's, in whatever order they repair",
        arguments: 0...3, orders)
    func aroundMoves(point: Int, order: [Int]) async throws {
        let story = try await story()
        let (town, windows) = (story.town, story.windows)
        try town.restore(story.backups[point])
        // What was saved meanwhile, and where the last hospital goes on.
        let unsent = try await windows[0].store.register("丙")
        try await windows[2].store.note("恢复期间", on: story.id)
        for index in order { try await town.settle(windows[index]) }
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(story.held.subtracting(try await town.heldAtCentral()).isEmpty)
        #expect(try await town.openScopes()[story.id] == [windows[2].hospital])
        #expect(try await town.openScopes()[unsent] == [windows[0].hospital])
        for window in windows.dropLast() {
            #expect(try await window.store.departedCases(limit: 9).map(\.id) == [story.id])
        }
        let there = try await town.state(of: story.id)
        let asides = there.asides.values.filter(\.isAside)
        #expect(asides.isEmpty, "nobody's change is taken for a stranger's")
    }

    @Test(
        "The old hospital was offline since before the move, and comes last to a central that lost everything"
    )
    func oldOneComesLast() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        try await town.settleAll()
        let empty = try town.backup()
        let id = try await old.store.register()
        try await town.settleAll()
        try await old.store.note("未发", on: id)
        try await town.move(id, to: new)
        try await town.settle(new)
        try town.restore(empty)
        try await town.settle(new)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await town.openScopes()[id] == [new.hospital])
        #expect(try await town.state(of: id).asides.isEmpty, "its unsent change is no stranger's")
        #expect(try await new.store.state(of: id) == town.state(of: id))
        #expect(try await old.store.departedCases(limit: 9).map(\.id) == [id])
    }

    @Test(
        "What the old hospital saved after a restart, and had not sent, is no stranger's to a central that has the case from the new one"
    )
    func oldOneRestarted() async throws {
        let town = try Town()
        let (first, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        try await town.settleAll()
        let empty = try town.backup()
        let id = try await first.store.register()
        try await town.settleAll()
        let old = try town.restart(first)
        try await old.store.note("未发", on: id)
        try await town.move(id, to: new)
        try await town.settle(new)
        try await isNoStrangers(old, id, holder: new, town, after: empty)
    }

    @Test(
        "What a hospital between two moves, or the second computer of the first, saved and had not sent is no stranger's, either",
        arguments: [false, true], [false, true])
    func oldOneDidNotRegister(isSecondComputer: Bool, isSavedInRepair: Bool) async throws {
        let town = try Town()
        let (first, last) = (try await town.hospital("YF"), try await town.hospital("LZ"))
        let old = isSecondComputer ? try await town.secondWindow(of: first) : try await town.hospital("CZ")
        try await town.settleAll()
        let empty = try town.backup()
        let id = try await first.store.register()
        try await town.settleAll()
        if !isSecondComputer { try await town.move(id, to: old) }
        try await town.settleAll()
        if !isSavedInRepair { try await old.store.note("未发", on: id) }
        try await town.move(id, to: last)
        try await town.settle(last)
        try await isNoStrangers(old, id, holder: last, town, after: empty, isSavedInRepair: isSavedInRepair)
    }

    @Test(
        "The hospital that registered a case comes while the one that has it now is still bringing it back",
        arguments: 1...8)
    func registrarComesMeanwhile(exchanges: Int) async throws {
        let town = try Town()
        let (first, last) = (try await town.hospital("YF"), try await town.hospital("LZ"))
        try await town.settleAll()
        let empty = try town.backup()
        let id = try await first.store.register()
        try await first.store.note("一", on: id)
        try await town.settleAll()
        try await town.move(id, to: last)
        try await town.settle(last)
        try await last.store.note("未发", on: id)
        try town.restore(empty)
        for _ in 0..<exchanges { try await town.exchange(last, bytesMax: 1) }
        try await town.settle(first)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await town.state(of: id).asides.isEmpty, "nobody's change is taken for a stranger's")
        #expect(try await town.openScopes()[id] == [last.hospital])
        #expect(try await first.store.departedCases(limit: 9).map(\.id) == [id])
        #expect(try await first.store.cases(limit: 9).isEmpty)
    }

    /// Central loses everything, hears of the case from who has it now, and then from who had it before.
    private func isNoStrangers(
        _ old: Town.Window, _ id: CaseID, holder: Town.Window, _ town: Town, after backup: String,
        isSavedInRepair: Bool = false
    ) async throws {
        try town.restore(backup)
        try await town.settle(holder)
        if isSavedInRepair {
            // The first finds that central went back, the second hears how far it is; no sums are compared while something waits.
            _ = try await old.store.register("另")
            for _ in 0..<2 { try await town.exchange(old) }
            try await old.store.note("未发", on: id)
        }
        let unsent = try #require(try await old.store.wholeLog().last)
        try await town.settle(old, bytesMax: 1)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await town.state(of: id).asides.isEmpty, "its unsent change is no stranger's")
        #expect(try await holder.store.wholeLog().contains { $0.id == unsent.id })
        #expect(try await holder.store.state(of: id) == town.state(of: id))
        #expect(try await town.openScopes()[id] == [holder.hospital])
    }

    @Test("A move that nobody heard of is lost like any change that nobody has; it can be given again")
    func unheardMove() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let id = try await old.store.register()
        try await town.settleAll()
        let backup = try town.backup()
        try await town.move(id, to: new)
        try town.restore(backup)
        try await town.settleAll()
        #expect(try await town.openScopes()[id] == [old.hospital])
        try await town.move(id, to: new)
        try await town.settleAll()
        #expect(try await town.openScopes()[id] == [new.hospital])
        #expect(try await town.faults() == [])
    }

    @Test(
        "Moved elsewhere after a rollback that forgot the first move: the latest word holds, and a person is asked"
    )
    func movedTwiceUnseen() async throws {
        let town = try Town()
        let (old, new, other) = (
            try await town.hospital("YF"), try await town.hospital("CZ"), try await town.hospital("LZ")
        )
        let id = try await old.store.register()
        try await town.settleAll()
        let backup = try town.backup()
        try await town.move(id, to: new)
        try await town.settleAll()
        try town.restore(backup)
        town.pass(milliseconds: 60_000)
        try await town.move(id, to: other)
        try await town.settleAll()
        #expect(try await town.openScopes()[id] == [other.hospital])
        #expect(try await town.faults() == [])
        let hospital = try group("hospital")
        let waiting = try await town.central.read { transaction throws(CentralError) in
            try transaction.deskEntries(of: id)
        }
        #expect(waiting.map(\.group) == [hospital])
        let register = try #require(try await town.state(of: id).registers[hospital])
        let first = try #require(register.standing.first)
        try await town.mergeDesk.settle(
            MergeDesk.Settlement(
                caseID: id, group: hospital, seen: register.dots, choice: .standing(first.dot), reason: "核实",
                user: "desk"))
        try await town.settleAll()
        #expect(try await town.openScopes()[id] == [new.hospital])
        #expect(try await town.faults() == [])
    }

    @Test(
        "Central is restored again between two exchanges of a repair, and grows beyond what the repair saw: nothing is lost",
        arguments: 1...7)
    func twiceInARepair(step: Int) async throws {
        let town = try Town()
        let (one, other) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let second = try await town.secondWindow(of: one)
        let first = try await one.store.register()
        try await town.settleAll()
        let backup = try town.backup()
        for name in ["乙", "丙", "丁"] {
            let id = try await one.store.register(name)
            try await town.settleAll()
            try await town.caseDesk.edit(
                CaseDesk.Edit(caseID: id, answers: ["note": .text("中心")], user: "desk"))
        }
        try await town.move(first, to: other)
        try await town.settleAll()
        let held = try await town.heldAtCentral()
        try town.restore(backup)
        for _ in 0..<step { try await town.exchange(one, bytesMax: 300) }
        try town.restore(backup)
        for number in 0..<12 { _ = try await second.store.register("新\(number)") }
        town.retire(other)
        try await town.settle(second)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(held.subtracting(try await town.heldAtCentral()).isEmpty)
    }

    @Test("The only copy of a dead computer's change is another computer's: it comes back with its receipt")
    func authorNeverReturns() async throws {
        let town = try Town()
        let dead = try await town.hospital("YF")
        let other = try await town.secondWindow(of: dead)
        try await town.settleAll()
        let backup = try town.backup()
        let id = try await dead.store.register()
        try await dead.store.note("遗", on: id)
        try await town.settleAll()
        let held = try await town.heldAtCentral()
        town.retire(dead)
        try town.restore(backup)
        try await town.settleAll()
        #expect(try await town.heldAtCentral() == held)
        #expect(try await town.faults() == [])
        #expect(try await town.openScopes()[id] == [other.hospital])
    }

    @Test(
        "A department's result that a computer forged is not taken in a repair: it waits for a person, and is never in effect"
    )
    func forgedResult() async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        let id = try await window.store.register()
        try await town.settleAll()
        let backup = try town.backup()
        try await window.store.note("甲", on: id)
        try await town.settleAll()
        let result = try #require(FieldDictionary.standard.groups.first { $0.name.contains("Result") })
        let forged = try Change(
            replica: ReplicaID(rawValue: 0xF0), sequence: 1, caseID: id, edition: 1,
            content: ChangeContent(
                writes: [result.id: .init(value: result.members.map { _ in .null }, replaces: [])],
                time: HybridTime(milliseconds: 1_790_000_000_000),
                author: Author(role: .department, unit: "police", user: "x")))
        let receipt = try #require(Receipt(bytes: [UInt8](repeating: 5, count: 16)))
        try await window.store.plant(forged, receipt)
        try town.restore(backup)
        try await town.settle(window)
        #expect(try await town.mergeDesk.strays(countMax: 9).waiting.map(\.id) == [forged.id])
        #expect(try await !town.heldAtCentral().contains(forged.id))
        #expect(try await town.state(of: id).registers[result.id] == nil)
        let figures = try await window.store.figures()
        #expect(figures.sync.repair == nil && figures.refusals == 1 && figures.outbox == 0)
    }

    @Test("What was published comes back with the record of each hospital that had it")
    func publications() async throws {
        let town = try Town()
        _ = try await town.hospital("YF")
        try await town.settleAll()
        let backup = try town.backup()
        let year = try #require(WorkCalendar.standard.years.values.first)
        _ = try await town.recordDesk.publish(year, to: .all, by: "desk")
        try await town.settleAll()
        try town.restore(backup)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await town.recordDesk.record(of: "YF").calendars.count == 1)
    }
}
