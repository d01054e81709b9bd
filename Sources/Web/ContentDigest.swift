package import Cryptography
import Foundation

/// Why a `Content-Digest` field does not vouch for a body.
package enum ContentDigestError: Error, Hashable, Sendable {
    /// It is longer than ``ContentDigest/fieldByteCountMax``, or not exactly one SHA-256 digest.
    case malformed
    /// The body that came is not the one that was sent.
    case mismatch
}

/// The field `Content-Digest` (RFC 9530), with SHA-256 and nothing beside it.
///
///     Content-Digest: sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
package enum ContentDigest {
    /// A field of more bytes is refused unread.
    package static let fieldByteCountMax = 64

    private static let prefix = "sha-256="

    /// The field's value for a body.
    package static func field(for body: [UInt8]) -> String { field(for: SHA256.hash(body)) }

    /// The field's value for a body with this hash.
    package static func field(for digest: Digest) -> String { prefix + ByteSequence.text(of: digest.bytes) }

    /// Throws unless the field vouches for the body.
    package static func verify(_ field: String, for body: [UInt8]) throws(ContentDigestError) {
        try verify(field, for: SHA256.hash(body))
    }

    /// Throws unless the field vouches for a body with this hash.
    package static func verify(_ field: String, for digest: Digest) throws(ContentDigestError) {
        guard field.utf8.count <= fieldByteCountMax, field.hasPrefix(prefix),
            let bytes = ByteSequence.bytes(of: field.dropFirst(prefix.count)),
            let named = Digest(bytes: bytes)
        else { throw .malformed }
        guard named == digest else { throw .mismatch }
    }
}

/// A byte sequence of structured fields (RFC 9651 section 3.3.5): Base64 between colons.
enum ByteSequence {
    static func text(of bytes: [UInt8]) -> String { ":\(Data(bytes).base64EncodedString()):" }

    /// The bytes; nil for anything but the one canonical spelling of them.
    static func bytes(of text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count >= 2, text.hasPrefix(":"), text.hasSuffix(":"),
            let data = Data(base64Encoded: String(text.dropFirst().dropLast()))
        else { return nil }
        let bytes = [UInt8](data)
        return self.text(of: bytes) == String(text) ? bytes : nil
    }
}
