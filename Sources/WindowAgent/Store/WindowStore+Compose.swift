import Persistence
package import SyncProtocol

/// What one exchange is to carry, and which rows it took that from.
package struct Outgoing: Sendable {
    package let request: ExchangeRequest
    /// Changes of the outbox that the request carries.
    let outboxNumbers: [Int64]
    /// Changes that the request brings back to central with their receipts.
    let offeredNumbers: [Int64]
    /// The place in the feed that the request's fingerprint is about.
    let place: FeedPlace
    /// The last case of the request's page of sums; nil if the request has none.
    let lastSummed: CaseID?
}

extension WindowStore {
    /// Heads that a repair tells: of the replicas opened last. Older ones are found through their cases.
    static let repairHeadsMax: Int64 = 1024
    /// Cases whose sums go with one request of a repair.
    static let sumsPerRequest: Int64 = 256

    /// Puts together the next request: where this window stands, and at most `bytesMax` bytes of changes, but one at least.
    package func compose(bytesMax: Int, budget: UInt64) throws -> Outgoing {
        try database.transaction(.deferred) {
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            let state = try loadSyncState()
            var request = ExchangeRequest(
                hospital: enrolment.hospital, budget: budget, milliseconds: environment.milliseconds())
            request.epoch = state.epoch
            request.cursor = state.place.point.position
            request.witness = state.witness
            request.fingerprint = state.place.fingerprint
            request.isRepair = state.repair != nil
            request.heads = try heads(inRepair: request.isRepair)
            request.report = try report()
            if let repair = state.repair, !repair.isCompared { request.sums = try sums(for: repair) }
            if state.repair == nil { request.wanted = try wantedCases() }
            let outbox = try nextOfOutbox(bytesMax: bytesMax)
            let used = outbox.reduce(0) { $0 + $1.body.count }
            let offers = try nextOffers(bytesMax: bytesMax - used)
            request.pushes = try runs(of: outbox) + offers.map(\.push)
            return Outgoing(
                request: request, outboxNumbers: outbox.map(\.number), offeredNumbers: offers.map(\.number),
                place: state.place, lastSummed: request.sums.last?.caseID)
        }
    }

    /// In a repair all own replicas count; else the one now writing, those with unconfirmed changes, and those with changes
    /// that the feed has not shown yet.
    private func heads(inRepair: Bool) throws -> [ReplicaHead] {
        if inRepair {
            return try database.rows(
                "SELECT id, sequence, chain FROM replica ORDER BY number DESC LIMIT ?",
                .integer(Self.repairHeadsMax)
            ) { row throws(DatabaseError) in try row.replicaHead() }
        }
        return try database.rows(
            """
            SELECT id, sequence, chain FROM replica
            WHERE number = ? OR sequence > confirmed OR EXISTS (
                SELECT 1 FROM change
                WHERE own_replica = replica.number AND own_replica IS NOT NULL AND position IS NULL)
            ORDER BY number DESC LIMIT ?
            """, SQLiteValue(replica?.number), .integer(Int64(Limits.headsMax))
        ) { row throws(DatabaseError) in try row.replicaHead() }
    }

    private func report() throws -> ExchangeRequest.Report {
        let now = environment.milliseconds()
        let found = try database.first("SELECT count(*), min(queued_at) FROM outbox") {
            row throws(DatabaseError) in
            (count: try row.integer(0), oldest: try row.optionalInteger(1))
        }
        let age = found?.oldest.map { now - min(now, UInt64($0)) } ?? 0
        return ExchangeRequest.Report(
            outboxCount: UInt64(found?.count ?? 0), oldestMilliseconds: age, softwareVersion: Agent.version)
    }

