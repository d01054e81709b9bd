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
}
