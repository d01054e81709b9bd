import CSodium

/// Seals single values of a store, each bound to its place.
///
///     sealed = nonce (24) ‖ ciphertext (n) ‖ tag (16)
///
/// XChaCha20-Poly1305 (IETF) under a random nonce, with the place as associated data: a value that was changed, or was moved to
/// another place, does not open.
package struct ValueSealing: Sendable {
    /// What sealing adds to a value: nonce and tag.
    package static let overheadByteCount = nonceByteCount + tagByteCount
    /// Bytes of a key.
    package static let keyByteCount = 32
    /// Bytes of a key that is sealed under another.
    package static let wrappedKeyByteCount = keyByteCount + overheadByteCount

    private static let nonceByteCount = 24
    private static let tagByteCount = 16

    private let key: SecretBytes

    /// Sealing under this key, which must have 32 bytes; random ones are right.
    package init(key: SecretBytes) {
        precondition(key.count == Self.keyByteCount, "the key of a value has 32 bytes")
        Sodium.prepare()
        self.key = key
    }

    /// The value, sealed for its place.
    package func seal(_ plain: [UInt8], for place: [UInt8]) -> [UInt8] {
        key.withBytes { Self.seal(plain, for: place, under: $0) }
    }

    /// The value; nil if it was not sealed for this place under this key, or was changed.
    package func open(_ sealed: [UInt8], for place: [UInt8]) -> [UInt8]? {
        key.withBytes { Self.open(sealed, for: place, under: $0) }
    }

    /// A new random key, sealed under this one.
    package func newKey(for place: [UInt8]) -> [UInt8] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.keyByteCount) { made in
            defer { Self.wipe(made) }
            if let start = made.baseAddress { randombytes_buf(start, Self.keyByteCount) }
            return seal(Array(made), for: place)
        }
    }

    /// The same as `seal`, under a key that is itself sealed under this one, and is open for the time of this call only; nil if
    /// that key does not open.
    package func seal(
        _ plain: [UInt8], for place: [UInt8], under wrapped: [UInt8], of owner: [UInt8]
    ) -> [UInt8]? {
        withKey(wrapped, of: owner) { Self.seal(plain, for: place, under: $0) }
    }

    /// The same as `open`, under a key that is itself sealed under this one.
    package func open(
        _ sealed: [UInt8], for place: [UInt8], under wrapped: [UInt8], of owner: [UInt8]
    ) -> [UInt8]? {
        withKey(wrapped, of: owner) { Self.open(sealed, for: place, under: $0) } ?? nil
    }

    private func withKey<R>(
        _ wrapped: [UInt8], of owner: [UInt8], _ body: (UnsafePointer<UInt8>) -> R
    ) -> R? {
        guard wrapped.count == Self.wrappedKeyByteCount else { return nil }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.keyByteCount) { opened in
            defer { Self.wipe(opened) }
            guard let start = opened.baseAddress else { return nil }
            let isOpen = key.withBytes { Self.open(wrapped, for: owner, under: $0, into: start) }
            return isOpen ? body(start) : nil
        }
    }

    private static func wipe(_ bytes: UnsafeMutableBufferPointer<UInt8>) {
        if let start = bytes.baseAddress { sodium_memzero(start, bytes.count) }
    }

    private static func seal(
        _ plain: [UInt8], for place: [UInt8], under key: UnsafePointer<UInt8>
    ) -> [UInt8] {
        let byteCount = plain.count + overheadByteCount
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            randombytes_buf(start, nonceByteCount)
            _ = crypto_aead_xchacha20poly1305_ietf_encrypt(  // always 0
                start + nonceByteCount, nil, plain, UInt64(plain.count), place, UInt64(place.count), nil,
                start, key)
            count = byteCount
        }
    }

    private static func open(
        _ sealed: [UInt8], for place: [UInt8], under key: UnsafePointer<UInt8>
    ) -> [UInt8]? {
        guard sealed.count >= overheadByteCount else { return nil }
        var isOpen = false
        let byteCount = sealed.count - overheadByteCount
        // One byte more, so that an empty value has an address, too.
        let plain = [UInt8](unsafeUninitializedCapacity: byteCount + 1) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            isOpen = open(sealed, for: place, under: key, into: start)
            count = isOpen ? byteCount : 0
        }
        return isOpen ? plain : nil
    }

    private static func open(
        _ sealed: [UInt8], for place: [UInt8], under key: UnsafePointer<UInt8>,
        into plain: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        sealed.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return false }
            let result = crypto_aead_xchacha20poly1305_ietf_decrypt(
                plain, nil, nil, start + nonceByteCount, UInt64(bytes.count - nonceByteCount), place,
                UInt64(place.count), start, key)
            return result == 0
        }
    }
}
