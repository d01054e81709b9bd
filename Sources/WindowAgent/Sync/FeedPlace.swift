import Cryptography
package import SyncProtocol

/// How far an agent has followed its hospital's feed: position, chain value and the sum of its scope there.
package struct FeedPlace: Hashable, Sendable {
    package private(set) var point: FeedPoint
    package private(set) var fingerprint: Fingerprint

    package init(point: FeedPoint = .start, fingerprint: Fingerprint = .empty) {
        self.point = point
        self.fingerprint = fingerprint
    }

    package mutating func pass(change id: ContentID) {
        fingerprint.add(id)
        advance(FeedEntry.link(change: id))
    }

    package mutating func pass(enters id: CaseID) { advance(FeedEntry.link(enters: id)) }

    /// `sum` is that of the case's changes that came in the feed.
    package mutating func pass(leaves id: CaseID, sum: Fingerprint) {
        fingerprint.subtract(sum)
        advance(FeedEntry.link(leaves: id))
    }

    /// A change of a case that left: it does not count.
    package mutating func pass(late id: ContentID) { advance(FeedEntry.link(late: id)) }

    /// Takes the sum of what the log holds for that of what the feed brought, after a verify has found the log equal.
    mutating func mend(_ sum: Fingerprint) { fingerprint = sum }

    package mutating func pass(unknown item: [UInt8]) { advance(FeedEntry.link(unknown: item)) }

    private mutating func advance(_ link: Digest) {
        point = FeedPoint(position: point.position + 1, chain: point.chain.appending(link))
    }
}
