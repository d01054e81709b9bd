import Persistence
package import SyncProtocol

/// What came of one exchange.
package struct Taken: Hashable, Sendable {
    /// Own changes that central confirmed now.
    package var confirmed = 0
    /// Changes of others that are new here.
    package var received = 0
    /// Positions of the feed that were passed.
    package var passed: UInt64 = 0
    /// Something is left to do, and this exchange brought it forward.
    package var hasMore = false
    /// A repair is under way.
    package var isRepairing = false
    /// The scope's sum is not central's: a verify is to find out where.
    package var needsVerify = false
    /// Central's clock less this one's, in milliseconds; 0 if the two can be equal.
    package var clockOffset: Int64 = 0
}

extension WindowStore {
    /// Uses an answer: witness, confirmations, entries and the place in the feed, all in one transaction.
    ///
    /// An answer is used once, and only if nothing came between its request and it: another answer, an order for a repair, an
    /// enrolment. Taking it again, or late, changes nothing; what it would have brought, the next exchange brings. If central
    /// has gone back in time, nothing of the answer is used and a durable repair begins.
    package func take(_ response: ExchangeResponse, for outgoing: Outgoing) throws -> Taken {
        guard outgoing.generation == memory.generation else { return try tooLate() }
        return try write {
            memory.generation &+= 1
            var taken = Taken()
            let now = environment.milliseconds()
            try noteContact(at: now)
            var state = try loadSyncState()
            let disputed = disputed(in: response)
            let told = response.stored.filter { !disputed.contains($0.replica) }
            let verdict = state.judge(response, confirmed: try confirmedWatermarks(told))
            if verdict == .use {
                // An answer that was held back says nothing of the clock: it fits whatever went by meanwhile.
                if outgoing.request.waitSeconds == nil {
                    state.judgeClock(
                        central: response.milliseconds, sentAt: outgoing.request.milliseconds, heardAt: now)
                }
                taken.confirmed = try confirm(told, inRepair: outgoing.request.isRepair)
                try noteBackup(response.backedUp.filter { !disputed.contains($0.replica) })
                try noteRefusals(response, at: now)
                let isRenaming = try settleForks(response, outgoing)
                taken.hasMore = isRenaming
                if outgoing.request.isRepair {
                    try advanceRepair(&state, response, outgoing, &taken)
                } else {
                    try noteBackups(response)
                    try follow(response, outgoing, &state, &taken)
                    // A central that does not count them was asked for one.
                    let supplied = max(1, Int(clamping: response.suppliedCount))
                    try forget(outgoing.request.wanted.prefix(supplied))
                }
            } else {
                // A repair begins again from its first page, and cannot be sent back once more before an answer.
                taken.hasMore = !outgoing.request.isRepair || outgoing.request.repairHead != nil
            }
            try save(state)
            try countBrought(taken, outgoing)
            try finish(&taken, state, response, verdict, isAsking: outgoing.isAsking)
            return taken
        }
    }

    private func tooLate() throws -> Taken {
        let state = try loadSyncState()
        var taken = Taken()
        (taken.isRepairing, taken.hasMore) = (state.repair != nil, state.repair != nil)
        taken.clockOffset = state.clockOffset ?? 0
        return taken
    }

    private func finish(
        _ taken: inout Taken, _ state: SyncState, _ response: ExchangeResponse, _ verdict: SyncState.Verdict,
        isAsking: Bool
    ) throws {
        taken.isRepairing = state.repair != nil
        taken.clockOffset = state.clockOffset ?? 0
        guard verdict == .use else { return }
        taken.needsVerify =
            state.repair == nil && state.mismatchAt != nil && state.mendedAt == nil
            && state.mismatchAt != memory.verifiedMismatch
        let hasAdvanced = taken.confirmed > 0 || taken.passed > 0
        let isWaiting = try hasRows(in: .outbox) || state.repair != nil
        let isWanting = try state.repair == nil && hasRows(in: .wanted)
        // Without any advance the same exchange would be repeated at once, and for ever. One that
        // only asked what had arrived is followed by one that sends.
        if response.hasMore || isWaiting, hasAdvanced || isAsking { taken.hasMore = true }
        if isWanting || state.isUntold { taken.hasMore = true }
    }

    /// Own replicas of which `stored` says nothing about this window's changes: somebody else wrote under their names.
    func disputed(in response: ExchangeResponse) -> Set<ReplicaID> {
        Set(response.forks.map(\.replica)).union(memory.forks.keys)
            .union(response.unreadable.filter { $0.reason == Self.notYourReplica }.map(\.replica))
    }

    private func confirmedWatermarks(_ stored: [Watermark]) throws -> [ReplicaID: UInt64] {
        var confirmed: [ReplicaID: UInt64] = [:]
        for watermark in stored {
            confirmed[watermark.replica] = try database.first(
                "SELECT confirmed FROM replica WHERE id = ?", .blob(watermark.replica.bytes)
            ) { row throws(DatabaseError) in UInt64(try row.integer(0)) }
        }
        return confirmed
    }

    /// Notes how far central has each own replica; in a repair also that it has less than it once said. The outbox holds
    /// exactly what is beyond.
    func confirm(_ stored: [Watermark], inRepair: Bool) throws -> Int {
        var count = 0
        for watermark in stored {
            guard let own = try ownReplica(watermark.replica) else { continue }
            // Somebody else has written with this replica's name: write on under another.
            if watermark.sequence > own.sequence, memory.replica?.number == own.number {
                memory.replica = nil
            }
            let confirmed = min(watermark.sequence, own.sequence)
            if confirmed < own.confirmed {
                guard inRepair else { continue }
                try queueAgain(own, after: confirmed)
            } else {
                count += try dropFromOutbox(own, through: confirmed)
            }
            try setConfirmed(own, confirmed)
        }
        return count
    }

    private func dropFromOutbox(_ own: OwnReplica, through sequence: UInt64) throws -> Int {
        guard sequence > own.confirmed else { return 0 }
        return try database.execute(
            """
            DELETE FROM outbox WHERE change IN (
                SELECT number FROM change WHERE replica = ? AND sequence > ? AND sequence <= ? AND own_replica = ?)
            """, .blob(own.id.bytes), .integer(Int64(own.confirmed)), .integer(Int64(sequence)),
            .integer(own.number))
    }

    /// What was in a verified backup stays in it, also if central was restored from an older one and knows of less.
    func noteBackup(_ backedUp: [Watermark]) throws {
        for watermark in backedUp {
            try database.execute(
                "UPDATE replica SET backed_up = max(backed_up, min(?, sequence)) WHERE id = ?",
                .integer(Int64(clamping: watermark.sequence)), .blob(watermark.replica.bytes))
        }
    }

    private func forget(_ wanted: ArraySlice<CaseID>) throws {
        for id in wanted { try database.execute("DELETE FROM wanted WHERE case_id = ?", .blob(id.bytes)) }
    }
}
