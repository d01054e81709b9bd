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
    /// The request tells a page of sums with all that this window could still push: its answer says what central lacks.
    let isComparing: Bool
    /// Of the store when this was put together; see ``WindowStore/take(_:for:)``.
    let generation: UInt64
}

extension WindowStore {
    /// Cases whose sums go with one request of a repair.
    static let sumsPerRequest = 256

    /// Puts together the next request: where this window stands, and at most `bytesMax` bytes of changes, but one at least.
    package func compose(bytesMax: Int, budget: UInt64) throws -> Outgoing {
        try database.transaction(.deferred) {
            let state = try loadSyncState()
            var request = try standing(state, budget: budget)
            if state.repair == nil { request.wanted = try nextWanted() }
            let offers = try nextOffers(bytesMax: bytesMax)
            let outbox = try nextOfOutbox(bytesMax: bytesMax - offers.bytes, isAlone: offers.pushes.isEmpty)
            request.pushes = offers.pushes + (try runs(of: outbox.waiting))
            // A page that is told before all is pushed differs for certain: it would only cost its bytes.
            let isComparing = state.repair.map { !$0.isCompared && outbox.isAll && offers.isAll } ?? false
            if let repair = state.repair, isComparing { request.sums = try sums(for: repair) }
            return Outgoing(
                request: request, outboxNumbers: outbox.waiting.map(\.number), offeredNumbers: offers.numbers,
                place: state.place, isComparing: isComparing, generation: memory.generation)
        }
    }

    /// A request that tells where this window stands, and brings nothing yet.
    func standing(_ state: SyncState, budget: UInt64) throws -> ExchangeRequest {
        guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
        var request = ExchangeRequest(
            hospital: enrolment.hospital, budget: budget, milliseconds: environment.milliseconds())
        request.epoch = state.epoch
        request.cursor = state.place.point.position
        request.witness = state.witness
        request.fingerprint = state.place.fingerprint
        request.isRepair = state.repair != nil
        request.heads = try heads(inRepair: request.isRepair)
        request.report = try report()
        return request
    }

    /// In a repair all own replicas count; else the one now writing, those with unconfirmed changes, and those with changes
    /// that the feed has not shown yet. One whose fork is being searched tells where to look next.
    private func heads(inRepair: Bool) throws -> [ReplicaHead] {
        var heads = try inRepair ? allHeads() : presentHeads()
        heads.removeAll { memory.forks[$0.replica] != nil }
        for (id, search) in memory.forks.sorted(by: { $0.key < $1.key }) {
            guard let own = try ownReplica(id), let chain = try chain(of: own, at: search.middle) else {
                continue
            }
            heads.append(ReplicaHead(replica: id, sequence: search.middle, chain: chain))
        }
        return heads
    }

    /// Of the replicas opened last, as many as a request may tell. Older ones are found through their cases.
    private func allHeads() throws -> [ReplicaHead] {
        try database.rows(
            "SELECT id, sequence, chain FROM replica WHERE is_broken = 0 ORDER BY number DESC LIMIT ?",
            .integer(Int64(Limits.headsMax))
        ) { row throws(DatabaseError) in try row.replicaHead() }
    }

    private func presentHeads() throws -> [ReplicaHead] {
        try database.rows(
            """
            SELECT id, sequence, chain FROM replica
            WHERE is_broken = 0 AND (number = ? OR sequence > confirmed OR EXISTS (
                SELECT 1 FROM change
                WHERE own_replica = replica.number AND own_replica IS NOT NULL AND position IS NULL))
            ORDER BY number DESC LIMIT ?
            """, SQLiteValue(memory.replica?.number), .integer(Int64(Limits.headsMax))
        ) { row throws(DatabaseError) in try row.replicaHead() }
    }

    private func report() throws -> ExchangeRequest.Report {
        let now = environment.milliseconds()
        let found = try database.first(
            "SELECT count(*), (SELECT queued_at FROM outbox ORDER BY change LIMIT 1) FROM outbox"
        ) {
            row throws(DatabaseError) in
            (count: try row.integer(0), oldest: try row.optionalInteger(1))
        }
        let age = found?.oldest.map { now - min(now, UInt64($0)) } ?? 0
        return ExchangeRequest.Report(
            outboxCount: UInt64(found?.count ?? 0), oldestMilliseconds: age, softwareVersion: Agent.version)
    }

