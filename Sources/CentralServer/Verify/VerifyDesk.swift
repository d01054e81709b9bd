import SyncProtocol

/// Answers verifies from sums that it makes once for a hospital and a place in its feed, and keeps for a while.
///
/// The sums are made of the log, page by page, so that exchanges go on meanwhile. Caches that do not fit the log are made
/// anew on the way.
actor VerifyDesk {
    /// Cases that are read in one transaction.
    static let pageCount = 256
    /// Cases of which sums are kept, 32 bytes each. The sums asked for last are kept in any case.
    static let keptMax = 2_000_000
    /// How often sums are begun anew because the feed grew meanwhile.
    static let attemptsMax = 3
    /// How long sums serve the later messages of a verify. Its first one is always answered from new ones.
    static let keptMilliseconds: UInt64 = 5 * 60 * 1000

    private struct Kept {
        let sums: SortedSums
        let point: FeedPoint
        let madeAt: UInt64
        var usedAt: UInt64
    }

    private var kept: [HospitalID: Kept] = [:]
    private var making: [HospitalID: Task<Result<Made, CentralError>, Never>] = [:]
    private var uses: UInt64 = 0

    private struct Made: Sendable {
        let sums: SortedSums
        let point: FeedPoint
    }

    /// - Throws: a refusal if version or hospital do not fit.
    func answer(
        _ request: VerifyRequest, from device: DeviceRecord, in store: any CentralStore, _ books: Books,
        now: UInt64
    ) async throws(CentralError) -> VerifyResponse {
        try books.check(request.version)
        guard request.hospital == device.hospital else { throw CentralError.refused(.otherHospital) }
        let hospital = request.hospital
        if !hasSums(for: request, now: now) {
            let head = try await Self.head(of: hospital, in: store)
            guard head == request.point else { return VerifyResponse(point: head) }
            keep(try await make(hospital, store, books), for: hospital, now: now)
        }
        uses += 1
        kept[hospital]?.usedAt = uses
        guard let found = kept[hospital] else { return VerifyResponse(point: .start) }
        return VerifyResponder(found.sums, at: found.point).answer(request)
    }

    private func hasSums(for request: VerifyRequest, now: UInt64) -> Bool {
        guard case .ranges = request.question, let kept = kept[request.hospital] else { return false }
        return kept.point == request.point && now >= kept.madeAt && now - kept.madeAt < Self.keptMilliseconds
    }

    /// One at a time for a hospital, however many ask.
    private func make(
        _ hospital: HospitalID, _ store: any CentralStore, _ books: Books
    ) async throws(CentralError) -> Made {
        if let task = making[hospital] { return try await task.value.get() }
        let task = Task { () -> Result<Made, CentralError> in
            do throws(CentralError) {
                return .success(try await Self.made(hospital, store, books))
            } catch { return .failure(error) }
        }
        making[hospital] = task
        defer { making[hospital] = nil }
        return try await task.value.get()
    }

    private func keep(_ made: Made, for hospital: HospitalID, now: UInt64) {
        uses += 1
        kept[hospital] = Kept(sums: made.sums, point: made.point, madeAt: now, usedAt: uses)
        while kept.values.reduce(0, { $0 + $1.sums.count }) > Self.keptMax,
            let oldest = kept.filter({ $0.key != hospital }).min(by: { $0.value.usedAt < $1.value.usedAt })
        {
            kept[oldest.key] = nil
        }
    }

    private static func head(
        of hospital: HospitalID, in store: any CentralStore
    ) async throws(CentralError) -> FeedPoint {
        let head = try await store.read { transaction throws(CentralError) in
            try transaction.feedHead(of: hospital)
        }
        guard let head else { throw CentralError.refused(.unknownHospital) }
        return head.point
    }

    private static func made(
        _ hospital: HospitalID, _ store: any CentralStore, _ books: Books
    ) async throws(CentralError) -> Made {
        var point = try await head(of: hospital, in: store)
        for _ in 0..<attemptsMax {
            let sums = try await scopeSums(of: hospital, store, books)
            let now = try await head(of: hospital, in: store)
            if now == point { return Made(sums: sums, point: point) }
            // What was read before and after belongs to different places of the feed.
            point = now
        }
        throw CentralError.refused(.busy)
    }

    private static func scopeSums(
        of hospital: HospitalID, _ store: any CentralStore, _ books: Books
    ) async throws(CentralError) -> SortedSums {
        var items: [SortedSums.Item] = []
        var last: CaseID?
        while true {
            let after = last
            let page = try await store.read { transaction throws(CentralError) in
                try self.page(of: hospital, after: after, in: transaction)
            }
            if !page.stale.isEmpty { try await recache(page.stale, store, books) }
            items += page.items
            guard let end = page.last else { return SortedSums(items) }
            last = end
        }
    }

    private struct Page: Sendable {
        var items: [SortedSums.Item] = []
        /// Cases whose caches do not fit the log.
        var stale: [CaseID] = []
        /// Nil if there are no more.
        var last: CaseID?
    }

    private static func page(
        of hospital: HospitalID, after: CaseID?, in transaction: any CentralTransaction
    ) throws(CentralError) -> Page {
        var page = Page()
        for one in try transaction.scopeCases(of: hospital, after: after, countMax: pageCount) {
            page.last = one.caseID
            guard let logged = one.logged else {
                if one.cached != nil { page.stale.append(one.caseID) }
                continue
            }
            if let lastTime = one.lastTime, one.cached == logged {
                page.items.append(SortedSums.Item(one.caseID, lastTime: lastTime, sum: logged))
            } else {
                let state = CaseState(folding: try transaction.changes(of: one.caseID).map(\.change))
                page.items.append(
                    SortedSums.Item(one.caseID, lastTime: state.lastTime, sum: state.fingerprint))
                page.stale.append(one.caseID)
            }
        }
        return page
    }

    private static func recache(
        _ cases: [CaseID], _ store: any CentralStore, _ books: Books
    ) async throws(CentralError) {
        try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: 0)
            for caseID in cases {
                // First, so that no fold in memory is taken for what the log holds.
                try transaction.dropCache(of: caseID)
                _ = try ledger.state(of: caseID)
            }
            try ledger.finish()
        }
    }
}
