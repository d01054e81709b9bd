import CSodium

/// Why a frame was not opened.
package enum FrameError: Error, Hashable, Sendable {
    /// It is damaged, cut, in another place than it was sealed for, of another content, or under another key.
    case damaged
}

/// Seals a content in frames that can be read one by one and appended one by one.
///
///     content = frame 0 ‖ frame 1 ‖ …                 every frame but the last is of 65,576 bytes
///     frame   = nonce (24) ‖ ciphertext (n) ‖ tag (16)
///     n       = 65,536; in the last frame 1…65,536; 0 only in the one frame of an empty content
///
/// Each frame is XChaCha20-Poly1305 (IETF) under a random nonce of its own, with associated data
///
///     name of the content (32) ‖ index (8, big-endian) ‖ mark (1): 0 more follow, 1 the last, 2 no content, a record
///
/// so that a frame that was changed, cut, moved, taken from another content, or after which others were cut off, does
/// not open. A **record** is a sealed text beside the content, of any length: what a program notes of it.
package struct FrameSealing: Sendable {
    /// Bytes of a frame's content, the last one's apart.
    package static let plainByteCount = 65_536
    /// What sealing adds to a frame: nonce and tag.
    package static let overheadByteCount = 40
    /// Bytes of a frame that is full.
    package static let frameByteCount = plainByteCount + overheadByteCount
    /// Bytes of the key.
    package static let keyByteCount = 32

    private enum Mark { static let (more, last, record) = (UInt8(0), UInt8(1), UInt8(2)) }

    private let key: SecretBytes

    /// Sealing under this key, which must have 32 bytes; random ones are right.
    package init(key: SecretBytes) {
        precondition(key.count == Self.keyByteCount, "the key of a frame has 32 bytes")
        Sodium.prepare()
        self.key = key
    }

    /// How many frames a content of this many bytes has: an empty one has one.
    package static func frameCount(ofBytes count: Int) -> Int { max(1, (count - 1) / plainByteCount + 1) }

    /// How many bytes a sealed content has.
    package static func sealedByteCount(ofBytes count: Int) -> Int {
        count + frameCount(ofBytes: count) * overheadByteCount
    }

    /// Seals one frame. It must be full unless it is the last: who seals it knows how long the content becomes.
    package func seal(_ plain: [UInt8], of name: Digest, index: Int, isLast: Bool) -> [UInt8] {
        precondition(
            isLast ? plain.count <= Self.plainByteCount : plain.count == Self.plainByteCount,
            "a frame is full unless it is the last")
        return seal(plain, Self.associated(name, index, isLast ? Mark.last : Mark.more))
    }

    /// Opens one frame, which must stand in this place of this content.
    package func open(
        _ frame: [UInt8], of name: Digest, index: Int, isLast: Bool
    ) throws(FrameError) -> [UInt8] {
        guard frame.count <= Self.frameByteCount else { throw .damaged }
        return try open(frame, Self.associated(name, index, isLast ? Mark.last : Mark.more))
    }

    /// Seals what is noted of a content.
    package func seal(record: [UInt8], of name: Digest) -> [UInt8] {
        seal(record, Self.associated(name, 0, Mark.record))
    }

    /// Opens what was noted of a content.
    package func open(record: [UInt8], of name: Digest) throws(FrameError) -> [UInt8] {
        try open(record, Self.associated(name, 0, Mark.record))
    }

    private static func associated(_ name: Digest, _ index: Int, _ mark: UInt8) -> [UInt8] {
        let place = UInt64(index)
        return name.bytes + (0..<8).map { UInt8(truncatingIfNeeded: place >> (56 - 8 * $0)) } + [mark]
    }

    private func seal(_ plain: [UInt8], _ associated: [UInt8]) -> [UInt8] {
        let nonce = SecureRandom.bytes(Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES))
        var sealed = [UInt8](
            repeating: 0, count: plain.count + Int(crypto_aead_xchacha20poly1305_ietf_ABYTES))
        _ = key.withBytes {  // always 0
            crypto_aead_xchacha20poly1305_ietf_encrypt(
                &sealed, nil, plain, UInt64(plain.count), associated, UInt64(associated.count), nil, nonce, $0
            )
        }
        return nonce + sealed
    }

    private func open(_ frame: [UInt8], _ associated: [UInt8]) throws(FrameError) -> [UInt8] {
        guard frame.count >= Self.overheadByteCount else { throw .damaged }
        let nonce = Array(frame.prefix(Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)))
        let sealed = Array(frame.dropFirst(nonce.count))
        var plain = [UInt8](repeating: 0, count: frame.count - Self.overheadByteCount)
        let result = key.withBytes {
            crypto_aead_xchacha20poly1305_ietf_decrypt(
                &plain, nil, nil, sealed, UInt64(sealed.count), associated, UInt64(associated.count), nonce,
                $0)
        }
        guard result == 0 else { throw .damaged }
        return plain
    }
}
