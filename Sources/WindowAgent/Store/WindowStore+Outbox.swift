import Persistence
package import SyncProtocol

/// A change that central has not confirmed.
package struct OutboxEntry: Hashable, Sendable {
    package let caseID: CaseID
    package let replica: ReplicaID
    package let sequence: UInt64
    package let bytes: Int
    package let queuedAt: UInt64
    package let tries: Int
    package let triedAt: UInt64?
    package let lastError: String?
}

extension WindowStore {
    /// What waits to be sent, the oldest first.
    package func outbox(limit: Int) throws -> [OutboxEntry] {
        try database.rows(
            """
            SELECT change.case_id, change.replica, change.sequence, length(change.body), outbox.queued_at,
                outbox.tries, outbox.tried_at, outbox.last_error
            FROM outbox JOIN change ON change.number = outbox.change ORDER BY outbox.change LIMIT ?
            """, .integer(Int64(limit))
        ) { row throws(DatabaseError) in
            OutboxEntry(
                caseID: try row.caseID(0), replica: try row.replicaID(1),
                sequence: UInt64(try row.integer(2)),
                bytes: Int(try row.integer(3) - SealPlace.overheadByteCount),
                queuedAt: UInt64(try row.integer(4)),
                tries: Int(try row.integer(5)), triedAt: try row.optionalInteger(6).map { UInt64($0) },
                lastError: try row.optionalText(7))
        }
    }

    /// Notes for the changes of one exchange that it failed, and why.
    package func noteFailure(_ outgoing: Outgoing, _ reason: String) throws {
        try write {
            let now = Int64(environment.milliseconds())
            for number in outgoing.outboxNumbers {
                try database.execute(
                    "UPDATE outbox SET tries = tries + 1, tried_at = ?, last_error = ? WHERE change = ?",
                    .integer(now), .text(reason), .integer(number))
            }
        }
    }
}
