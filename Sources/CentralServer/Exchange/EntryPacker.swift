import SyncProtocol

/// Chooses what of a feed goes into one answer: in order, within a budget of bytes, own changes as ranges. Pure.
struct EntryPacker {
    private(set) var entries: [FeedEntry] = []
    /// The last position that the entries reach.
    private(set) var position: UInt64
    private var bytesLeft: Int
    /// Per replica, up to which sequence the agent is known to hold exactly central's chain.
    private let held: [ReplicaID: UInt64]
    private var hasFeedEntry = false
    private var suppliedBytes = 0

    /// Bytes of entries in one answer at most, whatever the agent asks for: the whole must stay within
    /// ``Limits/exchangeBytesMax`` with the largest head.
    static let bytesMax = 4 * 1024 * 1024

    init(after position: UInt64, budget: UInt64, held: [ReplicaID: UInt64]) {
        self.position = position
        bytesLeft = Int(min(budget, UInt64(Self.bytesMax)))
        self.held = held
    }

    /// Adds the next entry of the feed; false if it does not fit. The first one always does.
    mutating func add(_ item: FeedItem) -> Bool {
        precondition(item.position == position + 1, "a feed has no gaps")
        if extendsOwnRun(item) {
            position = item.position
            return true
        }
        let entry = entry(for: item)
        guard !hasFeedEntry || fits(entry) else { return false }
        hasFeedEntry = true
        position = item.position
        take(entry)
        return true
    }

    /// Adds a change that was asked for again; false if it does not fit.
    ///
    /// - Parameter isOfFirst: it is of the first case that was asked for, which comes whole whatever the budget.
    mutating func supply(_ change: Change, _ receipt: Receipt, isOfFirst: Bool) -> Bool {
        let entry = FeedEntry.supplied(
            replica: change.replica, sequence: change.sequence, body: change.body, receipt: receipt)
        suppliedBytes += Self.byteCount(of: entry)
        let isWithin = suppliedBytes <= Self.bytesMax && entries.count < Limits.itemsPerExchangeMax
        guard isOfFirst ? isWithin : fits(entry) else { return false }
        take(entry)
        return true
    }

    private mutating func take(_ entry: FeedEntry) {
        entries.append(entry)
        bytesLeft -= Self.byteCount(of: entry)
    }

    private func fits(_ entry: FeedEntry) -> Bool {
        Self.byteCount(of: entry) <= bytesLeft && entries.count < Limits.itemsPerExchangeMax
    }

    /// A range grows without a byte more.
    private mutating func extendsOwnRun(_ item: FeedItem) -> Bool {
        guard case .own(let replica, let first, let last) = entries.last,
            case .change(replica, last + 1, _, _, _) = item.subject, isHeld(item)
        else { return false }
        entries[entries.count - 1] = .own(replica: replica, first: first, last: last + 1)
        return true
    }

    private func entry(for item: FeedItem) -> FeedEntry {
        switch item.subject {
        case .enters(let id): .enters(id)
        case .leaves(let id): .leaves(id)
        case .late(let replica, let sequence, let body, let receipt):
            .late(replica: replica, sequence: sequence, body: body, receipt: receipt)
        case .change(let replica, let sequence, let body, let receipt, _):
            isHeld(item)
                ? .own(replica: replica, first: sequence, last: sequence)
                : .change(replica: replica, sequence: sequence, body: body, receipt: receipt)
        }
    }

    private func isHeld(_ item: FeedItem) -> Bool {
        guard case .change(let replica, let sequence, _, _, true) = item.subject else { return false }
        return sequence <= held[replica, default: 0]
    }

    /// An upper bound of the entry's encoding.
    private static func byteCount(of entry: FeedEntry) -> Int {
        switch entry {
        case .change(_, _, let body, _), .supplied(_, _, let body, _), .late(_, _, let body, _):
            body.count + 48
        case .own: 32
        case .enters, .leaves: 20
        case .unknown(let item): item.count
        }
    }
}
