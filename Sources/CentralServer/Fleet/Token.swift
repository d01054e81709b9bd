import Cryptography
import SyncProtocol

/// A secret that is shown once and of which only the hash is kept: 32 random bytes as 64 hexadecimal digits.
struct Token: Hashable, Sendable {
    static let byteCount = 32

    let text: String

    init(_ environment: Environment) { text = environment.randomBytes(Self.byteCount).hexadecimal }

    /// What a person or program presents; nil if it cannot be a token.
    init?(presented text: String) {
        guard text.utf8.count == Self.byteCount * 2 else { return nil }
        self.text = text
    }

    var hash: [UInt8] { SHA256.hash(Array(text.utf8)).bytes }

    /// Whether this token's hash is the one that is kept, in a time that does not depend on where they differ.
    func matches(_ hash: [UInt8]) -> Bool {
        let own = self.hash
        guard own.count == hash.count else { return false }
        return zip(own, hash).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
