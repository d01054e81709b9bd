/// Central's proof that it accepted a change for a hospital: the first 16 bytes of
/// HMAC-SHA-256(central's receipt key, content ID ‖ hospital ID).
///
/// Only central can make or check it. It travels in the feed, is stored with the change, and lets any device bring the
/// change back after central was restored from an old backup.
package struct Receipt: Hashable, Sendable {
    /// The number of bytes of a receipt.
    package static let byteCount = 16

    package let bytes: [UInt8]

    /// Refuses any other count of bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Receipt.byteCount else { return nil }
        self.bytes = bytes
    }

    /// What central computes the HMAC over: 32 bytes of content ID, then 16 of the hospital.
    package static func input(_ change: ContentID, for hospital: HospitalID) -> [UInt8] {
        change.bytes + hospital.bytes
    }
}

/// A place in a hospital's feed and the feed's chain value there: what proves that a feed is still the same.
package struct FeedPoint: Hashable, Sendable {
    /// 0 before the first entry, n after the n-th.
    package let position: UInt64
    package let chain: Chain

    package init(position: UInt64, chain: Chain) {
        self.position = position
        self.chain = chain
    }

    /// Before the first entry.
    package static let start = FeedPoint(position: 0, chain: .start)
}

/// How far a replica's chain reaches, and its value there.
package struct ReplicaHead: Hashable, Sendable {
    package let replica: ReplicaID
    /// The last sequence; 0 if there is none.
    package let sequence: UInt64
    package let chain: Chain

    package init(replica: ReplicaID, sequence: UInt64, chain: Chain) {
        self.replica = replica
        self.sequence = sequence
        self.chain = chain
    }
}

/// A replica and one of its sequences: "all up to here".
package struct Watermark: Hashable, Sendable {
    package let replica: ReplicaID
    package let sequence: UInt64

    package init(replica: ReplicaID, sequence: UInt64) {
        self.replica = replica
        self.sequence = sequence
    }
}

/// The sum of one case's content IDs.
package struct CaseSum: Hashable, Sendable {
    package let caseID: CaseID
    package let fingerprint: Fingerprint

    package init(caseID: CaseID, fingerprint: Fingerprint) {
        self.caseID = caseID
        self.fingerprint = fingerprint
    }
}
