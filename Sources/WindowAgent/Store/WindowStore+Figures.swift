import Casework
import Persistence
import SyncProtocol

/// How the store stands, in numbers.
package struct StoreFigures: Hashable, Sendable {
    /// Without the hospital's record and central's own.
    package let cases: Int
    package let changes: Int
    package let outbox: Int
    package let oldestQueuedAt: UInt64?
    package let conflicts: Int
    package let asides: Int
    package let refusals: Int
    package let ownChanges: Int
    package let confirmed: Int
    package let backedUp: Int
    package let sync: SyncState
}

/// What would be slow to count on each look at a large store.
struct Tally: Hashable, Sendable {
    var cases = 0
    var changes = 0
    var conflicts = 0
    var asides = 0
}

extension WindowStore {
    /// How the store stands. Only the first look after opening counts the log; later ones cost the same however long it is.
    package func figures() throws -> StoreFigures {
        let sync = try loadSyncState()
        let tally = try tally()
        let records = try database.first(
            "SELECT count(*) FROM case_cache WHERE case_id IN ((SELECT hospital FROM enrolment), ?)",
            .blob(CaseID.centralRecord.bytes)
        ) { row throws(DatabaseError) in Int(try row.integer(0)) }
        let figures = try database.first(
            """
            SELECT (SELECT count(*) FROM outbox), (SELECT queued_at FROM outbox ORDER BY change LIMIT 1),
                (SELECT count(*) FROM refusal), (SELECT coalesce(sum(sequence), 0) FROM replica),
                (SELECT coalesce(sum(confirmed), 0) FROM replica), (SELECT coalesce(sum(backed_up), 0) FROM replica)
            """
        ) { row throws(DatabaseError) in
            StoreFigures(
                cases: tally.cases - (records ?? 0), changes: tally.changes,
                outbox: Int(try row.integer(0)),
                oldestQueuedAt: try row.optionalInteger(1).map(UInt64.init(clamping:)),
                conflicts: tally.conflicts, asides: tally.asides, refusals: Int(try row.integer(2)),
                ownChanges: Int(try row.integer(3)), confirmed: Int(try row.integer(4)),
                backedUp: Int(try row.integer(5)), sync: sync)
        }
        guard let figures else { throw StoreError.damaged("the store's figures") }
        return figures
    }

    private func tally() throws -> Tally {
        if let tally = memory.tally { return tally }
        let counted = try database.first(
            """
            SELECT count(*), (SELECT count(*) FROM change), coalesce(sum(conflicts), 0), coalesce(sum(asides), 0)
            FROM case_cache
            """
        ) { row throws(DatabaseError) in
            Tally(
                cases: Int(try row.integer(0)), changes: Int(try row.integer(1)),
                conflicts: Int(try row.integer(2)), asides: Int(try row.integer(3)))
        }
        memory.tally = counted
        return counted ?? Tally()
    }

    /// Keeps the tally while a case's cache is about to be replaced.
    func recount(_ caseID: CaseID, conflicts: Int, asides: Int) throws {
        guard memory.tally != nil else { return }
        let before = try database.first(
            "SELECT conflicts, asides FROM case_cache WHERE case_id = ?", .blob(caseID.bytes)
        ) { row throws(DatabaseError) in (Int(try row.integer(0)), Int(try row.integer(1))) }
        if before == nil { memory.tally?.cases += 1 }
        memory.tally?.conflicts += conflicts - (before?.0 ?? 0)
        memory.tally?.asides += asides - (before?.1 ?? 0)
    }
}
