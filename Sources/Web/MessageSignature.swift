package import Cryptography

/// A request's signature: HTTP message signatures (RFC 9421) with Ed25519, in one profile.
///
///     Signature-Input: s=("@method" "@path" "content-digest");created=1700000000;nonce="b3k2";keyid="gx-17"
///     Signature: s=:<64 bytes in Base64>:
///
/// The label is `s`; there is one signature. Method and path are covered, and the `Content-Digest` if there is
/// a body, which has to be checked against the body by ``ContentDigest``. There is no query. `alg` is left out,
/// as the key says it; `expires` and `alg="ed25519"` are understood. Replays within the time window are for
/// the receiver to see, by the nonces that it remembers.
package struct MessageSignature: Hashable, Sendable {
    /// A `Signature-Input` of more bytes is refused unread.
    package static let signatureInputByteCountMax = 384
    /// A `Signature` of more bytes is refused unread.
    package static let signatureByteCountMax = 96
    /// How far `created` may be from the receiver's clock, in seconds, unless the receiver says otherwise.
    package static let toleranceSeconds: Int64 = 300

    private static let label = "s="

    /// What the signature claims; to be believed only after `verify`.
    package let parameters: Parameters
    private let signature: [UInt8]

    /// Reads the two fields of a request, nil where the request has none. Says nothing about who made them.
    package init(signatureInput: String?, signature: String?) throws(MessageSignatureError) {
        let input = try Self.member(
            signatureInput, .signatureInput, byteCountMax: Self.signatureInputByteCountMax)
        parameters = try Parameters(parsing: String(input))
        let member = try Self.member(signature, .signature, byteCountMax: Self.signatureByteCountMax)
        guard let bytes = ByteSequence.bytes(of: member), bytes.count == Ed25519.signatureByteCount else {
            throw .malformed(.signature)
        }
        self.signature = bytes
    }

    /// Signs a request; gives the values of its fields `Signature-Input` and `Signature`.
    ///
    /// A key ID or nonce that is not ``isWord(_:)`` is a programmer's error.
    /// - Parameter created: now, in seconds since 1970, by the receiver's clock as well as it is known.
    package static func sign(
        _ components: Components, with key: Ed25519.SigningKey, keyID: String, created: Int64, nonce: String
    ) -> (signatureInput: String, signature: String) {
        let parameters = Parameters(covered: components.parts, created: created, nonce: nonce, keyID: keyID)
        let base = MessageSignatureBase(
            lines: components.parts.map { ($0.rawValue, components.value(of: $0) ?? "") },
            parameters: parameters.text)
        return (label + parameters.text, label + ByteSequence.text(of: key.sign(base.bytes)))
    }

    /// Throws unless this key signed this request, covering all of it, near this time.
    ///
    /// - Parameters:
    ///   - keyID: the name of the key; the caller has found the key by `parameters.keyID`.
    ///   - now: the receiver's time in seconds since 1970.
    package func verify(
        _ components: Components, with key: Ed25519.PublicKey, keyID: String, now: Int64,
        toleranceSeconds: Int64 = MessageSignature.toleranceSeconds
    ) throws(MessageSignatureError) {
        guard parameters.keyID == keyID else { throw .wrongKey }
        for part in components.parts where !parameters.covered.contains(part) { throw .notCovered(part) }
        var lines: [(name: String, value: String)] = []
        for part in parameters.covered {
            guard let value = components.value(of: part) else { throw .missing(part) }
            lines.append((part.rawValue, value))
        }
        let age = now - parameters.created
        guard abs(age) <= toleranceSeconds else { throw .tooFarInTime(seconds: age) }
        if let expires = parameters.expires, expires < now { throw .expired }
        let base = MessageSignatureBase(lines: lines, parameters: parameters.text)
        guard key.verifies(signature, of: base.bytes) else { throw .badSignature }
    }

    /// What follows our label in a field.
    private static func member(
        _ field: String?, _ part: MessageSignatureError.Part, byteCountMax: Int
    ) throws(MessageSignatureError) -> Substring {
        guard let field else { throw .missing(part) }
        guard field.utf8.count <= byteCountMax else { throw .tooLong(part, byteCountMax: byteCountMax) }
        // ASCII only: Swift compares texts by meaning, and takes a Greek question mark for a semicolon.
        guard field.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else { throw .malformed(part) }
        guard field.hasPrefix(label), !field.contains(",") else { throw .unknownLabel }
        return field.dropFirst(label.count)
    }
}
