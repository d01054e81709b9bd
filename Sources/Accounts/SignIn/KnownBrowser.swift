package import Cryptography

/// A cookie by which a browser is known again: a random name for it, and for each account that signed in there a mark that only this
/// server can make. It lets nobody in; it only tells the PC at the window from whoever guesses elsewhere (OWASP, "Device Cookies").
package struct KnownBrowser: Hashable, Sendable {
    /// Accounts that one browser is known for; a further one takes the place of the oldest.
    package static let accountsMax = 12
    /// Seconds that the cookie is kept: a year.
    package static let seconds = 31_536_000

    /// 16 random bytes in hexadecimal digits.
    package let name: String
    private var marks: [String]

    /// A browser that is new here.
    package init(name: [UInt8]) { (self.name, marks) = (name.hexadecimal, []) }

    /// Reads a cookie; nil for what is none.
    package init?(cookie: String) {
        let parts = cookie.split(separator: "-").map(String.init)
        guard let name = parts.first, parts.count <= Self.accountsMax + 1,
            parts.allSatisfy({ [UInt8](hexadecimal: $0)?.count == MessageAuthentication.shortCodeByteCount })
        else { return nil }
        (self.name, marks) = (name, Array(parts.dropFirst()))
    }

    package var cookie: String { ([name] + marks).joined(separator: "-") }

    /// Whether an account has signed in with it.
    package func knows(_ account: String, by key: MessageAuthentication) -> Bool {
        marks.contains { mark in
            guard let bytes = [UInt8](hexadecimal: mark) else { return false }
            return key.isShortCode(bytes, of: Array("\(name) \(account)".utf8))
        }
    }

    /// Notes that an account has signed in with it.
    package mutating func note(_ account: String, by key: MessageAuthentication) {
        guard !knows(account, by: key) else { return }
        marks.append(key.shortCode(Array("\(name) \(account)".utf8)).hexadecimal)
        if marks.count > Self.accountsMax { marks.removeFirst() }
    }
}
