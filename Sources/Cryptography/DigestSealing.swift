import CSodium

/// Hides digests that are looked up and compared: equal ones give equal bytes, 32 for 32, and nobody without the key can tell of
/// which content one is.
///
/// A permutation of 32 bytes by four rounds of Luby and Rackoff over keyed BLAKE2b: with l and r the two halves,
///
///     l ⊕= F(0, r),  r ⊕= F(1, l),  l ⊕= F(2, r),  r ⊕= F(3, l)        F(i, x) = BLAKE2b-128 (key, i ‖ x)
///
/// which is as good as a random permutation up to about 2⁶⁴ digests. It proves nothing: a digest is proved by what it is of.
package struct DigestSealing: Sendable {
    /// Bytes of a digest, hidden or not.
    package static let byteCount = 32

    private static let halfByteCount = 16
    private let key: SecretBytes

    /// Hiding under this key, which must have 32 bytes.
    package init(key: SecretBytes) {
        precondition(key.count == 32, "the key of digests has 32 bytes")
        Sodium.prepare()
        self.key = key
    }

    /// The digest, hidden. It must have 32 bytes.
    package func seal(_ digest: [UInt8]) -> [UInt8] { run(digest, rounds: [0, 1, 2, 3]) }

    /// The digest that was hidden; nil unless there are 32 bytes.
    package func open(_ hidden: [UInt8]) -> [UInt8]? {
        hidden.count == Self.byteCount ? run(hidden, rounds: [3, 2, 1, 0]) : nil
    }

    private func run(_ digest: [UInt8], rounds: [UInt8]) -> [UInt8] {
        precondition(digest.count == Self.byteCount, "a digest has 32 bytes")
        var result = digest
        result.withUnsafeMutableBufferPointer { bytes in
            guard let left = bytes.baseAddress else { return }
            let right = left + Self.halfByteCount
            key.withBytes { key in
                for round in rounds {
                    let isEven = round.isMultiple(of: 2)
                    Self.mix(round, from: isEven ? right : left, into: isEven ? left : right, key)
                }
            }
        }
        return result
    }

    private static func mix(
        _ round: UInt8, from source: UnsafeMutablePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>,
        _ key: UnsafePointer<UInt8>
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * halfByteCount + 1) { work in
            guard let mask = work.baseAddress else { return }
            let input = mask + halfByteCount
            input[0] = round
            (input + 1).update(from: source, count: halfByteCount)
            _ = crypto_generichash(mask, halfByteCount, input, UInt64(halfByteCount + 1), key, 32)  // 0
            for index in 0..<halfByteCount { target[index] ^= mask[index] }
        }
    }
}
