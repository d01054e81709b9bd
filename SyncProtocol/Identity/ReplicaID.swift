/// One writer of changes between one opening of a store and the next: 64 random bits.
///
/// It is minted at the first write after every opening, so that a restored backup or a copied disk becomes another
/// replica by itself and no dot is ever used for two changes (DESIGN section 4).
package struct ReplicaID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The bytes in the log and on the wire, big-endian.
    package var bytes: [UInt8] { rawValue.bigEndianBytes }

    /// 16 hexadecimal digits.
    package var description: String { rawValue.hexadecimal }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The life of a store's feeds: 64 random bits, minted when central's store is created or restored. Only a label:
/// whether central is the same is decided by the witness.
package struct Epoch: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package var description: String { rawValue.hexadecimal }
}

extension UInt64 {
    /// Eight bytes, the highest first.
    package var bigEndianBytes: [UInt8] {
        stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }

    /// Reads eight bytes, the highest first; nil for any other count.
    package init?(bigEndianBytes bytes: some Collection<UInt8>) {
        guard bytes.count == 8 else { return nil }
        self = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// 16 digits.
    package var hexadecimal: String { bigEndianBytes.hexadecimal }
}
