package import Cryptography

/// What a change is, whoever holds it: SHA-256(replica ‖ sequence ‖ body), numbers as 8 bytes big-endian. What is left of an
/// erased one (``ErasedBody``) says itself what it was.
package struct ContentID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Digest

    package init(rawValue: Digest) { self.rawValue = rawValue }

    /// Names a change by its body.
    package init(replica: ReplicaID, sequence: UInt64, body: [UInt8]) {
        rawValue = ErasedBody.name(in: body) ?? SHA256.hash(replica.bytes, sequence.bigEndianBytes, body)
    }

    package var bytes: [UInt8] { rawValue.bytes }
    package var description: String { rawValue.bytes.hexadecimal }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A hash chain over content IDs (a replica's) or entries (a feed's). It is computed, not sent, for each link.
package struct Chain: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Digest

    package init(rawValue: Digest) { self.rawValue = rawValue }

    /// The value before the first link: 32 zero bytes.
    package static let start = Chain(rawValue: .zero)

    /// The value after one more link: SHA-256(value ‖ link).
    package func appending(_ link: Digest) -> Chain {
        Chain(rawValue: SHA256.hash(rawValue.bytes, link.bytes))
    }

    /// The value of a replica's chain after one more change.
    package func appending(_ change: ContentID) -> Chain { appending(change.rawValue) }

    package var bytes: [UInt8] { rawValue.bytes }
    package var description: String { rawValue.bytes.hexadecimal }
}

/// The sum modulo 2²⁵⁶ of content IDs: equal for equal sets of changes, whatever their order.
package struct Fingerprint: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Digest

    package init(rawValue: Digest) { self.rawValue = rawValue }

    /// The fingerprint of no changes.
    package static let empty = Fingerprint(rawValue: .zero)

    /// Counts a change in. The caller sees to it that none is counted twice.
    package mutating func add(_ change: ContentID) { add(Fingerprint(rawValue: change.rawValue)) }

    /// Counts another sum in.
    package mutating func add(_ other: Fingerprint) {
        let (left, right) = (rawValue.words, other.rawValue.words)
        let (d, carryD) = left.3.addingReportingOverflow(right.3)
        let (c, carryC) = Self.add(left.2, right.2, carry: carryD)
        let (b, carryB) = Self.add(left.1, right.1, carry: carryC)
        let (a, _) = Self.add(left.0, right.0, carry: carryB)
        self = Fingerprint(rawValue: Digest(words: (a, b, c, d)))
    }

    /// Takes away what was added before.
    package mutating func subtract(_ other: Fingerprint) {
        let words = other.rawValue.words
        var negated = Fingerprint(rawValue: Digest(words: (~words.0, ~words.1, ~words.2, ~words.3)))
        negated.add(Fingerprint(rawValue: Digest(words: (0, 0, 0, 1))))
        add(negated)
    }

    package var bytes: [UInt8] { rawValue.bytes }
    package var description: String { rawValue.bytes.hexadecimal }

    private static func add(_ left: UInt64, _ right: UInt64, carry: Bool) -> (UInt64, Bool) {
        let (sum, first) = left.addingReportingOverflow(right)
        let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
        return (total, first || second)
    }
}
