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
    /// Central's clock less this one's, in milliseconds.
    package var clockOffset: Int64 = 0
}

extension WindowStore {
    /// Uses an answer: witness, confirmations, entries and the place in the feed, all in one transaction.
    ///
    /// Taking the same answer twice, or an old one, does no harm. If central has gone back in time, nothing of the answer is
    /// used and a durable repair begins.
    package func take(_ response: ExchangeResponse, for outgoing: Outgoing) throws -> Taken {
        try write {
            var taken = Taken()
            let now = environment.milliseconds()
            taken.clockOffset = Int64(response.milliseconds) - Int64(now)
            var state = try loadSyncState()
            guard state.judge(response, confirmed: try confirmedWatermarks(response.stored)) == .use else {
                try save(state)
                taken.isRepairing = true
                taken.hasMore = outgoing.request.isRepair == false
                return taken
            }
            taken.confirmed = try confirm(response, inRepair: outgoing.request.isRepair)
            try noteRefusals(response, at: now)
            if outgoing.request.isRepair {
                try advanceRepair(&state, response, outgoing, &taken)
            } else {
                try follow(response, outgoing, &state, &taken)
                try forget(outgoing.request.wanted)
            }
            try save(state)
            taken.isRepairing = state.repair != nil
            let isWaiting = try waitsForMore(state)
            taken.hasMore =
                taken.hasMore || response.hasMore || isWaiting && (taken.confirmed > 0 || taken.passed > 0)
            return taken
        }
    }

    private func waitsForMore(_ state: SyncState) throws -> Bool {
        let waiting = try database.first("SELECT EXISTS (SELECT 1 FROM outbox)") {
            row throws(DatabaseError) in
            try row.integer(0) == 1
        }
        return state.repair != nil || waiting ?? false
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

    /// Notes how far central has each own replica; in a repair also that it has less than it once said.
    private func confirm(_ response: ExchangeResponse, inRepair: Bool) throws -> Int {
        var count = 0
        for watermark in response.stored {
            let own = try database.first(
                "SELECT number, sequence FROM replica WHERE id = ?", .blob(watermark.replica.bytes)
            ) { row throws(DatabaseError) in (number: try row.integer(0), sequence: try row.integer(1)) }
            guard let own else { continue }
            // Somebody else has written with this replica's name: write on under another.
            if Int64(watermark.sequence) > own.sequence, replica?.number == own.number { replica = nil }
            let confirmed = min(Int64(clamping: watermark.sequence), own.sequence)
            try database.execute(
                "UPDATE replica SET confirmed = CASE WHEN ?1 THEN ?2 ELSE max(confirmed, ?2) END WHERE number = ?3",
                .integer(inRepair ? 1 : 0), .integer(confirmed), .integer(own.number))
            count += try database.execute(
                "DELETE FROM outbox WHERE change IN (SELECT number FROM change WHERE own_replica = ? AND sequence <= ?)",
                .integer(own.number), .integer(confirmed))
            if inRepair { try queueAgain(own.number, after: confirmed) }
        }
        for watermark in response.backedUp {
            try database.execute(
                "UPDATE replica SET backed_up = ? WHERE id = ?",
                .integer(Int64(clamping: watermark.sequence)),
                .blob(watermark.replica.bytes))
        }
        return count
    }

    /// Puts own changes that central lacks into the outbox once more.
    func queueAgain(_ ownReplica: Int64, after sequence: Int64) throws {
        try database.execute(
            """
            INSERT OR IGNORE INTO outbox (change, queued_at)
            SELECT number, saved_at FROM change WHERE own_replica = ? AND sequence > ?
            """, .integer(ownReplica), .integer(sequence))
    }

    private func noteRefusals(_ response: ExchangeResponse, at now: UInt64) throws {
        for refused in response.unreadable {
            try noteRefusal(refused.replica, refused.sequence, refused.reason, at: now)
        }
        for fork in response.forks { try noteRefusal(fork.replica, 0, "fork", at: now) }
    }

    private func noteRefusal(_ replica: ReplicaID, _ sequence: UInt64, _ reason: String, at now: UInt64)
        throws
    {
        try database.execute(
            "INSERT OR REPLACE INTO refusal (replica, sequence, reason, told_at) VALUES (?, ?, ?, ?)",
            .blob(replica.bytes), .integer(Int64(sequence)), .text(reason), .integer(Int64(now)))
    }

    private func forget(_ wanted: [CaseID]) throws {
        for id in wanted { try database.execute("DELETE FROM wanted WHERE case_id = ?", .blob(id.bytes)) }
    }
}