    private func sums(for repair: SyncState.Repair) throws -> [CaseSum] {
        if repair.cause == .verify { return try wantedSums(after: repair.after) }
        return try database.rows(
            """
            SELECT case_id, fingerprint FROM case_cache
            WHERE case_id > ?1 AND (?2 IS NULL OR case_id = ?2) ORDER BY case_id LIMIT ?3
            """,
            .blob(repair.after?.bytes ?? []), SQLiteValue(repair.only?.bytes),
            .integer(Int64(Self.sumsPerRequest))
        ) { row throws(DatabaseError) in
            CaseSum(caseID: try row.caseID(0), fingerprint: Fingerprint(rawValue: try row.digest(1)))
        }
    }

    /// One at a time: an answer that was cut at its budget does not say which of several cases it left out.
    private func nextWanted() throws -> [CaseID] {
        try database.rows("SELECT case_id FROM wanted ORDER BY case_id LIMIT 1") {
            row throws(DatabaseError) in try row.caseID(0)
        }
    }

    /// A change that waits to be sent.
    struct Waiting {
        let number: Int64
        let replica: ReplicaID
        let ownReplica: Int64
        let sequence: UInt64
        let body: [UInt8]
    }

    /// - Parameter isAlone: nothing else is in the request: then one goes, however large.
    private func nextOfOutbox(bytesMax: Int, isAlone: Bool) throws -> (waiting: [Waiting], isAll: Bool) {
        var waiting: [Waiting] = []
        var bytes = 0
        var isAll = true
        try database.forEach(
            """
            SELECT change.number, change.replica, change.own_replica, change.sequence, change.body
            FROM outbox JOIN change ON change.number = outbox.change ORDER BY outbox.change
            """
        ) { row throws(DatabaseError) in
            let replica = try row.replicaID(1)
            // Central takes nothing of a forked replica; it must not stand in the way of the others.
            if memory.forks[replica] != nil { return .more }
            let next = Waiting(
                number: try row.integer(0), replica: replica, ownReplica: try row.integer(2),
                sequence: UInt64(try row.integer(3)), body: try row.blob(4))
            bytes += next.body.count
            isAll = isAlone && waiting.isEmpty || bytes <= bytesMax && waiting.count < Limits.bodiesPerRunMax
            guard isAll else { return .enough }
            waiting.append(next)
            return .more
        }
        return (waiting, isAll)
    }

    /// Runs of consecutive sequences of one replica, each with the chain's value before its first.
    func runs(of waiting: [Waiting]) throws -> [Push] {
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

    /// Changes of others for one request.
    private struct Offers {
        var numbers: [Int64] = []
        var pushes: [Push] = []
        var bytes = 0
        var isAll = true
    }

    /// Changes of others that central lacks, with the receipts that prove that it had them.
    private func nextOffers(bytesMax: Int) throws -> Offers {
        var offers = Offers()
        try database.forEach(
            """
            SELECT change.number, change.replica, change.sequence, change.body, change.receipt
            FROM offer JOIN change ON change.number = offer.change ORDER BY offer.rank, offer.change
            """
        ) { row throws(DatabaseError) in
            let body = try row.blob(3)
            guard let receipt = Receipt(bytes: try row.blob(4)) else {
                throw row.unexpected(4, wanted: "16 bytes")
            }
            let fits = offers.pushes.isEmpty || offers.bytes + body.count <= bytesMax
            offers.isAll = fits && offers.pushes.count < Limits.bodiesPerRunMax
            guard offers.isAll else { return .enough }
            offers.bytes += body.count
            let push = Push.foreign(
                replica: try row.replicaID(1), sequence: UInt64(try row.integer(2)), body: body,
                receipt: receipt)
            offers.pushes.append(push)
            offers.numbers.append(try row.integer(0))
            return .more
        }
        return offers
    }
}
