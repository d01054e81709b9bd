import Testing

@testable import Persistence
@testable import WindowAgent

@Suite("Plans of the second copy")
struct SecondCopyPlanTests {
    @Test("What a journal lacks, and what a recovery could not place, are found without reading the rest")
    func plans() async throws {
        let machine = try TestMachine()
        _ = try await machine.open().newCase()
        let store = try await machine.open()  // what made the tables is run no more
        try await store.beginJournal([UInt8](repeating: 7, count: 16))
        let page = try await store.journalPage(after: 0)
        try await store.noteJournaled(page, from: 0, in: [UInt8](repeating: 7, count: 16), JournalPlace())
        #expect(try await store.lackingCount(through: store.knownJournals().first?.through) == 0)
        _ = try await store.adoptAtHead()
        let plans = try await store.plans().filter {
            $0.sql.contains("FROM change WHERE number > ?") || $0.sql.contains("receipt IS NULL")
                || $0.sql == "SELECT max(number) FROM change" || $0.sql.contains("WHERE number = ?5")
        }
        #expect(plans.count >= 4)
        for plan in plans {
            #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            let isSearch = plan.steps.contains {
                $0.hasPrefix("SEARCH change") || $0.contains("change_unproven")
            }
            #expect(isSearch, "\(plan)")
        }
    }
}

extension WindowStore {
    fileprivate func adoptAtHead() throws -> Bool { try write { try adoptUnproven() } }
}
