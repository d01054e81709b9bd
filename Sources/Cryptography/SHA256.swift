import CSodium

/// SHA-256 (FIPS 180-4), by libsodium.
package struct SHA256: Sendable {
    private var state: crypto_hash_sha256_state

    /// A hasher that has taken in nothing.
    package init() {
        state = crypto_hash_sha256_state()
        crypto_hash_sha256_init(&state)
    }

    /// Takes in more bytes, in order.
    package mutating func update(_ bytes: [UInt8]) {
        crypto_hash_sha256_update(&state, bytes, UInt64(bytes.count))
    }

    /// The hash of all that was taken in. The hasher may not be used again.
    package mutating func finish() -> Digest {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { raw in
            guard let bytes = raw.bindMemory(to: UInt8.self).baseAddress else { return }
            crypto_hash_sha256_final(&state, bytes)
        }
        return Digest(
            words: (
                UInt64(bigEndian: words.0), UInt64(bigEndian: words.1),
                UInt64(bigEndian: words.2), UInt64(bigEndian: words.3)
            ))
    }

    /// The hash of the parts, one after the other.
    package static func hash(_ parts: [UInt8]...) -> Digest {
        var hasher = SHA256()
        for part in parts { hasher.update(part) }
        return hasher.finish()
    }
}
