import Casework
import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

@Suite("What is for all hospitals, in central's own record")
struct CentralRecordTests {
    private func calendar(_ name: String) throws -> CalendarYear {
        let newYear = try #require(CalendarDate("2027-01-01"))
        return try CalendarYear(year: 2027, holidays: [newYear: name], workdays: [:], source: "s")
    }

    private func publish(_ name: String, to addressees: RecordDesk.Addressees = .all, at town: Town)
        async throws
    {
        town.pass(milliseconds: 1000)
        _ = try await town.recordDesk.publish(calendar(name), to: addressees, by: "staff")
    }

    private func set(_ words: [String: String], for code: String? = nil, at town: Town) async throws {
        town.pass(milliseconds: 1000)
        try await town.settingsDesk.set(
            SettingsDesk.Order(words: words, code: code, reason: "r", user: "staff"))
    }

    @Test("Windows go by both records, whichever came last; no list shows central's, and nobody writes to it")
    func twoRecords() async throws {
        let town = try Town()
        let (first, second) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let id = try await first.store.register()
        try await publish("a", at: town)
        try await publish("b", to: .hospitals(codes: ["YF"]), at: town)
        try await set(["metered": "yes", "low-stock": "7"], at: town)
        try await set(["metered": "no"], for: "YF", at: town)
        try await town.settleAll()
        #expect(try await first.store.rules().calendarYears == [calendar("b")])
        #expect(try await second.store.rules().calendarYears == [calendar("a")])
        #expect(try await !first.store.linkRules().isMetered)
        #expect(try await second.store.linkRules().isMetered)
        #expect(try await first.store.settingSources().line(.metered) == ("no", .hospital))
        #expect(try await first.store.settingSources().merged.lowStockCount == 7)
        try await publish("c", at: town)
        try await town.settleAll()
        for window in [first, second] {
            #expect(try await window.store.rules().calendarYears == [calendar("c")])
            #expect(try await window.store.state(of: .centralRecord).count == 3)
            await #expect(throws: StoreError.unknownCase(.centralRecord)) {
                try await window.store.note("x", on: .centralRecord)
            }
        }
        #expect(try await first.store.cases(limit: 9).map(\.id) == [id])
        #expect(try await second.store.cases(limit: 9).isEmpty)
        #expect(try await first.store.figures().cases == 1)
        #expect(try await second.store.figures().cases == 0)
        #expect(try await town.faults() == [])
        // Made of the log alone, it is the same.
        let rules = try await first.store.rules()
        _ = try await first.store.rebuild()
        #expect(try await first.store.rules() == rules)
    }

    @Test(
        "Central is restored to before it published: any window brings it back, and a hospital that is added later has it",
        arguments: [0, 1])
    func restored(repairer: Int) async throws {
        let town = try Town()
        let windows = [try await town.hospital("YF"), try await town.hospital("CZ")]
        try await town.settleAll()
        let empty = try town.backup()
        try await publish("a", at: town)
        try await set(["wipe-departed": "30"], at: town)
        try await publish("b", to: .hospitals(codes: ["YF"]), at: town)
        try await town.settleAll()
        let held = try await town.heldAtCentral()
        try town.restore(empty)
        let early = try await town.hospital("XX")
        try await town.settle(early)
        #expect(try await early.store.rules().calendarYears.isEmpty)
        try await town.settle(windows[repairer])
        let later = try await town.hospital("LZ")
        for window in [early, later] {
            try await town.settle(window)
            #expect(try await window.store.rules().calendarYears == [calendar("a")])
            #expect(try await window.store.settingSources().line(.wipeDeparted) == ("30", .all))
        }
        try await town.settleAll()
        #expect(held.subtracting(try await town.heldAtCentral()).isEmpty)
        #expect(try await town.faults() == [])
        #expect(try await windows[0].store.rules().calendarYears == [calendar("b")])
        // The repaired central goes on with what stands.
        try await set(["wipe-departed": "9"], at: town)
        try await town.settleAll()
        #expect(try await later.store.settingSources().line(.wipeDeparted) == ("9", .all))
    }

    @Test(
        "Nothing ever takes central's record out of a scope: neither a command, nor a change that names a hospital"
    )
    func stays() async throws {
        let town = try Town()
        let (first, second) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        try await publish("a", at: town)
        try await town.settleAll()
        await #expect(throws: CentralError.refused(.unknownCase)) {
            try await town.move(.centralRecord, to: first)
        }
        try await town.claim(.centralRecord, for: first)
        try await town.settleAll()
        #expect(try await Set(town.openScopes()[.centralRecord] ?? []) == [first.hospital, second.hospital])
        #expect(try await town.faults() == [])
    }
}
