import Persistence
import SyncProtocol

/// Taking back what a journal holds, into a store that is otherwise empty.
extension WindowStore {
    /// Adds changes to the log, of whomever; those that are there already only get their receipt.
    func takeBack(_ entries: [JournalEntry]) throws {
        try writeQuietly {
            for entry in entries {
                let change: Change
                do throws(CBORError) {
                    change = try Change(replica: entry.replica, sequence: entry.sequence, body: entry.body)
                } catch {
                    throw StoreError.damaged("change \(entry.replica).\(entry.sequence) of the journal")
                }
                if let number = try number(of: change.id) {
                    guard let receipt = entry.receipt else { continue }
                    try database.execute(
                        "UPDATE change SET receipt = ? WHERE number = ?", .blob(receipt.bytes),
                        .integer(number))
                } else {
                    try insert(change, own: nil, receipt: entry.receipt, savedAt: entry.savedAt)
                }
            }
        }
    }

    /// Makes a replica this window's own: its changes are put into their chain as far as none is missing, and wait to be sent. Those
    /// behind a gap wait until central has said which of them it has; see ``adoptUnproven()``.
    ///
    /// - Returns: the sequences that are missing.
    func chain(_ id: ReplicaID) throws -> [ClosedRange<UInt64>] {
        try writeQuietly {
            let rows = try database.rows(
                "SELECT number, sequence, content FROM change WHERE replica = ? AND variant = 0 ORDER BY sequence",
                .blob(id.bytes)
            ) { row throws(DatabaseError) in
                (
                    number: try row.integer(0), sequence: UInt64(try row.integer(1)),
                    content: ContentID(rawValue: try row.digest(2))
                )
            }
            var own = try addReplica(id)
            var gaps: [ClosedRange<UInt64>] = []
            var next: UInt64 = 1
            for row in rows {
                if row.sequence > next { gaps.append(next...(row.sequence - 1)) }
                next = row.sequence + 1
                guard gaps.isEmpty else { continue }
                (own.sequence, own.chain) = (row.sequence, own.chain.appending(row.content))
                try database.execute(
                    "UPDATE change SET own_replica = ?, chain = ? WHERE number = ?", .integer(own.number),
                    .digest(own.chain.bytes), .integer(row.number))
                try database.execute(
                    "INSERT INTO outbox (change, queued_at) SELECT number, saved_at FROM change WHERE number = ?",
                    .integer(row.number))
            }
            try database.execute(
                "UPDATE replica SET sequence = ?, chain = ? WHERE number = ?", .integer(Int64(own.sequence)),
                .digest(own.chain.bytes), .integer(own.number))
            return gaps
        }
    }

    /// Remembers the highest place of central's feed that anything was ever used from: if central went back since, that shows.
    func takeBack(witness: FeedPoint) throws {
        try writeQuietly {
            var state = try loadSyncState()
            state.witness = witness
            try save(state)
        }
    }

    /// Writes anew, as another replica, what stood behind a gap of an own one and central does not have: to be called when the feed has
    /// been read to its head, which gave those that central has their receipts.
    ///
    /// - Returns: whether there was any.
    func adoptUnproven() throws -> Bool {
        let replicas = try database.rows(
            "SELECT replica, min(number) FROM change WHERE own_replica IS NULL AND receipt IS NULL GROUP BY replica"
        ) { row throws(DatabaseError) in (id: try row.replicaID(0), first: try row.integer(1)) }
        guard !replicas.isEmpty else { return false }
        var renamed = RenamedDots()
        let unsent = try unsentReplicas(after: 0)
        // In the order in which they were written: later ones may name earlier ones.
        for (id, _) in replicas.sorted(by: { $0.first < $1.first }) {
            try rename(unprovenTail(of: id), of: id, &renamed)
        }
        try follow(&renamed, in: unsent)
        return true
    }

    private func unprovenTail(of id: ReplicaID) throws -> [TailChange] {
        try database.rows(
            """
            SELECT number, replica, sequence, body, content, saved_at FROM change
            WHERE replica = ? AND own_replica IS NULL AND receipt IS NULL ORDER BY sequence, variant
            """, .blob(id.bytes)
        ) { row throws(DatabaseError) in
            (number: try row.integer(0), savedAt: try row.integer(5), stored: try StoredChange(row, from: 1))
        }.map { TailChange(number: $0.number, change: try $0.stored.change, savedAt: $0.savedAt) }
    }
}
