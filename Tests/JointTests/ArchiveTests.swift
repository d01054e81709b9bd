import Casework
import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

@Suite("What central archives and withdraws, the windows hear")
struct ArchiveTests {
    private func close(_ caseID: CaseID, at window: Town.Window) async throws {
        _ = try await window.store.forge(
            [
                try group("withdrawal"): ChangeContent.Write(
                    value: [.text("2026-09-22"), .null], replaces: [])
            ],
            on: caseID)
    }

    @Test(
        "An archived case leaves the work list of its windows, and comes back when central opens it or a clerk goes on with it"
    )
    func archiving() async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        let (over, open) = (try await window.store.register(), try await window.store.register("乙"))
        try await close(over, at: window)
        try await town.settleAll()
        let desk = ArchiveDesk(
            store: town.central, books: town.books, now: { [now = town.now] in now.withLock { $0 } })
        for isOpenedByCentral in [true, false] {
            town.pass(milliseconds: 400 * 86_400_000)
            #expect(try await desk.run(.init(), reason: "满一年", by: "desk").cases == [over])
            try await town.settleAll()
            #expect(try await window.store.cases(limit: 9).map(\.id) == [open])
            #expect(try await window.store.cases(stage: .withdrawn, limit: 9).isEmpty)
            #expect(try await window.store.cases(isArchived: true, limit: 9).map(\.id) == [over])
            #expect(try await window.store.state(of: over).count > 0)
            if isOpenedByCentral {
                try await desk.open(over, reason: "查阅", by: "desk")
            } else {
                let group = try group("withdrawal")
                let dots = try await window.store.state(of: over).registers[group]?.dots ?? []
                _ = try await window.store.forge(
                    [group: ChangeContent.Write(value: [.null, .null], replaces: dots)], on: over)
            }
            try await town.settleAll()
            #expect(try await Set(window.store.cases(limit: 9).map(\.id)) == [over, open])
            #expect(try await town.caseDesk.listed(before: nil, in: "YF", countMax: 9).cases.count == 2)
            #expect(try await town.faults() == [])
        }
    }

    @Test(
        "A version that is withdrawn is not offered for new cases at the window, with the reason, until it is published again"
    )
    func withdrawing() async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        let policy = PolicyName(id: "gx-yongfu", version: 1)
        _ = try await town.recordDesk.withdraw(
            .init(policy: policy, reason: "改用新版", isForced: true), from: .all, by: "desk")
        try await town.settleAll()
        #expect(try await window.store.rules().policies["gx-yongfu"] == nil)
        #expect(try await window.store.rules().policies["gx-yongfu", version: 1] != nil)
        #expect(try await window.store.rules().record.withdrawn == [policy: "改用新版"])
        _ = try await town.recordDesk.reinstate(policy, at: .all, by: "desk")
        try await town.settleAll()
        #expect(try await window.store.rules().policies["gx-yongfu"]?.version == 1)
    }
}
