import Cryptography
package import SyncProtocol

/// A stretch of a feed as a bundle tells it, compared with places that are known of the feed. Pure.
package struct FeedLine: Hashable, Sendable {
    /// What the stretch is to somebody who is at a place of the feed.
    package enum Verdict: Hashable, Sendable {
        /// It begins at the place or before, passes it, and reaches the witness: all of it may be used.
        case usable
        /// It ends before the witness: nothing in it is news, and it cannot be told whether it still holds.
        case old
        /// It begins after the place.
        case gap
        /// It passes a known place with another chain: this is not the feed that was read before.
        case otherLine
    }

    /// Where it begins; nil before the first part.
    package private(set) var start: FeedPoint?
    /// How far it was followed.
    package private(set) var end = FeedPoint.start
    /// Central's head when it was told, and central's label.
    package private(set) var head: FeedPoint?
    package private(set) var epoch: Epoch?
    package let known: [FeedPoint]
    private var isOther = false

    /// - Parameter known: places of the feed whose chain is known.
    package init(known: [FeedPoint]) { self.known = known }

    /// Takes the next part; false if it does not follow, or holds what a part of a feed does not.
    package mutating func add(_ part: ExchangeResponse, at point: FeedPoint) -> Bool {
        guard part.from == point.position, start == nil || point == end, head == nil || head == part.head
        else {
            return false
        }
        if start == nil {
            start = point
            end = point
            compare()
        }
        (head, epoch) = (part.head, part.epoch)
        for entry in part.entries {
            guard let next = end.passing(entry) else { return false }
            end = next
            compare()
        }
        return true
    }

    /// Whether it reached the head that it tells.
    package var isWhole: Bool { start != nil && end == head }

    /// What it is to somebody who has read to `cursor` and used something up to `witness`; both were told as known.
    package func verdict(cursor: FeedPoint, witness: FeedPoint) -> Verdict {
        guard let start else { return .old }
        if end.position < witness.position { return .old }
        if start.position > cursor.position { return .gap }
        return isOther ? .otherLine : .usable
    }

    /// Whether it passes this place, which was told as known.
    package func passes(_ point: FeedPoint) -> Bool {
        guard let start else { return false }
        return start.position <= point.position && point.position <= end.position && !isOther
    }

    private mutating func compare() {
        if known.contains(where: { $0.position == end.position && $0.chain != end.chain }) { isOther = true }
    }
}

extension FeedPoint {
    /// The place after an entry; nil for one that has no place in a bundle.
    func passing(_ entry: FeedEntry) -> FeedPoint? {
        let link =
            switch entry {
            case .change(let replica, let sequence, let body, _):
                FeedEntry.link(change: ContentID(replica: replica, sequence: sequence, body: body))
            case .late(let replica, let sequence, let body, _):
                FeedEntry.link(late: ContentID(replica: replica, sequence: sequence, body: body))
            case .enters(let id): FeedEntry.link(enters: id)
            case .leaves(let id): FeedEntry.link(leaves: id)
            case .unknown(let item): FeedEntry.link(unknown: item)
            case .own, .supplied: nil as Digest?
            }
        return link.map { FeedPoint(position: position + 1, chain: chain.appending($0)) }
    }
}
