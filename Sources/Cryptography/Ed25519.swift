import CSodium

/// Ed25519 signatures (RFC 8032), by libsodium.
package enum Ed25519 {
    /// The number of bytes of a seed, of a public key and of a signature.
    package static let (seedByteCount, publicKeyByteCount, signatureByteCount) = (32, 32, 64)

    /// The key that signs. Its memory is wiped when it goes.
    package final class SigningKey: Sendable {
        /// The 32 bytes from which the key can be made again; for a ``KeyFile``.
        package let seed: SecretBytes
        private let secret: SecretBytes  // libsodium's form: seed, public key
        /// The key that verifies what this one signs.
        package let publicKey: PublicKey

        /// A new key.
        package convenience init() { self.init(unchecked: SecretBytes(randomCount: Ed25519.seedByteCount)) }

        /// The key of a seed; nil unless it has 32 bytes.
        package convenience init?(seed: SecretBytes) {
            guard seed.count == Ed25519.seedByteCount else { return nil }
            self.init(unchecked: seed)
        }

        private init(unchecked seed: SecretBytes) {
            var publicBytes = [UInt8](repeating: 0, count: Ed25519.publicKeyByteCount)
            self.seed = seed
            secret = SecretBytes(count: Int(crypto_sign_SECRETKEYBYTES)) { start in
                let key = start.assumingMemoryBound(to: UInt8.self)
                _ = seed.withBytes { crypto_sign_seed_keypair(&publicBytes, key, $0) }  // always 0
            }
            publicKey = PublicKey(unchecked: publicBytes)
        }

        /// Lends libsodium's form of the key for the time of a call.
        func withSecret<R>(_ body: (UnsafePointer<UInt8>) -> R) -> R { secret.withBytes(body) }

        /// The 64 bytes of the signature; the same for the same message.
        package func sign(_ message: [UInt8]) -> [UInt8] {
            var signature = [UInt8](repeating: 0, count: Ed25519.signatureByteCount)
            _ = secret.withBytes {  // always 0
                crypto_sign_detached(&signature, nil, message, UInt64(message.count), $0)
            }
            return signature
        }
    }

    /// The key that verifies.
    package struct PublicKey: Hashable, Sendable {
        /// The 32 bytes of RFC 8032.
        package let bytes: [UInt8]

        /// The key with these bytes; nil unless there are 32. Whether they make a valid key shows on verifying.
        package init?(bytes: [UInt8]) {
            guard bytes.count == Ed25519.publicKeyByteCount else { return nil }
            self.init(unchecked: bytes)
        }

        fileprivate init(unchecked bytes: [UInt8]) { self.bytes = bytes }

        /// Whether this key's owner signed exactly this message. False for keys and signatures of weak form.
        package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
            guard signature.count == Ed25519.signatureByteCount else { return false }
            Sodium.prepare()
            return crypto_sign_verify_detached(signature, message, UInt64(message.count), bytes) == 0
        }
    }
}
