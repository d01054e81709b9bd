/// Where a case stands among the cases of a scope: by its last change, then by its name.
///
/// The time is ``CaseState/lastTime`` of the set of changes that is compared: both sides compute it from the same content, so a
/// doubtful or absurd one does no harm. A case of which the sides hold different sets may stand in two places.
package struct ScopePlace: Hashable, Comparable, Sendable {
    package let lastTime: HybridTime
    package let caseID: CaseID

    package init(lastTime: HybridTime, caseID: CaseID) {
        self.lastTime = lastTime
        self.caseID = caseID
    }

    /// The 24 bytes that order it: time, then name, big-endian.
    var words: ScopeBound.Words { (lastTime.rawValue, caseID.high, caseID.low) }

    package static func < (left: Self, right: Self) -> Bool { left.words < right.words }
}

/// A border between places: a prefix of a place's 24 bytes, the rest taken for zero.
///
/// Its one form has no zero byte at its end. A range is half-open: from a bound up to, and without, another.
package struct ScopeBound: Hashable, Comparable, Sendable {
    typealias Words = (UInt64, UInt64, UInt64)

    private let first: UInt64
    private let second: UInt64
    private let third: UInt64

    package static let byteCountMax = 24
    /// Before every place: no bytes.
    package static let start = ScopeBound((0, 0, 0))
    /// After every place: times are below 2⁶³.
    package static let end = ScopeBound((1 << 63, 0, 0))

    init(_ words: Words) { (first, second, third) = words }

    /// Exactly before a place.
    package init(before place: ScopePlace) { self.init(place.words) }

    /// Directly after a place.
    package init(after place: ScopePlace) {
        let words = place.words
        let (third, carry) = words.2.addingReportingOverflow(1)
        let (second, carryOn) = words.1.addingReportingOverflow(carry ? 1 : 0)
        self.init((words.0 + (carryOn ? 1 : 0), second, third))
    }

    /// Nil for more than 24 bytes, for a zero byte at the end, and for what is beyond ``end``.
    package init?(bytes: [UInt8]) {
        guard bytes.count <= Self.byteCountMax, bytes.last != 0 else { return nil }
        let padded = bytes + [UInt8](repeating: 0, count: Self.byteCountMax - bytes.count)
        guard let first = UInt64(bigEndianBytes: padded[0..<8]),
            let second = UInt64(bigEndianBytes: padded[8..<16]),
            let third = UInt64(bigEndianBytes: padded[16..<24])
        else { return nil }
        self.init((first, second, third))
        guard self <= .end else { return nil }
    }

    /// The shortest one that is after `lower` and not after `upper`, where `lower` is before `upper`.
    init(between lower: ScopePlace, and upper: ScopePlace) {
        let (low, high) = (lower.words, upper.words)
        if low.0 != high.0 {
            self.init((Self.cut(high.0, after: low.0), 0, 0))
        } else if low.1 != high.1 {
            self.init((high.0, Self.cut(high.1, after: low.1), 0))
        } else {
            self.init((high.0, high.1, Self.cut(high.2, after: low.2)))
        }
    }

    /// The bytes of a word up to the first in which it differs from a smaller one, the rest zero.
    private static func cut(_ word: UInt64, after smaller: UInt64) -> UInt64 {
        let equalBytes = (word ^ smaller).leadingZeroBitCount / 8
        return word & ~(UInt64.max >> UInt64(8 * (equalBytes + 1)))
    }

    package var bytes: [UInt8] {
        var bytes = first.bigEndianBytes + second.bigEndianBytes + third.bigEndianBytes
        while bytes.last == 0 { bytes.removeLast() }
        return bytes
    }

    var words: Words { (first, second, third) }

    package static func < (left: Self, right: Self) -> Bool { left.words < right.words }
}

/// The last 8 bytes of a sum of content IDs: what a verify tells of a range, or of a case.
package struct SumMark: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package init(_ sum: Fingerprint) { rawValue = sum.rawValue.words.3 }

    package var bytes: [UInt8] { rawValue.bigEndianBytes }
}
