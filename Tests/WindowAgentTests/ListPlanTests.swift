import Casework
import Foundation
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

    @Test(
        "Whether a change has a name of its own is asked of two keys, however many changes its replica has written"
    )
    func variant() async throws {
        let machine = try TestMachine()
        _ = try await machine.open().newCase()
        let store = try await machine.open()
        _ = try await store.newCase()
        let plans = try await store.plans().filter { $0.sql.contains("max(variant)") }
        #expect(plans.count == 1)
        let searches = plans.flatMap(\.steps).filter { $0.contains("change") }
        #expect(searches.count == 2)
        #expect(searches.contains { $0.contains("(replica=? AND sequence=?)") }, "\(searches)")
        #expect(searches.contains { $0.contains("(case_id=? AND replica=? AND edition=?)") }, "\(searches)")
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

    // MARK: Orders, moves, wiped and wanted cases: every statement of the sources

    /// Tables that hold at most one row.
    private static let single = [
        "order_run", "agreed_version", "cache_maker", "enrolment", "feed_backup", "kept_less",
    ]

    /// Statements that read a whole table of names, and when.
    private static let whole = [
        // A technician's list of the cases that left: a few, and nobody waits for it.
        "FROM departed CROSS JOIN case_cache", "SELECT case_id FROM departed", "DELETE FROM departed",
        // How many of them are here, for the status; and once at an upgrade.
        "SELECT (SELECT count(*) FROM departed AS d", "UPDATE departed SET departed_at = unixepoch()",
        // Once in a repair of the whole feed.
        "UPDATE wiped_change SET position = NULL WHERE position IS NOT NULL",
        // The names of wiped changes, from an index alone.
        "SELECT DISTINCT case_id FROM wiped_change",
        // It ends at the first row.
        "SELECT EXISTS (SELECT 1 FROM wanted)",
        // What waits at a window, each count from an index of that alone.
        "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM case_cache WHERE conflicts > 0",
    ]

    @Test(
        "Orders, moves, wipes and what is wanted: rows are found by keys, and nothing is sorted",
        arguments: try statements(
            naming: ["departed", "wiped_change", "wanted", "order_run", "agreed_version", "cache_maker"]))
    func ordersAndMoves(statement: String) throws {
        let plan = try Self.empty().plan(of: statement)
        if Self.whole.contains(where: statement.contains) { return }
        // Once, when an older store is sealed.
        if statement == "SELECT content FROM wiped_change" { return }
        for step in plan {
            #expect(!step.contains("TEMP B-TREE FOR ORDER BY"), "\(statement): \(plan)")
            let isBounded =
                !step.hasPrefix("SCAN") || step.contains("CONSTANT ROW")
                || Self.single.contains { step.hasPrefix("SCAN \($0)") }
                // In the order of its key, and no further than the request has room.
                || step == "SCAN wanted" && statement.hasSuffix("ORDER BY case_id LIMIT ?")
                // Lists of the office: newest first, by an index, as far as they show.
                || step.contains("USING INDEX") && statement.contains("LIMIT ?")
            #expect(isBounded, "\(statement): \(plan)")
        }
    }

    @Test("A scan and a sort are recognised, and the sources are read")
    func canFail() throws {
        let plan = try Self.empty().plan(of: "SELECT 1 FROM wiped_change WHERE replica = ? ORDER BY edition")
        #expect(plan.contains { $0.hasPrefix("SCAN wiped_change") })
        #expect(plan.contains { $0.contains("TEMP B-TREE FOR ORDER BY") })
        #expect(try Self.statements(naming: ["wanted"]).count >= 8)
        #expect(try Self.statements(naming: ["order_run"]).count >= 5)
    }

    private static func empty() throws -> Database {
        let database = try Database(path: "plans", mode: .memory, applicationID: WindowSchema.applicationID)
        try WindowSchema.migrations.migrate(database)
        return database
    }

    /// The SQL literals of the agent's sources that name one of these tables, on one line each.
    private static func statements(naming tables: [String]) throws -> [String] {
        let folder = URL(filePath: #filePath).appending(path: "../../../Sources/WindowAgent").standardized
        let literal = try NSRegularExpression(pattern: #""""\s*([\s\S]*?)\s*"""|"((?:[^"\\\n]|\\.)*)""#)
        let begins = try Regex("^(SELECT|INSERT|UPDATE|DELETE) ")
        let names = try Regex("\\b(" + tables.joined(separator: "|") + ")\\b")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects
        return try (files ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            .sorted { $0.path < $1.path }.flatMap { file in
                let source = try String(contentsOf: file, encoding: .utf8)
                return literal.matches(in: source, range: NSRange(source.startIndex..., in: source))
                    .compactMap { match in
                        (Range(match.range(at: 1), in: source) ?? Range(match.range(at: 2), in: source)).map {
                            source[$0].split(whereSeparator: \.isWhitespace).joined(separator: " ")
                        }
                    }
            }.filter { $0.firstMatch(of: begins) != nil && $0.firstMatch(of: names) != nil }
    }
}
