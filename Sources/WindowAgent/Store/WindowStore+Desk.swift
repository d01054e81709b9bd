import Persistence
import SyncProtocol

/// What waits at this window, in numbers.
struct DeskCounts: Hashable, Sendable {
    /// Changes that central has not confirmed.
    let outbox: Int
    /// Cases in which several values stand.
    let disputed: Int
    /// Cases with values that central has put aside and no clerk has seen.
    let losses: Int
    /// Cases of which a department has sent an item back.
    let returned: Int
    /// Changes that central, or this window, could not take.
    let refused: Int
}

/// The lists of a clerk's desk. Each walks an index of what waits, and folds no case.
extension WindowStore {
    /// For the head of every page.
    func deskCounts() throws -> DeskCounts {
        try freshen()
        let counts = try database.first(
            """
            SELECT (SELECT count(*) FROM outbox),
                (SELECT count(*) FROM case_cache WHERE conflicts > 0
                    AND case_id IS NOT (SELECT hospital FROM enrolment) AND case_id <> ?
                    AND case_id NOT IN (SELECT case_id FROM departed)),
                (SELECT count(*) FROM loss WHERE unseen > 0 AND case_id NOT IN (SELECT case_id FROM departed)),
                (SELECT count(*) FROM case_cache WHERE returned > 0
                    AND case_id NOT IN (SELECT case_id FROM departed)),
                (SELECT count(*) FROM refusal)
            """, .blob(CaseID.centralRecord.bytes)
        ) { row throws(DatabaseError) in
            DeskCounts(
                outbox: Int(try row.integer(0)), disputed: Int(try row.integer(1)),
                losses: Int(try row.integer(2)), returned: Int(try row.integer(3)),
                refused: Int(try row.integer(4)))
        }
        guard let counts else { throw StoreError.damaged("the store's counts") }
        return counts
    }

    /// This hospital's cases in which several values stand, the last changed first.
    func disputedCases(limit: Int) throws -> [ListedCase] {
        try freshen()
        return try database.rows(
            """
            SELECT case_id, summary, conflicts, asides, changed_at, 0 FROM case_cache
            WHERE conflicts > 0 AND case_id IS NOT (SELECT hospital FROM enrolment) AND case_id <> ?
                AND case_id NOT IN (SELECT case_id FROM departed)
            ORDER BY changed_at DESC, case_id LIMIT ?
            """, .blob(CaseID.centralRecord.bytes), .integer(Int64(limit)), decode: ListedRow.init
        ).map { try $0.listed }
    }

    /// This hospital's cases of which a change was set aside, the last changed first.
    func casesWithAsides(limit: Int) throws -> [ListedCase] {
        try freshen()
        return try database.rows(
            """
            SELECT case_id, summary, conflicts, asides, changed_at, 0 FROM case_cache
            WHERE asides > 0 AND case_id IS NOT (SELECT hospital FROM enrolment) AND case_id <> ?
                AND case_id NOT IN (SELECT case_id FROM departed)
            ORDER BY changed_at DESC, case_id LIMIT ?
            """, .blob(CaseID.centralRecord.bytes), .integer(Int64(limit)), decode: ListedRow.init
        ).map { try $0.listed }
    }

    /// Cases with values of this hospital's that central has put aside and no clerk has seen, the last decided first.
    func unseenLossCases(limit: Int) throws -> [ListedCase] {
        try freshen()
        return try database.rows(
            """
            SELECT loss.case_id, summary, conflicts, asides, changed_at, 0
            FROM loss CROSS JOIN case_cache USING (case_id)
            WHERE unseen > 0 AND loss.case_id NOT IN (SELECT case_id FROM departed)
            ORDER BY decided_at DESC, loss.case_id LIMIT ?
            """, .integer(Int64(limit)), decode: ListedRow.init
        ).map { try $0.listed }
    }

    /// The cases whose changes wait to be sent, as far as the outbox is shown.
    func casesInOutbox(limit: Int) throws -> [ListedCase] {
        try freshen()
        return try database.rows(
            """
            SELECT case_id, summary, conflicts, asides, changed_at, 0 FROM case_cache
            WHERE case_id IN (
                SELECT change.case_id FROM outbox JOIN change ON change.number = outbox.change
                ORDER BY outbox.change LIMIT ?)
            """, .integer(Int64(limit)), decode: ListedRow.init
        ).map { try $0.listed }
    }

    /// What was refused, the last told first: whose change, and why.
    func refusals(limit: Int) throws -> [Refusal] {
        try database.rows(
            "SELECT replica, sequence, reason, told_at FROM refusal ORDER BY told_at DESC, replica, sequence LIMIT ?",
            .integer(Int64(limit))
        ) { row throws(DatabaseError) in
            Refusal(
                replica: try row.replicaID(0), sequence: UInt64(try row.integer(1)), reason: try row.text(2),
                toldAt: UInt64(clamping: try row.integer(3)))
        }
    }

    /// A change that could not be taken.
    struct Refusal: Hashable, Sendable {
        let replica: ReplicaID
        let sequence: UInt64
        let reason: String
        /// Milliseconds since 1970.
        let toldAt: UInt64
    }
}
