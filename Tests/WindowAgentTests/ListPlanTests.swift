import Casework
import SyncProtocol
import Testing

@testable import Persistence
@testable import WindowAgent

@Suite("Plans of the lists")
struct ListPlanTests {
    @Test("Lists by stage and by day walk an index as far as they show, and sort nothing")
    func plans() async throws {
        let machine = try TestMachine()
        _ = try await machine.open().newCase()
        let store = try await machine.open()  // what made the tables is run no more
        _ = try await store.cases(stage: .draft, limit: 10)
        _ = try await store.dueItems(limit: 10)
        _ = try await store.dueItems(department: "police", limit: 10)
        let plans = try await store.plans().filter { plan in
            plan.sql.contains("SELECT")
                && (plan.sql.contains("WHERE stage = ?") || plan.sql.contains("FROM due_item"))
        }
        #expect(plans.count == 3)
        for plan in plans {
            #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            #expect(!plan.steps.contains { $0.hasPrefix("SCAN case_cache") }, "\(plan)")
            #expect(plan.steps.first?.contains("USING") == true, "\(plan)")
        }
    }

    @Test("A register walks the days of its policy, and sorts nothing")
    func register() async throws {
        let machine = try TestMachine()
        _ = try await machine.open().newCase()
        let store = try await machine.open()
        _ = try await store.handoverRegister(#require(HandoverQuarter("2025Q3")), of: testPolicy())
        let plans = try await store.plans().filter { $0.sql.contains("FROM issued_certificate") }
        #expect(plans.count == 1)
        for plan in plans {
            #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            #expect(
                plan.steps.first?.hasPrefix("SEARCH issued_certificate USING PRIMARY KEY") == true, "\(plan)")
        }
    }

    @Test(
        "Bundles are made by walking the log or the outbox once, and what is remembered of them is found by keys"
    )
    func bundles() async throws {
        let machine = try TestMachine()
        _ = try await machine.open().newCase()
        let store = try await machine.open()
        for isRepair in [false, true] {
            if isRepair { try await store.orderRepair(.pull) }
            var progress = try await store.beginBundle()
            while try await store.nextBundleMessage(&progress) != nil {}
            let id = try #require(BundleID(bytes: [UInt8](repeating: isRepair ? 1 : 0, count: 16)))
            try await store.noteBundle(
                BundleExport(id: id, milliseconds: 1, bytes: 1, changes: 1, photos: 0, photosLeft: 0),
                progress)
            #expect(try await store.madeBundle(id, inRepair: isRepair))
        }
        _ = try await store.bundleExports()
        let plans = try await store.plans().filter {
            $0.sql.contains("bundle_export") && !$0.sql.contains("CREATE")
                || $0.sql.contains("number > ?") || $0.sql.contains("outbox.change > ?")
        }
        #expect(plans.count >= 6)
        for plan in plans {
            #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            let scans = plan.steps.filter { $0.hasPrefix("SCAN") && !$0.contains("CONSTANT ROW") }
            // The list itself shows all of its hundred rows.
            #expect(scans.allSatisfy { $0.hasPrefix("SCAN bundle_export") }, "\(plan)")
            #expect(
                !plan.steps.contains { $0.contains("SCAN outbox") || $0.contains("SCAN change") }, "\(plan)")
        }
    }
}