    private func sums(for repair: SyncState.Repair) throws -> [CaseSum] {
        try database.rows(
            """
            SELECT case_id, fingerprint FROM case_cache
            WHERE case_id > ?1 AND (?2 IS NULL OR case_id = ?2) ORDER BY case_id LIMIT ?3
            """,
            .blob(repair.after?.bytes ?? []), SQLiteValue(repair.only?.bytes), .integer(Self.sumsPerRequest)
        ) { row throws(DatabaseError) in
            CaseSum(caseID: try row.caseID(0), fingerprint: Fingerprint(rawValue: try row.digest(1)))
        }
    }

    private func wantedCases() throws -> [CaseID] {
        try database.rows(
            "SELECT case_id FROM wanted ORDER BY case_id LIMIT ?", .integer(Self.sumsPerRequest)
        ) {
            row throws(DatabaseError) in try row.caseID(0)
        }
    }

    /// A change that waits to be sent.
    private struct Waiting {
        let number: Int64
        let replica: ReplicaID
        let ownReplica: Int64
        let sequence: UInt64
        let body: [UInt8]
    }

    private func nextOfOutbox(bytesMax: Int) throws -> [Waiting] {
        var waiting: [Waiting] = []
        var bytes = 0
        try database.forEach(
            """
            SELECT change.number, change.replica, change.own_replica, change.sequence, change.body
            FROM outbox JOIN change ON change.number = outbox.change ORDER BY outbox.change
            """
        ) { row throws(DatabaseError) in
            let next = Waiting(
                number: try row.integer(0), replica: try row.replicaID(1), ownReplica: try row.integer(2),
                sequence: UInt64(try row.integer(3)), body: try row.blob(4))
            bytes += next.body.count
            guard waiting.isEmpty || bytes <= bytesMax, waiting.count < Limits.bodiesPerRunMax else {
                return .enough
            }
            waiting.append(next)
            return .more
        }
        return waiting
    }

    /// Runs of consecutive sequences of one replica, each with the chain's value before its first.
    private func runs(of waiting: [Waiting]) throws -> [Push] {
        var pushes: [Push] = []
        var rest = waiting[...]
        while let first = rest.first {
            var run: [Waiting] = []
            while let next = rest.first, next.replica == first.replica,
                next.sequence == first.sequence + UInt64(run.count)
            {
                run.append(next)
                rest.removeFirst()
            }
            let before = try chain(before: first)
            pushes.append(
                .run(replica: first.replica, first: first.sequence, chain: before, bodies: run.map(\.body)))
        }
        return pushes
    }

    private func chain(before first: Waiting) throws -> Chain {
        guard first.sequence > 1 else { return .start }
        let chain = try database.first(
            "SELECT chain FROM change WHERE replica = ? AND sequence = ? AND own_replica = ?",
            .blob(first.replica.bytes), .integer(Int64(first.sequence - 1)), .integer(first.ownReplica)
        ) { row throws(DatabaseError) in Chain(rawValue: try row.digest(0)) }
        guard let chain else { throw StoreError.damaged("the chain of replica \(first.replica)") }
        return chain
    }

    /// Changes of others that central lacks, with the receipts that prove that it had them.
    private func nextOffers(bytesMax: Int) throws -> [(number: Int64, push: Push)] {
        var offers: [(number: Int64, push: Push)] = []
        var bytes = 0
        try database.forEach(
            """
            SELECT change.number, change.replica, change.sequence, change.body, change.receipt
            FROM offer JOIN change ON change.number = offer.change WHERE change.receipt IS NOT NULL
            ORDER BY offer.change
            """
        ) { row throws(DatabaseError) in
            let body = try row.blob(3)
            guard let receipt = Receipt(bytes: try row.blob(4)) else {
                throw row.unexpected(4, wanted: "16 bytes")
            }
            bytes += body.count
            guard offers.isEmpty ? bytesMax > 0 : bytes <= bytesMax, offers.count < Limits.bodiesPerRunMax
            else {
                return .enough
            }
            let push = Push.foreign(
                replica: try row.replicaID(1), sequence: UInt64(try row.integer(2)), body: body,
                receipt: receipt)
            offers.append((try row.integer(0), push))
            return .more
        }
        return offers
    }
}
