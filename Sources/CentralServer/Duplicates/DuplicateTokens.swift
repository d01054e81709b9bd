import Casework
import Cryptography

/// What central keeps instead of the keys by which a child is found: codes that nobody without central's secret can make or guess.
struct DuplicateTokens: Sendable {
    /// Bytes of a token.
    static let byteCount = MessageAuthentication.shortCodeByteCount

    private let authentication: MessageAuthentication

    /// - Parameter secret: one that stays in central's directory; the key is derived from it.
    init(secret: SecretBytes) {
        authentication = MessageAuthentication(
            key: KeyDerivation.key(for: "birthcentral duplicates", from: secret))
    }

    /// One token for each key of a case, ascending.
    func tokens(of traits: ChildTraits) -> [[UInt8]] {
        Set(traits.keys.map { authentication.shortCode(Array($0.utf8)) })
            .sorted { $0.lexicographicallyPrecedes($1) }
    }
}
