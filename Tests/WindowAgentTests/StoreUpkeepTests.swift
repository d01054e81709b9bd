import Casework
import Foundation
import SealedWindow
import SyncProtocol
import Testing

@testable import Persistence
@testable import WindowAgent

@Suite("Caches, figures, versions and plans of a store")
struct StoreUpkeepTests {
    private let machine: TestMachine
    init() throws { machine = try TestMachine() }

    /// A store with conflicts, set-asides, several openings and changes of others.
    private func filled() async throws -> (WindowStore, ModelCentral) {
        var central = ModelCentral.with(.test)
        for _ in 0..<2 {
            let store = try await machine.open()
            let id = try await store.newCase(["childName": .text("甲")])
            let page = try await store.state(of: id).registers.mapValues(\.dots)
            for name in ["乙", "丙"] {
                _ = try await store.edit(id, ["childName": .text(name)], seen: page, .clerk)
            }
            machine.pass(milliseconds: 1000)
            try await central.settle(with: store)
            let target = try #require(try await store.log().last)
            try central.write(asides: [target.id: .init(reason: "role", replaces: [])], on: id)
            try central.write([try group("notes"): .init(value: [.text("x")], replaces: [])], on: id)
            try await central.settle(with: store)
            _ = try await store.newCase(["childName": .text("丁")])
        }
        return (try await machine.open(), central)
    }

    @Test("A rebuild makes the same rows, also from caches that are wrong, too many or gone")
    func rebuild() async throws {
        let (store, _) = try await filled()
        let rows = try await store.cacheRows()
        #expect(rows.count == 4)
        #expect(try await store.rebuild() == 4)
        #expect(try await store.cacheRows() == rows)
        try await store.execute("UPDATE case_cache SET conflicts = 9, summary = x'7b7d', changed_at = 1")
        try await store.execute(
            """
            INSERT INTO case_cache (case_id, fingerprint, changes, conflicts, asides, forked, changed_at, summary)
            VALUES (zeroblob(16), zeroblob(32), 1, 0, 0, 0, 1, x'7b7d')
            """)
        #expect(try await store.rebuild() == 4)
        #expect(try await store.cacheRows() == rows)
        try await store.execute("DELETE FROM case_cache")
        #expect(try await store.rebuild() == 4)
        #expect(try await store.cacheRows() == rows)
        try await store.expectSound()
    }

