import Persistence
package import SyncProtocol

/// What this window holds of its scope, as a verify compares it.
package struct ScopeSums: Sendable {
    package let hospital: HospitalID
    /// The place in the feed that it is about.
    package let point: FeedPoint
    package let sums: SortedSums
    /// Places of the cases, for one that is compared alone.
    package let places: [CaseID: ScopePlace]
    /// Cases whose caches did not fit the log and were made anew.
    package let recached: Int
    /// Nothing came between while the log was read. If not, the sums are of no one moment: begin anew.
    package let isCurrent: Bool
    /// Of the store when the log was read.
    let generation: UInt64
}

extension WindowStore {
    /// Rows of the log that are read at a time; between two, saves and exchanges go on.
    static let rowsPerVerifyPage: Int64 = 5000

    /// Sums up the log: every change of the cases in the scope, without own ones that the feed has not shown yet. Those are on
    /// their way, and central cannot have them in its scope at this place.
    ///
    /// It reads the whole log once, and trusts no cache; caches that do not fit are made anew.
    ///
    /// - Returns: nil while a repair is under way: it has to end first.
    package func scopeSums() async throws -> ScopeSums? {
        guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
        let (state, generation) = (try loadSyncState(), memory.generation)
        guard state.repair == nil else { return nil }
        var cases: [CaseID: Summed] = [:]
        var last: Int64 = 0
        let end = try lastNumber()
        while last < end {
            last = try addPage(after: last, through: end, to: &cases)
            await Task.yield()
        }
        let recached = try await recache(cases, through: end)
        let departed = Set(
            try database.rows("SELECT case_id FROM departed") { row throws(DatabaseError) in
                try row.caseID(0)
            })
        let items = cases.compactMap { id, summed -> SortedSums.Item? in
            guard summed.count > 0, !departed.contains(id) else { return nil }
            return SortedSums.Item(id, lastTime: summed.lastTime, sum: summed.sum)
        }
        return ScopeSums(
            hospital: enrolment.hospital, point: state.place.point, sums: SortedSums(items),
            places: Dictionary(
                items.map { ($0.place.caseID, $0.place) }, uniquingKeysWith: { first, _ in first }),
            recached: recached, isCurrent: generation == memory.generation, generation: generation)
    }

    /// After a verify found this window's log equal to central's: if the sum that was kept along the feed was not, the log's is
    /// kept from now on.
    func adoptSum(of scope: ScopeSums) throws {
        try write {
            guard scope.generation == memory.generation else { return }
            var state = try loadSyncState()
            guard state.mismatchAt != nil, state.mendedAt == nil, state.place.point == scope.point else {
                return
            }
            memory.generation &+= 1
            state.place.mend(scope.sums.total)
            try save(state)
        }
    }

    /// Notes that the mismatch that was found last has been verified, whatever came of it.
    func noteVerified() throws { memory.verifiedMismatch = try loadSyncState().mismatchAt }

    /// A case of the log, while it is summed up.
    private struct Summed {
        /// Of the changes that are compared.
        var sum = Fingerprint.empty
        var count = 0
        var lastTime = HybridTime(rawValue: 0)
        /// Of all.
        var all = Fingerprint.empty

        mutating func add(_ change: Change, isCompared: Bool) {
            all.add(change.id)
            guard isCompared else { return }
            sum.add(change.id)
            count += 1
            lastTime = max(lastTime, change.content?.time ?? lastTime)
        }
    }

    private func lastNumber() throws -> Int64 {
        try database.first("SELECT max(number) FROM change") { row throws(DatabaseError) in
            try row.optionalInteger(0) ?? 0
        } ?? 0
    }

    private func addPage(after first: Int64, through end: Int64, to cases: inout [CaseID: Summed]) throws
        -> Int64
    {
        let rows = try database.rows(
            """
            SELECT number, replica, sequence, body, content, position IS NULL AND own_replica IS NOT NULL
            FROM change WHERE number > ? AND number <= ? ORDER BY number LIMIT ?
            """, .integer(first), .integer(end), .integer(Self.rowsPerVerifyPage)
        ) { row throws(DatabaseError) in
            (
                number: try row.integer(0), stored: try StoredChange(row, from: 1),
                isOnItsWay: try row.integer(5) == 1
            )
        }
        for row in rows {
            let change = try row.stored.change
            cases[change.caseID, default: Summed()].add(change, isCompared: !row.isOnItsWay)
        }
        return rows.last?.number ?? end
    }

