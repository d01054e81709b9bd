import Testing

@testable import Persistence
@testable import WindowAgent

@Suite("Plans of the second copy")
struct SecondCopyPlanTests {
    @Test("What a journal lacks, and what a recovery could not place, are found without reading the rest")
    func plans() async throws {
        let fixture = try await SecondCopyFixture()
        _ = try await fixture.store.newCase()
        try await fixture.writer.choose(SecondCopyFixture.place)
        try await fixture.catchUp()
        _ = try await fixture.store.adoptAtHead()
        _ = try await fixture.writer.status()
        let plans = try await fixture.store.plans().filter {
            $0.sql.contains("FROM change WHERE number > ?") || $0.sql.contains("receipt IS NULL")
                || $0.sql == "SELECT max(number) FROM change" || $0.sql.contains("WHERE number = ?5")
        }
        #expect(plans.count >= 4)
        for plan in plans {
            #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            let isSearch = plan.steps.contains { $0.hasPrefix("SEARCH change") || $0.contains("change_unproven") }
            #expect(isSearch, "\(plan)")
        }
    }
}

extension WindowStore {
    fileprivate func adoptAtHead() throws -> Bool { try write { try adoptUnproven() } }
}
