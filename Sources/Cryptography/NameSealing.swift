import CSodium

/// Hides short texts that are looked up: equal ones give equal bytes, and it opens again.
///
///     hidden = v (16) ‖ text ⊕ XChaCha20 (k₂, nonce = v ‖ 0⁸)            v = BLAKE2b-128 (k₁, text)
///
/// (a synthetic nonce, so that nothing has to be random): only whether two texts are equal can be seen, and their length.
package struct NameSealing: Sendable {
    /// What hiding adds.
    package static let overheadByteCount = 16

    private let (tagKey, streamKey): (SecretBytes, SecretBytes)

    /// Hiding under keys that are derived from this one.
    package init(key: SecretBytes) {
        Sodium.prepare()
        tagKey = KeyDerivation.key(for: "name tags", from: key)
        streamKey = KeyDerivation.key(for: "name streams", from: key)
    }

    /// The text, hidden.
    package func seal(_ text: [UInt8]) -> [UInt8] {
        let tag = tag(of: text)
        return tag + stream(over: text, tag)
    }

    /// The text; nil if it was not hidden under this key, or was changed.
    package func open(_ hidden: [UInt8]) -> [UInt8]? {
        guard hidden.count >= Self.overheadByteCount else { return nil }
        let tag = Array(hidden.prefix(Self.overheadByteCount))
        let text = stream(over: Array(hidden.dropFirst(Self.overheadByteCount)), tag)
        return self.tag(of: text) == tag ? text : nil
    }

    private func tag(of text: [UInt8]) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: Self.overheadByteCount)
        _ = tagKey.withBytes {  // always 0
            crypto_generichash(&tag, Self.overheadByteCount, text, UInt64(text.count), $0, 32)
        }
        return tag
    }

    private func stream(over text: [UInt8], _ tag: [UInt8]) -> [UInt8] {
        let nonce = tag + [UInt8](repeating: 0, count: Int(crypto_stream_xchacha20_NONCEBYTES) - tag.count)
        var result = [UInt8](repeating: 0, count: text.count)
        _ = streamKey.withBytes {  // always 0
            crypto_stream_xchacha20_xor(&result, text, UInt64(text.count), nonce, $0)
        }
        return result
    }
}
