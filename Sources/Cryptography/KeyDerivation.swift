import CSodium

/// Keys made from a secret, so that one file has to be kept and not many.
package enum KeyDerivation {
    /// Bytes of every derived key.
    package static let keyByteCount = 32
    /// Bytes of the salt of a stretched key.
    package static let saltByteCount = 16

    /// The key for one purpose: HMAC-SHA-256 over the purpose's name under the root. Another name gives a key that tells nothing of
    /// this one or of the root.
    package static func key(for purpose: String, from root: SecretBytes) -> SecretBytes {
        SecretBytes(MessageAuthentication(key: root).code(Array(purpose.utf8)))
    }

    /// The key stretched from a code that a person types: Argon2id, 64 MiB and two passes, some tenths of a second; nil if there
    /// is no memory for it.
    package static func stretched(_ code: SecretBytes, salt: [UInt8]) -> SecretBytes? {
        precondition(salt.count == saltByteCount, "a salt has 16 bytes")
        Sodium.prepare()
        var result: Int32 = -1
        let key = SecretBytes(count: keyByteCount) { start in
            let key = start.assumingMemoryBound(to: UInt8.self)
            result = code.withBytes { bytes in
                bytes.withMemoryRebound(to: CChar.self, capacity: code.count) {
                    crypto_pwhash(
                        key, UInt64(keyByteCount), $0, UInt64(code.count), salt,
                        UInt64(crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE),
                        Int(crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE), crypto_pwhash_ALG_ARGON2ID13)
                }
            }
        }
        return result == 0 ? key : nil
    }
}
