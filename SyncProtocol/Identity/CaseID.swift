/// The name of a case, or of a hospital's record: a UUID version 7 (RFC 9562 section 5.7), ordered by its time.
package struct CaseID: Hashable, Comparable, Sendable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    /// The number of bytes in the log and on the wire.
    package static let byteCount = 16

    /// The two halves of the 16 bytes, big-endian.
    init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// A new name from a time and 74 random bits, of which the caller draws 128.
    package init(milliseconds: UInt64, random: (UInt64, UInt64)) {
        high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
        low = 0x8000_0000_0000_0000 | random.1 >> 2
    }

    /// Reads exactly 16 bytes; nil for any other count.
    package init?(bytes: [UInt8]) {
        guard bytes.count == CaseID.byteCount, let high = UInt64(bigEndianBytes: bytes[0..<8]),
            let low = UInt64(bigEndianBytes: bytes[8..<16])
        else { return nil }
        self.high = high
        self.low = low
    }

    /// Reads the form 8-4-4-4-12 of hexadecimal digits, in either case; nil for anything else.
    package init?(_ text: String) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        let digits = groups.joined()
        guard groups.map(\.count) == [8, 4, 4, 4, 12], digits.allSatisfy(\.isHexDigit),
            let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.high = high
        self.low = low
    }

    /// When the name was made, by the clock of its maker: milliseconds since 1970.
    package var milliseconds: UInt64 { high >> 16 }

    package var bytes: [UInt8] { high.bigEndianBytes + low.bigEndianBytes }

    package var description: String {
        let digits = high.hexadecimal + low.hexadecimal
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// The name of a hospital, which is also the name of its record in the log.
package struct HospitalID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The hospital's record: policies, accounts and settings are changes of it.
    package let record: CaseID

    package init(record: CaseID) { self.record = record }

    package var bytes: [UInt8] { record.bytes }
    package var description: String { record.description }

    package static func < (left: Self, right: Self) -> Bool { left.record < right.record }
}
