import Persistence
package import SyncProtocol

/// Bringing back to central what it lacks. The state is durable, so that cuts and restarts only interrupt it.
extension WindowStore {
    /// Begins a repair that a technician, or central, ordered. One that is under way already is widened, never narrowed.
    package func orderRepair(_ cause: SyncState.Repair.Cause, only: CaseID? = nil) throws {
        try write {
            var state = try loadSyncState()
            if let running = state.repair, running.only == nil, running.rereadsFeed || cause == .push {
                return
            }
            state.repair = SyncState.Repair(cause: cause, only: only)
            if let only, cause == .pull {
                try database.execute("INSERT OR IGNORE INTO wanted (case_id) VALUES (?)", .blob(only.bytes))
            }
            try save(state)
        }
    }

    /// Takes in one answer of a repair: what differs is offered or queued again; when nothing is left, the repair ends.
    func advanceRepair(
        _ state: inout SyncState, _ response: ExchangeResponse, _ outgoing: Outgoing, _ taken: inout Taken
    ) throws {
        guard var repair = state.repair else { return }
        for number in outgoing.offeredNumbers {
            try database.execute("DELETE FROM offer WHERE change = ?", .integer(number))
        }
        for difference in response.differences { try offer(difference) }
        if !repair.isCompared {
            repair.after = outgoing.lastSummed ?? repair.after
            repair.isCompared = outgoing.request.sums.count < Self.sumsPerRequest
            taken.hasMore = true
        }
        state.repair = repair
        taken.hasMore = taken.hasMore || !outgoing.offeredNumbers.isEmpty
        guard repair.isCompared, try isAllSent() else { return }
        if repair.rereadsFeed {
            try database.execute("UPDATE change SET position = NULL WHERE position IS NOT NULL")
        }
        state.finishRepair(at: response.head)
        taken.hasMore = true
    }

    /// Everything of the case that central has not seen: own changes go in their chain, all others with their receipts.
    private func offer(_ difference: ExchangeResponse.Difference) throws {
        let held = try database.rows(
            "SELECT number, replica, edition, own_replica, sequence FROM change WHERE case_id = ?",
            .blob(difference.caseID.bytes)
        ) { row throws(DatabaseError) in
            (
                number: try row.integer(0),
                dot: Dot(replica: try row.replicaID(1), edition: UInt64(try row.integer(2))),
                own: try row.optionalInteger(3), sequence: try row.integer(4)
            )
        }
        for change in held where !difference.seen.contains(change.dot) {
            if let own = change.own {
                try queueAgain(own, after: change.sequence - 1)
            } else {
                try database.execute(
                    "INSERT OR IGNORE INTO offer (change) VALUES (?)", .integer(change.number))
            }
        }
    }

    private func isAllSent() throws -> Bool {
        try database.first("SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM offer)") {
            row throws(DatabaseError) in try row.integer(0) == 0
        } ?? true
    }
}
