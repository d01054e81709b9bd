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
        // An answer to a request that was sent before another answer moved the cursor says nothing new about the feed.
        let isCurrent = response.from == state.place.point.position && outgoing.place == state.place
        let agrees = response.fingerprint == state.place.fingerprint
        for entry in response.entries {
            if case .supplied(let replica, let sequence, let body, let receipt) = entry {
                _ = try receive(replica, sequence, body, receipt, &touched, &taken)
            } else if isCurrent {
                try pass(entry, &state.place, &touched, &taken)
            }
        }
        for id in touched { try refresh(id) }
        guard isCurrent else { return }
        taken.passed = state.place.point.position - outgoing.place.point.position
        let isAtHead = response.hasMore || state.place.point == response.head
        if !agrees || !isAtHead { try noteMismatch(&state) }
    }

    private func pass(
        _ entry: FeedEntry, _ place: inout FeedPlace, _ touched: inout Set<CaseID>, _ taken: inout Taken
    ) throws {
        let next = Int64(place.point.position + 1)
        switch entry {
        case .change(let replica, let sequence, let body, let receipt):
            let (id, number) = try receive(replica, sequence, body, receipt, &touched, &taken)
            try database.execute(
                "UPDATE change SET position = ? WHERE number = ?", .integer(next), .integer(number))
            place.pass(change: id)
        case .own(let replica, let first, let last):
            for sequence in first...last { try passOwn(replica, sequence, &place) }
        case .enters(let id):
            try database.execute("DELETE FROM departed WHERE case_id = ?", .blob(id.bytes))
            place.pass(enters: id)
        case .leaves(let id):
            place.pass(leaves: id, sum: try sumInFeed(of: id))
            try database.execute(
                "INSERT OR REPLACE INTO departed (case_id, position) VALUES (?, ?)", .blob(id.bytes),
                .integer(next))
        case .unknown(let item):
            try database.execute(
                "INSERT OR REPLACE INTO unknown_entry (position, item) VALUES (?, ?)", .integer(next),
                .blob(item))
            place.pass(unknown: item)
        case .supplied: break
        }
    }

    private func passOwn(_ replica: ReplicaID, _ sequence: UInt64, _ place: inout FeedPlace) throws {
        let id = try database.first(
            """
            UPDATE change SET position = ? WHERE replica = ? AND sequence = ? AND own_replica IS NOT NULL
            RETURNING content
            """, .integer(Int64(place.point.position + 1)), .blob(replica.bytes), .integer(Int64(sequence))
        ) { row throws(DatabaseError) in ContentID(rawValue: try row.digest(0)) }
        guard let id else { throw StoreError.damaged("own change \(replica).\(sequence) is not here") }
        place.pass(change: id)
    }

    /// Takes in a change with its receipt, if it is not here yet, and remembers that its case must be folded.
    private func receive(
        _ replica: ReplicaID, _ sequence: UInt64, _ body: [UInt8], _ receipt: Receipt,
        _ touched: inout Set<CaseID>,
        _ taken: inout Taken
    ) throws -> (ContentID, Int64) {
        let change: Change
        do throws(CBORError) {
            change = try Change(replica: replica, sequence: sequence, body: body)
        } catch {
            throw StoreError.damaged("received change \(replica).\(sequence): \(error)")
        }
        if let number = try number(of: change.id) {
            try database.execute(
                "UPDATE change SET receipt = ? WHERE number = ?", .blob(receipt.bytes), .integer(number))
            return (change.id, number)
        }
        let now = environment.milliseconds()
        if let content = change.content { clock.receive(content.time, wallMilliseconds: now) }
        touched.insert(change.caseID)
        taken.received += 1
        return (change.id, try insert(change, own: nil, receipt: receipt, savedAt: now))
    }

    private func sumInFeed(of caseID: CaseID) throws -> Fingerprint {
        var sum = Fingerprint.empty
        let ids = try database.rows(
            "SELECT content FROM change WHERE case_id = ? AND position IS NOT NULL", .blob(caseID.bytes)
        ) { row throws(DatabaseError) in ContentID(rawValue: try row.digest(0)) }
        for id in ids { sum.add(id) }
        return sum
    }

    /// A scope that differs is compared case by case and read again, but not more often than once a day by itself.
    private func noteMismatch(_ state: inout SyncState) throws {
        let now = environment.milliseconds()
        if let last = state.mismatchAt, now >= last, now - last < Self.mismatchMillisecondsMin { return }
        state.mismatchAt = now
        state.repair = SyncState.Repair(cause: .sumsDiffer)
    }
}
