import Persistence
import SyncProtocol

/// Following the feed. Everything here runs inside the transaction of `take`.
extension WindowStore {
    /// How long a scope whose sum differs is left alone after a repair for that reason, in milliseconds.
    static let mismatchMillisecondsMin: UInt64 = 24 * 3600 * 1000

    /// Passes the answer's entries in order, and folds the cases that they touch.
    func follow(
        _ response: ExchangeResponse, _ outgoing: Outgoing, _ state: inout SyncState, _ taken: inout Taken
    ) throws {
        var touched: Set<CaseID> = []
        let isFromCursor = response.from == state.place.point.position
        let agrees = response.fingerprint == state.place.fingerprint
        var isWhole = true
        for entry in response.entries {
            if case .supplied(let replica, let sequence, let body, let receipt) = entry {
                let number = try receive(replica, sequence, body, receipt, &touched, &taken)
                if let number { try settleSupplied(number, at: state.place) }
            } else if isFromCursor, isWhole {
                isWhole = try pass(entry, &state.place, &touched, &taken)
            }
        }
        for id in touched { try refresh(id) }
        guard isFromCursor else { return }
        taken.passed = state.place.point.position - outgoing.place.point.position
        // An own change that is not here is asked for at once, in another way.
        if !isWhole { return taken.hasMore = true }
        let isAtHead = response.hasMore || state.place.point == response.head
        if !response.hasMore { try wantReturned() }
        // What a recovery could not place, central has shown by now if it has it.
        if !response.hasMore, isAtHead, try adoptUnproven() { taken.hasMore = true }
        if !isAtHead { try noteOtherFeed(&state) }
        noteSum(agrees: agrees, &state)
    }

    /// False if the entry stands for changes that are not here: then it is not passed.
    private func pass(
        _ entry: FeedEntry, _ place: inout FeedPlace, _ touched: inout Set<CaseID>, _ taken: inout Taken
    ) throws -> Bool {
        let next = Int64(place.point.position + 1)
        switch entry {
        case .change(let replica, let sequence, let body, let receipt):
            let id = ContentID(replica: replica, sequence: sequence, body: body)
            if try passWiped(id, at: next) {
                // Its content does not come back while nobody here needs it.
            } else if let number = try receive(replica, sequence, body, receipt, &touched, &taken) {
                try database.execute(
                    "UPDATE change SET position = ? WHERE number = ?", .integer(next), .integer(number))
            } else {
                try keep(body, of: (replica, sequence), at: next)
            }
            place.pass(change: id)
        case .own(let replica, let first, let last):
            for sequence in first...last where try !passOwn(replica, sequence, &place) { return false }
        case .enters(let id):
            try database.execute("DELETE FROM departed WHERE case_id = ?", .blob(id.bytes))
            // All its changes follow, those that were here before it left once more.
            try database.execute("UPDATE change SET position = NULL WHERE case_id = ?", .blob(id.bytes))
            try database.execute("UPDATE wiped_change SET position = NULL WHERE case_id = ?", .blob(id.bytes))
            place.pass(enters: id)
        case .late(let replica, let sequence, let body, let receipt):
            try passLate((replica, sequence, body, receipt), at: next, &touched, &taken)
            place.pass(late: ContentID(replica: replica, sequence: sequence, body: body))
        case .leaves(let id):
            place.pass(leaves: id, sum: try sumInFeed(of: id))
            try database.execute(
                "INSERT OR REPLACE INTO departed (case_id, position, departed_at) VALUES (?, ?, ?)",
                .blob(id.bytes), .integer(next), .integer(Int64(clamping: environment.milliseconds())))
        case .unknown(let item):
            try keep(item, of: nil, at: next)
            place.pass(unknown: item)
        case .supplied: break
        }
        return true
    }

    private func passLate(
        _ late: (replica: ReplicaID, sequence: UInt64, body: [UInt8], receipt: Receipt), at position: Int64,
        _ touched: inout Set<CaseID>, _ taken: inout Taken
    ) throws {
        // What does not decode is told where it is received.
        if let change = try? Change(replica: late.replica, sequence: late.sequence, body: late.body),
            try isWiped(change.caseID), try number(of: change.id) == nil
        {
            return try noteWiped(change, at: position)
        }
        let number = try receive(late.replica, late.sequence, late.body, late.receipt, &touched, &taken)
        guard let number else { return }
        try database.execute(
            "UPDATE change SET position = ? WHERE number = ?", .integer(position), .integer(number))
    }