    /// Makes the caches anew that do not fit the log. Cases that were written since are left out: theirs are new.
    private func recache(_ cases: [CaseID: Summed], through end: Int64) async throws -> Int {
        let cached = try database.rows("SELECT case_id, fingerprint FROM case_cache") {
            row throws(DatabaseError) in (try row.caseID(0), Fingerprint(rawValue: try row.digest(1)))
        }
        var missing = cases
        var wrong: [CaseID] = []
        for (id, fingerprint) in cached {
            if missing.removeValue(forKey: id)?.all != fingerprint { wrong.append(id) }
        }
        wrong += missing.keys
        var count = 0
        for id in wrong.sorted() {
            let isNew = try database.first(
                "SELECT 1 FROM change WHERE case_id = ? AND number > ? LIMIT 1", .blob(id.bytes),
                .integer(end)
            ) { row throws(DatabaseError) in true }
            if isNew ?? false { continue }
            try write { try refreshOrDrop(id) }
            count += 1
            await Task.yield()
        }
        return count
    }
}

extension WindowStore {
    /// Begins to mend cases that a verify found to differ: what central lacks of them is pushed, then what this window lacks is
    /// asked for. Durable, and nothing is discarded on the way.
    package func orderRepair(of cases: [CaseID]) throws {
        try write {
            for id in cases {
                try database.execute("INSERT OR IGNORE INTO wanted (case_id) VALUES (?)", .blob(id.bytes))
            }
        }
        try orderRepair(.verify)
    }

    /// Whether a case that is not in the scope is here all the same: it left, or central has not shown it yet.
    func isInLog(_ id: CaseID) throws -> Bool {
        try database.first(
            "SELECT 1 FROM change WHERE case_id = ? LIMIT 1", .blob(id.bytes)
        ) { row throws(DatabaseError) in true } ?? false
    }

    /// The sums of the next cases that are to be compared; of one that is not here, the sum of nothing.
    func wantedSums(after last: CaseID?) throws -> [CaseSum] {
        try database.rows(
            """
            SELECT wanted.case_id, case_cache.fingerprint
            FROM wanted LEFT JOIN case_cache ON case_cache.case_id = wanted.case_id
            WHERE wanted.case_id > ? ORDER BY wanted.case_id LIMIT ?
            """, .blob(last?.bytes ?? []), .integer(Int64(Self.sumsPerRequest))
        ) { row throws(DatabaseError) in
            let isHere = try row.optionalBlob(1) != nil
            return CaseSum(
                caseID: try row.caseID(0),
                fingerprint: isHere ? Fingerprint(rawValue: try row.digest(1)) : .empty)
        }
    }

    /// Of cases that turn out to be equal nothing is asked for.
    func forgetEqual(_ sums: [CaseSum], _ differences: [ExchangeResponse.Difference]) throws {
        let differing = Set(differences.map(\.caseID))
        for sum in sums where !differing.contains(sum.caseID) {
            try database.execute("DELETE FROM wanted WHERE case_id = ?", .blob(sum.caseID.bytes))
        }
    }

    /// Gives a change that was lost here, and came back, its place in the chain of the own replica that wrote it: only if the
    /// chain proves that it is the one.
    func relink(_ number: Int64) throws {
        let row = try database.first(
            "SELECT replica, sequence, content FROM change WHERE number = ? AND own_replica IS NULL",
            .integer(number)
        ) { row throws(DatabaseError) in
            (
                replica: try row.replicaID(0), sequence: UInt64(try row.integer(1)),
                id: ContentID(rawValue: try row.digest(2))
            )
        }
        guard let row, let own = try ownReplica(row.replica), row.sequence <= own.sequence,
            let before = try chain(of: own, at: row.sequence - 1)
        else { return }
        let chain = before.appending(row.id)
        guard try isProven(chain, of: own, at: row.sequence) else { return }
        try database.execute(
            "UPDATE change SET own_replica = ?, chain = ? WHERE number = ?", .integer(own.number),
            .digest(chain.bytes), .integer(number))
    }

    private func isProven(_ chain: Chain, of own: OwnReplica, at sequence: UInt64) throws -> Bool {
        if sequence == own.sequence { return own.chain == chain }
        let next = try database.first(
            "SELECT content, chain FROM change WHERE replica = ? AND sequence = ? AND own_replica = ?",
            .blob(own.id.bytes), .integer(Int64(sequence + 1)), .integer(own.number)
        ) { row throws(DatabaseError) in
            (id: ContentID(rawValue: try row.digest(0)), chain: Chain(rawValue: try row.digest(1)))
        }
        return next.map { chain.appending($0.id) == $0.chain } ?? false
    }
}
