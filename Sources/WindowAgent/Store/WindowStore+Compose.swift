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
    /// The request carries no change, whatever waits: it asks what of an earlier one arrived, or how far central is.
    let isAsking: Bool
    /// Of the store when this was put together; see ``WindowStore/take(_:for:)``.
    let generation: UInt64
}

extension WindowStore {
    /// Cases whose sums go with one request of a repair.
    static let sumsPerRequest = 256
    /// Cases that one request asks for again; central says how many of them its answer holds.
    static let wantedPerRequest: Int64 = 64

    /// Puts together the next request: where this window stands, and at most `bytesMax` bytes of changes, but one at least; with
    /// 0 none.
    ///
    /// - Parameter waitSeconds: for how long central may hold the answer back; nil: not at all.
    package func compose(bytesMax: Int, budget: UInt64, waitSeconds: UInt64? = nil) throws -> Outgoing {
        try database.transaction(.deferred) {
            let state = try loadSyncState()
            var request = try standing(state, budget: budget)
            request.waitSeconds = waitSeconds
            if state.repair == nil { request.wanted = try nextWanted() }
            let changeBytesMax = state.isUntold ? 0 : bytesMax
            let offers = try nextOffers(bytesMax: changeBytesMax)
            // What others wrote comes first: it may prove whose a case is, or judge what follows.
            let outbox = try nextOfOutbox(
                bytesMax: offers.isAll ? changeBytesMax - offers.bytes : 0, isAlone: offers.pushes.isEmpty)
            request.pushes = offers.pushes + (try runs(of: outbox.waiting))
            // A page that is told before all is pushed differs for certain: it would only cost its bytes.
            let isComparing = state.repair.map { !$0.isCompared && outbox.isAll && offers.isAll } ?? false
            if let repair = state.repair, isComparing { request.sums = try sums(for: repair) }
            return Outgoing(
                request: request, outboxNumbers: outbox.waiting.map(\.number), offeredNumbers: offers.numbers,
                place: state.place, isComparing: isComparing,
                isAsking: changeBytesMax == 0 && waitSeconds == nil,
                generation: memory.generation)
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
        request.repairHead = state.repair?.head
        request.heads = try heads(inRepair: request.isRepair)
        request.report = try report()
        request.audit = try auditToTell()
        return request
    }

    /// In a repair all own replicas count; else the one now writing, those with unconfirmed changes, and those with changes
    /// that the feed has not shown yet, and one in turn of those that are in no verified backup yet. One whose fork is being
    /// searched tells where to look next.
    private func heads(inRepair: Bool) throws -> [ReplicaHead] {
        var heads = try inRepair ? allHeads() : presentHeads()
        if let next = try nextWithoutBackup(), !heads.contains(next), heads.count < Limits.headsMax {
            heads.append(next)
        }
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

    /// Central tells of a backup only for the replicas that it hears of: an old one is asked about now and then.
    private func nextWithoutBackup() throws -> ReplicaHead? {
        let next = try database.first(
            """
            SELECT id, sequence, chain, number FROM replica WHERE number > ? AND is_broken = 0 AND backed_up < confirmed
            ORDER BY number LIMIT 1
            """, .integer(memory.askedOfBackup)
        ) { row throws(DatabaseError) in (head: try row.replicaHead(), number: try row.integer(3)) }
        memory.askedOfBackup = next?.number ?? 0
        return next?.head
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

    private func nextWanted() throws -> [CaseID] {
        try database.rows(
            "SELECT case_id FROM wanted ORDER BY case_id LIMIT ?", .integer(Self.wantedPerRequest)
        ) { row throws(DatabaseError) in try row.caseID(0) }
    }

    /// A change that waits to be sent.
    struct Waiting {
        let number: Int64
        let replica: ReplicaID
        let ownReplica: Int64
        let stored: StoredChange

        var sequence: UInt64 { stored.sequence }
    }

    /// What is on the disk by now is compared with what was saved: a damaged body is never sent.
    ///
    /// - Parameter isAlone: nothing else is in the request: then one goes, however large.
    private func nextOfOutbox(bytesMax: Int, isAlone: Bool) throws -> (waiting: [Waiting], isAll: Bool) {
        var waiting: [Waiting] = []
        var bytes = 0
        var isAll = true
        try database.forEach(
            """
            SELECT change.number, change.own_replica, change.replica, change.sequence, change.body, change.content
            FROM outbox JOIN change ON change.number = outbox.change ORDER BY outbox.change
            """
        ) { row throws(DatabaseError) in
            let replica = try row.replicaID(2)
            // Central takes nothing of a forked replica, and what was saved after it may have to be written anew with it.
            if memory.forks[replica] != nil {
                isAll = false
                return .enough
            }
            let next = Waiting(
                number: try row.integer(0), replica: replica, ownReplica: try row.integer(1),
                stored: try StoredChange(row, from: 2))
            bytes += next.stored.body.count
            isAll =
                bytesMax != 0 && isAlone && waiting.isEmpty
                || bytes <= bytesMax && waiting.count < Limits.bodiesPerRunMax
            guard isAll else { return .enough }
            waiting.append(next)
            return .more
        }
        for next in waiting { try next.stored.verify() }
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
                .run(
                    replica: first.replica, first: first.sequence, chain: before,
                    bodies: run.map(\.stored.body)))
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
        var stored: [StoredChange] = []
        var bytes = 0
        var isAll = true
    }

    /// Changes of others that central lacks, with the receipts that prove that it had them.
    private func nextOffers(bytesMax: Int) throws -> Offers {
        var offers = Offers()
        try database.forEach(
            """
            SELECT change.number, change.replica, change.sequence, change.body, change.content, change.receipt
            FROM offer JOIN change ON change.number = offer.change ORDER BY offer.rank, offer.change
            """
        ) { row throws(DatabaseError) in
            let stored = try StoredChange(row, from: 1)
            guard let receipt = Receipt(bytes: try row.blob(5)) else {
                throw row.unexpected(5, wanted: "16 bytes")
            }
            let fits = bytesMax > 0 && offers.pushes.isEmpty || offers.bytes + stored.body.count <= bytesMax
            offers.isAll = fits && offers.pushes.count < Limits.bodiesPerRunMax
            guard offers.isAll else { return .enough }
            offers.bytes += stored.body.count
            offers.stored.append(stored)
            let push = Push.foreign(
                replica: stored.replica, sequence: stored.sequence, body: stored.body, receipt: receipt)
            offers.pushes.append(push)
            offers.numbers.append(try row.integer(0))
            return .more
        }
        for stored in offers.stored { try stored.verify() }
        return offers
    }
}
