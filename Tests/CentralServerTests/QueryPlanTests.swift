import Persistence
import Testing

@testable import CentralServer

@Suite("Query plans")
struct QueryPlanTests {
    /// Statements that are meant to read a whole table: small tables, rebuilds, and newest-first lists with a limit.
    private static let allowed = [
        "FROM hospital ORDER BY code", "FROM department ORDER BY code", "DELETE FROM case_cache",
        "DELETE FROM conflict",
        "DELETE FROM aside", "DELETE FROM task", "DELETE FROM result", "DELETE FROM case_number",
        "DELETE FROM attachment_name", "DELETE FROM published_policy", "DELETE FROM certificate_range",
        "DELETE FROM voided_certificate", "DELETE FROM withdrawn_policy", "DELETE FROM case_course",
        "DELETE FROM act",
        "DELETE FROM duplicate_case", "DELETE FROM duplicate_key",
        "DELETE FROM duplicate_pair", "DELETE FROM desk_entry", "DELETE FROM case_fact",
        "DELETE FROM open_item",
        "DELETE FROM record_calendar", "DELETE FROM record_setting",
        // Counts read all that waits for a person: what people have time for, not what there is.
        "FROM desk_entry GROUP BY kind, hospital, assignee, band",
        // What waits for people is little; a scrape counts it.
        "(SELECT count(*) FROM attachment_want)",
        // Pictures of cases that were erased a moment ago.
        "FROM erasure_due", "n.hash = e.hash) LIMIT", "n.hash = erased_attachment.hash)",
        "(SELECT 1 FROM erased_attachment)",
        // Some rows for each hospital, read only after a publication.
        ") ORDER BY id, version",
        "FROM unreadable\nORDER BY received DESC, replica DESC, sequence DESC LIMIT",
        "FROM waiting\nORDER BY received DESC, content DESC LIMIT", "FROM alarm ORDER BY kind, subject LIMIT",
    ]

    @Test("Every statement of the store finds its rows by a key", arguments: try SourceStatements.all())
    func usesIndex(statement: String) throws {
        let database = try Database(path: "plans", mode: .memory, applicationID: Schema.applicationID)
        try Schema.migrator.migrate(database)
        let plan = try database.plan(of: statement)
        let flat = statement.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(
            separator: "\n")
        if Self.allowed.contains(where: { flat.hasSuffix($0) || flat.contains($0 + " ?") }) { return }
        for step in plan {
            #expect(!step.hasPrefix("SCAN") || step.contains("CONSTANT ROW"), "\(statement): \(plan)")
            #expect(
                !step.contains("TEMP B-TREE FOR ORDER BY") || statement.contains("ORDER BY number"),
                "\(statement): \(plan)")
        }
    }

    @Test(
        "The queue is walked in its order by an index alone, from where the last page ended, whatever is filtered"
    )
    func queue() throws {
        let database = try Database(path: "plans", mode: .memory, applicationID: Schema.applicationID)
        try Schema.migrator.migrate(database)
        let lists = try SourceStatements.all().filter {
            $0.contains("FROM desk_entry") && $0.contains("LIMIT ?")
        }
        #expect(lists.count == 2)
        for (statement, index) in zip(lists, ["desk_entry_by_waiting", "desk_entry_by_age"]) {
            let plan = try database.plan(of: statement)
            #expect(plan.count == 1, "\(plan)")
            #expect(plan[0].hasPrefix("SEARCH desk_entry USING COVERING INDEX \(index) ("), "\(plan)")
        }
        let counts = try #require(
            try SourceStatements.all().first { $0.contains("FROM desk_entry GROUP BY") })
        let plan = try database.plan(of: counts)
        #expect(plan.first?.contains("USING COVERING INDEX desk_entry_by_count") ?? false, "\(plan)")
    }

    @Test("A full scan is recognised")
    func canFail() throws {
        let database = try Database(path: "plans", mode: .memory, applicationID: Schema.applicationID)
        try Schema.migrator.migrate(database)
        #expect(
            try database.plan(of: "SELECT 1 FROM change WHERE body = ?").contains { $0.hasPrefix("SCAN") })
        #expect(try SourceStatements.all().count > 50)
    }
}
