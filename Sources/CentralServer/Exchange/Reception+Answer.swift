import SyncProtocol

/// Composing the answer, from what the transaction holds after the pushes were taken.
extension Reception {
    /// Entries that are read from the store at a time.
    private static let pageCount = 256

    private var transaction: any CentralTransaction { ledger.transaction }

    mutating func compose() throws(CentralError) {
        let head = try ledger.head(of: request.hospital)
        response.head = head.point
        try tellStored()
        let place = try transaction.feedHead(of: request.hospital, at: request.cursor)
        response.fingerprint = place?.fingerprint ?? .empty
        for sum in request.sums { try compare(sum) }
        var packer = EntryPacker(after: request.cursor, budget: request.budget, held: held)
        try supply(&packer)
        if !request.isRepair { try tellBackups() }
        if bundle != nil { return }  // a bundle takes the feed back in parts of its own
        if !request.isRepair { try pack(&packer, through: head.position) }
        response.entries = packer.entries
        if !request.isRepair { try askForAttachments() }
        response.hasMore = packer.position < head.position
    }

    /// Whether central has them itself is looked at when the answer goes out.
    private mutating func tellBackups() throws(CentralError) {
        response.backedUpPosition = try transaction.backedUpPosition(of: request.hospital)
        for hash in request.backupQuestions where try transaction.isBackedUp(hash) {
            guard try transaction.isNamed(hash, inScopeOf: request.hospital) else { continue }
            response.backedUpAttachments.append(hash)
        }
    }

    /// How long a computer is left alone about an attachment that it was asked for: it may not have it.
    static let askAgainMilliseconds: UInt64 = 6 * 3_600_000

    private mutating func askForAttachments() throws(CentralError) {
        let now = ledger.milliseconds
        response.wants = try transaction.wants(
            of: device.id, askedBefore: now - min(now, Self.askAgainMilliseconds), countMax: Limits.wantsMax)
        try transaction.noteAsked(response.wants, of: device.id, milliseconds: now)
    }

    private func pack(_ packer: inout EntryPacker, through last: UInt64) throws(CentralError) {
        while packer.position < last {
            let page = try transaction.feed(
                of: request.hospital, after: packer.position, countMax: Self.pageCount)
            for item in page {
                guard packer.add(item) else { return }
            }
        }
    }

    /// A case that never was this hospital's looks as if it did not exist.
    private mutating func compare(_ sum: CaseSum) throws(CentralError) {
        guard try transaction.scope(of: sum.caseID, in: request.hospital) != nil,
            let summary = try transaction.summary(of: sum.caseID)
        else {
            response.differences.append(
                ExchangeResponse.Difference(caseID: sum.caseID, seen: VersionVector()))
            return
        }
        guard summary.fingerprint != sum.fingerprint else { return }
        let state = CaseState(folding: try transaction.changes(of: sum.caseID).map(\.change))
        response.differences.append(ExchangeResponse.Difference(caseID: sum.caseID, seen: state.seen))
    }

    /// A case that has entered since the agent's cursor comes with the feed, whole: it may have left before in the entries that the
    /// agent has not seen, and what is supplied now would then go out of its sum without having come into it.
    private mutating func supply(_ packer: inout EntryPacker) throws(CentralError) {
        for (index, caseID) in request.wanted.enumerated() {
            let scope = try transaction.scope(of: caseID, in: request.hospital)
            let isHeld = scope.map { $0.left == nil && $0.entered <= request.cursor } ?? false
            for item in isHeld ? try transaction.changes(of: caseID) : [] {
                let receipt = ledger.books.receipts.receipt(for: item.change.id, in: request.hospital)
                guard packer.supply(item.change, receipt, isOfFirst: index == 0) else {
                    // More than any answer holds: the feed has to bring the rest.
                    return response.suppliedCount = max(1, UInt64(index))
                }
            }
            response.suppliedCount = UInt64(index) + 1
        }
    }
}
