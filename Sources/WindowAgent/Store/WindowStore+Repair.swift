import Persistence
package import SyncProtocol

/// Bringing back to central what it lacks. The state is durable, so that cuts and restarts only interrupt it.
extension WindowStore {
    /// Begins a repair that a technician, or central, ordered. One that is under way already is widened, never narrowed. The
    /// answer to a request that was sent before is not used any more.
    package func orderRepair(_ cause: SyncState.Repair.Cause, only: CaseID? = nil) throws {
        try write { try beginRepair(cause, only: only) }
    }

    /// Begins a repair, inside the caller's transaction.
    func beginRepair(_ cause: SyncState.Repair.Cause, only: CaseID?) throws {
        memory.generation &+= 1
        var state = try loadSyncState()
        let order = SyncState.Repair(cause: cause, only: only)
        state.repair = state.repair?.widened(by: order) ?? order
        if let only, cause == .pull {
            try database.execute("INSERT OR IGNORE INTO wanted (case_id) VALUES (?)", .blob(only.bytes))
        }
        // What central once refused for its receipt is offered once more: its key file may have been put back.
        try database.execute("DELETE FROM refusal WHERE reason = ?", .text(Self.badReceipt))
        try save(state)
    }

    /// Takes in one answer of a repair: what differs is offered or queued again; when nothing is left, the repair ends.
    func advanceRepair(
        _ state: inout SyncState, _ response: ExchangeResponse, _ outgoing: Outgoing, _ taken: inout Taken
    ) throws {
        guard var repair = state.repair else { return }
        for number in outgoing.offeredNumbers {
            try database.execute("DELETE FROM offer WHERE change = ?", .integer(number))
        }
        if outgoing.request.repairHead == nil { try offerProofs() }
        let told = Set(outgoing.request.heads.map(\.replica))
        // What a verify found to be missing at central within a chain is sent again: once, as central may not want it.
        let resends = repair.cause == .verify && repair.rounds == 0
        if repair.rounds == 0 { try countDiffering(response.differences.count) }
        var differs = false
        for difference in response.differences
        where try mend(difference, told: resends ? [] : told) { differs = true }
        if outgoing.isComparing, !repair.isCompared {
            if repair.cause == .verify { try forgetEqual(outgoing.request.sums, response.differences) }
            repair.pass(
                pageTo: outgoing.request.sums.last?.caseID,
                isLastPage: outgoing.request.sums.count < Self.sumsPerRequest, differs: differs)
            taken.hasMore = true
        }
        state.repair = repair
        let isWaiting = try hasRows(in: .offer)
        if isWaiting || !outgoing.offeredNumbers.isEmpty { taken.hasMore = true }
        guard repair.isCompared, !isWaiting, try !hasRows(in: .outbox) else { return }
        if repair.rereadsFeed { try forgetFeed() }
        state.finishRepair(at: response.head)
        taken.hasMore = true
    }

    /// Sees to it that central gets everything of the case that it has not seen: own changes in their chain, all others with
    /// their receipts.
    ///
    /// - Returns: false if there is nothing that this window can do about the difference.
    private func mend(_ difference: ExchangeResponse.Difference, told: Set<ReplicaID>) throws -> Bool {
        let held = try changes(of: difference.caseID)
        let forked = CaseState(folding: held).forked
        var isMending = false
        for change in held {
            // Central may hold only one of a forked dot's contents: its vector cannot tell.
            let isLacking = !difference.seen.contains(change.dot)
            guard isLacking || forked.contains(change.dot) else { continue }
            if let own = try ownReplica(change.replica), try isOwn(change, own), try !hasHoles(own, change) {
                if isLacking, try mend(change, of: own, isTold: told.contains(own.id)) { isMending = true }
            } else if try offer(change), isLacking {
                isMending = true
            }
        }
        return isMending
    }

    /// Of a replica that was told, central has just said how far it has it: what is beyond waits in the outbox already, and the
    /// rest is there, though perhaps in no case of this hospital.
    private func mend(_ change: Change, of own: OwnReplica, isTold: Bool) throws -> Bool {
        if change.sequence > own.confirmed { return true }
        if isTold { return false }
        try queueAgain(own, after: change.sequence - 1)
        try setConfirmed(own, change.sequence - 1)
        return true
    }

    private func isOwn(_ change: Change, _ own: OwnReplica) throws -> Bool {
        try database.first(
            "SELECT 1 FROM change WHERE content = ? AND own_replica = ?", .digest(change.id.bytes),
            .integer(own.number)
        ) { row throws(DatabaseError) in try row.integer(0) } != nil
    }

    /// A chain with holes cannot be shown to central: its changes go with their receipts, like those of others.
    private func hasHoles(_ own: OwnReplica, _ change: Change) throws -> Bool {
        let isBroken = try database.first(
            "SELECT is_broken FROM replica WHERE number = ?", .integer(own.number)
        ) { row throws(DatabaseError) in try row.integer(0) == 1 }
        return try isBroken == true && hasReceipt(change)
    }

    /// Queues somebody else's change with its receipt, central's own first: a verdict is to be there before its target.
    private func offer(_ change: Change) throws -> Bool {
        if try isRefused(change.replica, change.sequence, because: Self.badReceipt) { return false }
        let isOffered = try database.execute(
            "INSERT OR IGNORE INTO offer (change, rank) SELECT number, ? FROM change WHERE content = ? AND receipt IS NOT NULL",
            .integer(change.content?.author.role == .central ? 0 : 1), .digest(change.id.bytes))
        if isOffered == 0, try !hasReceipt(change) {
            try noteRefusal(change.replica, change.sequence, "no-receipt", at: environment.milliseconds())
        }
        return isOffered > 0
    }

    /// Queues, for each case on which own changes wait, one change of others: its receipt proves that the case was this hospital's
    /// to a central that has forgotten so, and may have it back from another hospital by now.
    private func offerProofs() throws {
        try database.execute(
            """
            INSERT OR IGNORE INTO offer (change, rank)
            SELECT min(change.number), 1 FROM change
            WHERE change.own_replica IS NULL AND change.receipt IS NOT NULL AND change.case_id IN (
                SELECT own.case_id FROM outbox JOIN change AS own ON own.number = outbox.change)
            GROUP BY change.case_id
            """)
    }

    /// The same for a case that is written to while a repair is under way.
    func offerProof(of caseID: CaseID) throws {
        try database.execute(
            """
            INSERT OR IGNORE INTO offer (change, rank)
            SELECT number, 1 FROM change
            WHERE case_id = ? AND own_replica IS NULL AND receipt IS NOT NULL
                AND EXISTS (SELECT 1 FROM sync_state WHERE repair_cause IS NOT NULL)
            ORDER BY number LIMIT 1
            """, .blob(caseID.bytes))
    }

    private func hasReceipt(_ change: Change) throws -> Bool {
        try database.first(
            "SELECT 1 FROM change WHERE content = ? AND receipt IS NOT NULL", .digest(change.id.bytes)
        ) { row throws(DatabaseError) in try row.integer(0) } != nil
    }
}