    private func passOwn(_ replica: ReplicaID, _ sequence: UInt64, _ place: inout FeedPlace) throws -> Bool {
        let id = try database.first(
            """
            UPDATE change SET position = ? WHERE replica = ? AND sequence = ? AND own_replica IS NOT NULL
            RETURNING content
            """, .integer(Int64(place.point.position + 1)), .blob(replica.bytes), .integer(Int64(sequence))
        ) { row throws(DatabaseError) in ContentID(rawValue: try row.digest(0)) }
        guard let id else {
            try noteBroken(replica, at: sequence)
            return false
        }
        place.pass(change: id)
        return true
    }

    /// Keeps an entry that this version cannot use, for a later one.
    private func keep(_ item: [UInt8], of change: (ReplicaID, UInt64)?, at position: Int64) throws {
        try database.execute(
            "INSERT OR REPLACE INTO kept_entry (position, replica, sequence, item) VALUES (?, ?, ?, ?)",
            .integer(position), SQLiteValue(change?.0.bytes), SQLiteValue(change.map { Int64($0.1) }),
            .sealed(item, .store("kept_entry.item")))
    }

    /// Takes in a change with its receipt, if it is not here yet, and remembers that its case must be folded.
    ///
    /// - Returns: its row; nil for a body whose frozen head does not decode, which enters no case and is told.
    private func receive(
        _ replica: ReplicaID, _ sequence: UInt64, _ body: [UInt8], _ receipt: Receipt,
        _ touched: inout Set<CaseID>, _ taken: inout Taken
    ) throws -> Int64? {
        let now = environment.milliseconds()
        let change: Change
        do throws(CBORError) {
            change = try Change(replica: replica, sequence: sequence, body: body)
        } catch {
            try noteRefusal(replica, sequence, "unreadable-head", at: now)
            return nil
        }
        if let number = try number(of: change.id) {
            try database.execute(
                "UPDATE change SET receipt = ? WHERE number = ?", .blob(receipt.bytes), .integer(number))
            return number
        }
        if let content = change.content { memory.clock.receive(content.time, wallMilliseconds: now) }
        touched.insert(change.caseID)
        taken.received += 1
        let position = try unwipe(change.id)
        let number = try insert(change, own: nil, receipt: receipt, savedAt: now)
        if let position {
            try database.execute(
                "UPDATE change SET position = ? WHERE number = ?", .integer(position), .integer(number))
        }
        return number
    }

    private func sumInFeed(of caseID: CaseID) throws -> Fingerprint {
        var sum = Fingerprint.empty
        let ids = try database.rows(
            """
            SELECT content FROM change WHERE case_id = ?1 AND position IS NOT NULL
            UNION ALL SELECT content FROM wiped_change WHERE case_id = ?1 AND position IS NOT NULL
            """, .blob(caseID.bytes)
        ) { row throws(DatabaseError) in ContentID(rawValue: try row.digest(0)) }
        for id in ids { sum.add(id) }
        return sum
    }

    /// A feed that ends otherwise than central says is read again from its start, but not more often than once a day by itself.
    private func noteOtherFeed(_ state: inout SyncState) throws {
        let now = environment.milliseconds()
        if let last = state.mismatchAt, now >= last, now - last < Self.mismatchMillisecondsMin { return }
        (state.mismatchAt, state.mendedAt) = (now, nil)
        state.repair = SyncState.Repair(cause: .sumsDiffer)
    }

    /// A scope whose sum differs is verified, but not more often than once a day by itself.
    private func noteSum(agrees: Bool, _ state: inout SyncState) {
        let now = environment.milliseconds()
        if agrees {
            if state.mismatchAt != nil, state.mendedAt == nil, state.repair == nil { state.mendedAt = now }
            return
        }
        if let last = state.mismatchAt, now >= last, now - last < Self.mismatchMillisecondsMin {
            if state.mendedAt != nil { state.mendedAt = nil }
            return
        }
        (state.mismatchAt, state.mendedAt) = (now, nil)
    }

    /// A change that was supplied is one that the feed has shown, or will: it counts with its case when that leaves.
    private func settleSupplied(_ number: Int64, at place: FeedPlace) throws {
        try relink(number)
        try database.execute(
            "UPDATE change SET position = coalesce(position, ?) WHERE number = ?",
            .integer(Int64(max(1, place.point.position))), .integer(number))
    }

    /// Forgets the feed, which is about to be read from its start; the changes stay.
    func forgetFeed() throws {
        try database.execute("UPDATE change SET position = NULL WHERE position IS NOT NULL")
        try database.execute("UPDATE wiped_change SET position = NULL WHERE position IS NOT NULL")
        try database.execute("DELETE FROM departed")
        try database.execute("DELETE FROM kept_entry")
        try forgetBackups()
    }
}