    @Test("One case is rebuilt alone; one that is not here is refused")
    func rebuildOne() async throws {
        let (store, _) = try await filled()
        let rows = try await store.cacheRows()
        try await store.execute("UPDATE case_cache SET conflicts = 9")
        let id = try #require(try await store.cases(limit: 1).first?.id)
        #expect(try await store.rebuild(only: id) == 1)
        #expect(try await store.cacheRows().count { rows.contains($0) } == 1)
        await #expect(throws: StoreError.self) {
            try await store.rebuild(only: CaseID(milliseconds: 5, random: (5, 5)))
        }
    }

    @Test("Figures that are kept equal those that are counted")
    func figures() async throws {
        var (store, central) = try await filled()
        var figures = try await store.figures()
        #expect((figures.cases, figures.changes, figures.asides) == (4, 12, 2))
        for round in 0..<3 {
            let id = try await store.newCase(["childName": .text("\(round)")])
            _ = try await store.edit(id, ["note": .text("\(round)")], .clerk)
            await #expect(throws: StoreError.self) { try await store.edit(id, ["note": .text(huge)], .clerk) }
            try await central.settle(with: store)
            figures = try await store.figures()
            let counted = try await machine.open().figures()
            #expect(figures == counted)
        }
    }

    private let huge = String(repeating: "x", count: Limits.bodyBytesMax)

    @Test("The hospital's own record is no case of the work list")
    func hospitalRecord() async throws {
        let store = try await machine.open()
        var central = ModelCentral.with(.test)
        let id = try await store.newCase()
        try await central.settle(with: store)
        central.enter(HospitalID.test.record, .test)
        try central.write(
            [try group("hospitalPolicies"): .init(value: [.array([])], replaces: [])],
            on: HospitalID.test.record)
        try await central.settle(with: store)
        #expect(try await store.cases(limit: 9).map(\.id) == [id])
        #expect(try await store.figures().cases == 1)
        try await central.expectSettled(with: store)
    }

    @Test("The work list shows what changed last first, page by page")
    func workList() async throws {
        let store = try await machine.open()
        var ids: [CaseID] = []
        for _ in 0..<5 {
            machine.pass(milliseconds: 1000)
            ids.insert(try await store.newCase(), at: 0)
        }
        #expect(try await store.cases(limit: 9).map(\.id) == ids)
        #expect(try await store.cases(limit: 2, offset: 2).map(\.id) == Array(ids[2...3]))
        #expect(try await store.cases(limit: 9, offset: 5).isEmpty)
    }

    @Test("A store of a later version is refused and not touched")
    func newer() async throws {
        try await machine.open().execute(
            "INSERT INTO migration SELECT max(sequence) + 1, '9999-of-tomorrow' FROM migration")
        let before = try Data(contentsOf: URL(filePath: machine.path()))
        let known = try #require(WindowSchema.migrations.migrations.last).identifier.description
        #expect {
            try WindowStore(path: machine.path(), dictionary: .standard, environment: machine.environment)
        } throws: { error in
            (error as? DatabaseError)?.kind
                == .newer(found: "9999-of-tomorrow", known: known)
        }
        #expect(try Data(contentsOf: URL(filePath: machine.path())) == before)
    }

    /// What may look at a whole table: the first count after an opening, and what a technician orders.
    private let allowed = [
        "SELECT count(*), (SELECT count(*) FROM change)", "UPDATE change SET position = NULL",
        "DELETE FROM case_cache WHERE case_id NOT IN", "DELETE FROM due_item WHERE case_id NOT IN",
        "DELETE FROM issued_certificate WHERE case_id NOT IN",
        "DELETE FROM attachment_name WHERE case_id NOT IN",
        "DELETE FROM duplicate_key WHERE case_id NOT IN",
        // The last row only; and a check that SQLite skips unless a reference is broken.
        "FROM change ORDER BY number DESC LIMIT 1", "INSERT INTO replica",
    ]

    @Test("No statement that clerks or exchanges run looks at the whole log or at all cases")
    func plans() async throws {
        var (store, central) = try await filled()
        let id = try await store.newCase(saveID: "s")
        _ = try await store.edit(id, ["note": .text("x")], .clerk)
        try await store.keepDraft("d", [1])
        let outgoing = try await store.compose(bytesMax: 100_000, budget: 1000)
        try await store.noteFailure(outgoing, "network")
        let backup = central
        try await central.settle(with: store)
        central.leave(id, .test)
        try await central.settle(with: store)
        central = backup
        central.epoch = Epoch(rawValue: 2)
        try await central.settle(with: store)
        try await store.orderRepair(.pull, only: id)
        try await central.settle(with: store)
        _ = try await (store.cases(limit: 9), store.outbox(limit: 9), store.figures(), store.rebuild())
        let plans = try await store.plans().filter { plan in !allowed.contains { plan.sql.contains($0) } }
        #expect(plans.count > 50, "too few statements were run: \(plans.count)")
        for plan in plans {
            let scans = plan.steps.filter {
                ($0.hasPrefix("SCAN change") || $0.hasPrefix("SCAN case_cache"))
                    && !$0.contains("case_cache_recent") && !$0.contains("case_cache_stale")
                    && !$0.contains("change_unproven")
            }
            #expect(scans.isEmpty, "\(plan.sql): \(plan.steps)")
        }
    }
}

extension WindowStore {
    func plans() throws -> [Database.Plan] { try database.plans() }
}
