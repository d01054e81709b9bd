/// 32 bytes of a SHA-256 hash, compared and ordered as a big-endian number.
///
/// Held in four words, so that a digest costs no allocation.
package struct Digest: Hashable, Sendable, Comparable {
    /// The words in order, each read big-endian.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    /// The number of bytes of a digest.
    package static let byteCount = 32
    /// 32 zero bytes: the value before the first link of a chain, and the sum of nothing.
    package static let zero = Digest(words: (0, 0, 0, 0))

    /// The digest with these words.
    package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Reads exactly 32 bytes; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Digest.byteCount else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in bytes.enumerated() {
            words[index / 8] = words[index / 8] << 8 | UInt64(byte)
        }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// The 32 bytes in order.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Digest.byteCount)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    /// Not in constant time: for hashes that are no secret.
    package static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }
    /// Compares as big-endian numbers.
    package static func < (left: Digest, right: Digest) -> Bool { left.words < right.words }
    /// Two words of a cryptographic hash are more than enough for a table.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}
