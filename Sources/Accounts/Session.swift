package import Cryptography

/// The visit of somebody who signed in. The cookie holds a random token, and the store its hash only.
package struct Session: Hashable, Sendable {
    /// SHA-256 of the token in the cookie.
    package let id: Digest
    package let account: String
    /// Milliseconds since 1970, by this machine's clock.
    package let began: UInt64
    package var lastSeen: UInt64

    /// Milliseconds without a request after which it ends.
    package static let idleMax: UInt64 = 60 * 60_000
    /// Milliseconds after which it ends in any case: a working day.
    package static let lengthMax: UInt64 = 12 * 3_600_000
    /// A request notes its time only so often, so that reading a page is no write.
    package static let noteEvery: UInt64 = 60_000
    /// Sessions of one account at once; a further one ends the oldest.
    package static let countMax = 10
    /// Random bytes of a token.
    package static let tokenByteCount = 32

    package init(id: Digest, account: String, began: UInt64, lastSeen: UInt64) {
        self.id = id
        self.account = account
        self.began = began
        self.lastSeen = lastSeen
    }

    /// Whether it still holds. A clock that was set back does not make it longer than the clock says.
    package func isAlive(now: UInt64) -> Bool {
        now >= began && now - began <= Self.lengthMax && now <= lastSeen + Self.idleMax
    }

    /// The session that a cookie names; nil for what is no token.
    package static func id(ofToken token: String) -> Digest? {
        guard let bytes = [UInt8](hexadecimal: token), bytes.count == tokenByteCount else { return nil }
        return SHA256.hash(bytes)
    }

    /// What every form of this session repeats. It is made of the token, which no other site knows, and does not tell it.
    package static func formToken(ofToken token: String) -> String {
        MessageAuthentication(key: SecretBytes(Array(token.utf8))).code(Array("birthwindow form".utf8))
            .hexadecimal
    }

    /// Whether a form came from a page of this session, in a time that does not depend on where it differs.
    package static func isFormToken(_ given: String, ofToken token: String) -> Bool {
        guard let bytes = [UInt8](hexadecimal: given) else { return false }
        return MessageAuthentication(key: SecretBytes(Array(token.utf8))).isCode(
            bytes, of: Array("birthwindow form".utf8))
    }
}
