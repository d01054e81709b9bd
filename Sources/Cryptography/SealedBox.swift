import CSodium

/// Sealing for one receiver, who need not be there: libsodium's sealed boxes (X25519, XSalsa20-Poly1305). Nobody but the receiver can
/// open one, not even who sealed it; who sealed it, it does not tell.
///
/// For keys and other short secrets; what is long is sealed under a key of its own (``FrameSealing``), and that key in a box.
package enum SealedBox {
    /// Bytes of a public and of a secret key.
    package static let keyByteCount = 32
    /// What sealing adds.
    package static let overheadByteCount = 48

    /// Seals for the owner of this key.
    package struct PublicKey: Hashable, Sendable {
        /// The 32 bytes of an X25519 public key (RFC 7748).
        package let bytes: [UInt8]

        /// The key with these bytes; nil unless there are 32.
        package init?(bytes: [UInt8]) {
            guard bytes.count == SealedBox.keyByteCount else { return nil }
            self.bytes = bytes
        }

        fileprivate init(unchecked bytes: [UInt8]) { self.bytes = bytes }

        /// A sealed box; nil if this is no valid key.
        package func seal(_ plain: [UInt8]) -> [UInt8]? {
            Sodium.prepare()
            var sealed = [UInt8](repeating: 0, count: plain.count + SealedBox.overheadByteCount)
            return crypto_box_seal(&sealed, plain, UInt64(plain.count), bytes) == 0 ? sealed : nil
        }
    }

    /// Opens what was sealed for its public key. Its memory is wiped when it goes.
    package final class OpeningKey: Sendable {
        /// The 32 bytes of the X25519 secret key; for a ``KeyFile``.
        package let secret: SecretBytes
        package let publicKey: PublicKey

        /// A new key.
        package convenience init() { self.init(unchecked: SecretBytes(randomCount: SealedBox.keyByteCount)) }

        /// The key with this secret; nil unless it has 32 bytes.
        package convenience init?(secret: SecretBytes) {
            guard secret.count == SealedBox.keyByteCount else { return nil }
            self.init(unchecked: secret)
        }

        fileprivate init(unchecked secret: SecretBytes) {
            var publicBytes = [UInt8](repeating: 0, count: SealedBox.keyByteCount)
            _ = secret.withBytes { crypto_scalarmult_base(&publicBytes, $0) }  // always 0
            self.secret = secret
            publicKey = PublicKey(unchecked: publicBytes)
        }

        /// What is in a box; nil if it was not sealed for this key, or was changed.
        package func open(_ sealed: [UInt8]) -> SecretBytes? {
            guard sealed.count > SealedBox.overheadByteCount else { return nil }
            var result: Int32 = -1
            let plain = SecretBytes(count: sealed.count - SealedBox.overheadByteCount) { start in
                let plain = start.assumingMemoryBound(to: UInt8.self)
                result = secret.withBytes {
                    crypto_box_seal_open(plain, sealed, UInt64(sealed.count), publicKey.bytes, $0)
                }
            }
            return result == 0 ? plain : nil
        }
    }
}

extension Ed25519.PublicKey {
    /// The key that seals for the owner of this one (libsodium's conversion to X25519); nil if this is no valid key.
    package var sealingKey: SealedBox.PublicKey? {
        Sodium.prepare()
        var converted = [UInt8](repeating: 0, count: SealedBox.keyByteCount)
        guard crypto_sign_ed25519_pk_to_curve25519(&converted, bytes) == 0 else { return nil }
        return SealedBox.PublicKey(unchecked: converted)
    }
}

extension Ed25519.SigningKey {
    /// The key that opens what was sealed for ``Ed25519/PublicKey/sealingKey``.
    package var openingKey: SealedBox.OpeningKey {
        SealedBox.OpeningKey(
            unchecked: SecretBytes(count: SealedBox.keyByteCount) { start in
                let converted = start.assumingMemoryBound(to: UInt8.self)
                _ = withSecret { crypto_sign_ed25519_sk_to_curve25519(converted, $0) }  // always 0
            })
    }
}
