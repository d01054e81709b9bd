package import Cryptography

/// The visit of somebody who signed in. The cookie holds a random token, and the store its hash only.
package struct Session: Hashable, Sendable {
    /// SHA-256 of the token in the cookie.
    package let id: Digest
    package let account: String
    /// SHA-256 of the password's hash with which it began: another password ends it.
    package let password: Digest
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

    package init(id: Digest, account: String, password: Digest, began: UInt64, lastSeen: UInt64) {
        self.id = id
        self.account = account
        self.password = password
        self.began = began
        self.lastSeen = lastSeen
    }

    /// Whether it still holds. A clock that was set back ends it: how long it lasted is not known any more.
    package func isAlive(now: UInt64) -> Bool {
        now >= began && now - began <= Self.lengthMax && (now <= lastSeen || now - lastSeen <= Self.idleMax)
    }

    /// Whether it is one of an account as that stands now.
    package func holds(for account: Account) -> Bool {
        !account.isDisabled && account.password.map(Self.mark) == password
    }

    /// What a session keeps of a password.
    package static func mark(_ password: PasswordHash) -> Digest { SHA256.hash(Array(password.text.utf8)) }

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
}
