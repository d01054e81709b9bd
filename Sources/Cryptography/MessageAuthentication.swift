import CSodium

/// Message authentication codes: HMAC (RFC 2104) with SHA-256, whole or cut to 16 bytes.
///
/// The two lengths have functions of their own, so that nobody can offer a short code where a whole one is due.
package struct MessageAuthentication: Sendable {
    /// The number of bytes of a short code; RFC 2104 allows half the hash and no less.
    package static let shortCodeByteCount = 16

    private let key: SecretBytes

    /// Codes under this key, of any length; 32 random bytes are right.
    package init(key: SecretBytes) { self.key = key }

    /// The 32 bytes of the code over the parts, one after the other. Parts must not be ambiguous when joined.
    package func code(_ parts: [UInt8]...) -> [UInt8] { code(of: parts) }

    /// The first 16 bytes of the code over the parts.
    package func shortCode(_ parts: [UInt8]...) -> [UInt8] {
        Array(code(of: parts).prefix(MessageAuthentication.shortCodeByteCount))
    }

    /// Whether it is the whole code over the parts. Its time does not depend on where they differ.
    package func isCode(_ code: [UInt8], of parts: [UInt8]...) -> Bool {
        Self.areEqual(code, self.code(of: parts))
    }

    /// Whether it is the short code over the parts. Its time does not depend on where they differ.
    package func isShortCode(_ code: [UInt8], of parts: [UInt8]...) -> Bool {
        Self.areEqual(code, Array(self.code(of: parts).prefix(Self.shortCodeByteCount)))
    }

    private func code(of parts: [[UInt8]]) -> [UInt8] {
        var state = crypto_auth_hmacsha256_state()
        defer { sodium_memzero(&state, MemoryLayout.size(ofValue: state)) }
        key.withBytes { _ = crypto_auth_hmacsha256_init(&state, $0, key.count) }
        for part in parts { crypto_auth_hmacsha256_update(&state, part, UInt64(part.count)) }
        var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        crypto_auth_hmacsha256_final(&state, &code)
        return code
    }

    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && sodium_memcmp(left, right, left.count) == 0
    }
}
