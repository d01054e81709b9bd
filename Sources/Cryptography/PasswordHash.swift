import CSodium

/// A password as it is kept: Argon2id (RFC 9106) with its salt and costs, as libsodium writes it.
///
/// Making or checking one takes some tenths of a second and ``memoryBytes`` of memory, on purpose: who calls bounds how many
/// run at once.
package struct PasswordHash: Hashable, Sendable {
    /// `$argon2id$v=19$m=…,t=…,p=1$salt$hash`
    package let text: String

    /// Memory for one hash. The second of the two sets that RFC 9106 section 4 recommends has 64 MiB and three passes.
    package static let memoryBytes = 64 << 20
    /// Passes over it.
    package static let passes: UInt64 = 3
    /// UTF-8 bytes of a password; more would only cost time.
    package static let passwordBytesMax = 256

    /// A hash that was kept; nil for what is none of libsodium's Argon2id.
    package init?(text: String) {
        guard text.utf8.count < Int(crypto_pwhash_STRBYTES), text.hasPrefix("$argon2id$") else { return nil }
        self.text = text
    }

    /// The hash of a new password, under a new salt; nil if it is too long, or there is no memory for it.
    package init?(of password: String) {
        guard password.utf8.count <= Self.passwordBytesMax else { return nil }
        Sodium.prepare()
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let result = crypto_pwhash_str_alg(
            &text, password, UInt64(password.utf8.count), Self.passes, Self.memoryBytes,
            crypto_pwhash_ALG_ARGON2ID13)
        guard result == 0 else { return nil }
        self.text = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether it is the hash of this password.
    package func matches(_ password: String) -> Bool {
        guard password.utf8.count <= Self.passwordBytesMax else { return false }
        Sodium.prepare()
        var kept = text.utf8.map(CChar.init(bitPattern:))
        kept += [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES) - kept.count)
        return crypto_pwhash_str_verify(kept, password, UInt64(password.utf8.count)) == 0
    }

    /// Whether it was made with other costs than now: it should be made again when the password is at hand.
    package var isOutdated: Bool {
        Sodium.prepare()
        var kept = text.utf8.map(CChar.init(bitPattern:))
        kept += [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES) - kept.count)
        return crypto_pwhash_str_needs_rehash(kept, Self.passes, Self.memoryBytes) != 0
    }
}
