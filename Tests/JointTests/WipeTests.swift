import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

@Suite("Wiping a case that left")
struct WipeTests {
    /// A case that left YF for CZ, between two others of YF, all of one replica.
    private func moved() async throws -> (Town, old: Town.Window, new: Town.Window, id: CaseID) {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        _ = try await old.store.register("乙")
        let id = try await old.store.register()
        let kept = try await old.store.register("丙")
        try await old.store.note("前", on: id)
        try await old.store.note("前", on: kept)
        try await town.settleAll()
        try await town.move(id, to: new)
        return (town, old, new, id)
    }

    @Test(
        "Refused for a case that is here, and while anything is unsent; a dry run only counts; then nothing of it is left but names"
    )
    func wipes() async throws {
        let (town, old, _, id) = try await moved()
        await #expect(throws: StoreError.notWiped(.notDeparted)) { try await old.store.wipe(departed: id) }
        try await old.store.note("未发", on: id)
        try await town.exchange(old, bytesMax: 1)
        try await town.settleAll()
        _ = try await old.store.register("丁")
        await #expect(throws: StoreError.notWiped(.unsent(1))) { try await old.store.wipe(departed: id) }
        try await town.settleAll()
        let count = try await old.store.wipe(departed: id, isDryRun: true)
        #expect(try await old.store.wholeLog().count { $0.caseID == id } == count)
        #expect(try await old.store.wipe(departed: id) == count)
        #expect(try await old.store.wholeLog().count { $0.caseID == id } == 0)
        #expect(try await old.store.departedCases(limit: 9).isEmpty)
        await #expect(throws: StoreError.unknownCase(id)) { try await old.store.state(of: id) }
        await #expect(throws: StoreError.unknownCase(id)) { try await old.store.wipe(departed: id) }
        try await town.settleAll()
        #expect(try await town.faults() == [])
        _ = try await old.store.register("戊")
        try await town.settleAll()
        #expect(try await town.faults() == [])
    }

    @Test(
        "The feed read anew does not bring it back, and sums agree; when the case returns, its content does")
    func returns() async throws {
        let (town, old, new, id) = try await moved()
        try await town.settleAll()
        _ = try await old.store.wipe(departed: id)
        try await town.settleAll()
        try await old.store.orderRepair(.pull)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await old.store.wholeLog().count { $0.caseID == id } == 0)
        try await new.store.note("新", on: id)
        try await town.settleAll()
        try await town.move(id, to: old)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await old.store.state(of: id) == town.state(of: id))
        #expect(try await old.store.cases(limit: 9).map(\.id).contains(id))
        try await old.store.note("回", on: id)
        try await town.settleAll()
        #expect(try await town.faults() == [])
    }

    @Test(
        "After a wipe central loses everything: the other changes of the sealed replica come back with their receipts"
    )
    func rollback() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        try await town.settleAll()
        let empty = try town.backup()
        let before = try await old.store.register("乙")
        let id = try await old.store.register()
        try await old.store.note("后", on: before)
        try await town.settleAll()
        try await town.move(id, to: new)
        try await town.settleAll()
        _ = try await old.store.wipe(departed: id)
        try await town.settleAll()
        let held = try await town.heldAtCentral()
        try town.restore(empty)
        try await town.settleAll()
        #expect(held.subtracting(try await town.heldAtCentral()).isEmpty)
        #expect(try await town.faults() == [])
        #expect(try await town.openScopes()[id] == [new.hospital])
    }
}
