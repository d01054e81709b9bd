package import Cryptography

/// What stands in clear at the beginning of a bundle: who opens it with which key, and nothing about any person.
///
///     file      = "BWbundle" ‖ bytes of header (2, big-endian) ‖ header ‖ frames ‖ signature (64)
///     header    = { 0: 1, 1: kind, 2: id16, 3: device: id16, 4: addressee: bstr .size 32, 5: sealed key: bstr .size 80,
///                   * uint => any }
///     frames    = the content in frames (``FrameSealing``), named by SHA-256 of all bytes before them
///     signature = Ed25519("birthwindow bundle 1" LF ‖ SHA-256 of all bytes before it)
package struct BundleHeader: Hashable, Sendable {
    /// Which way a bundle goes.
    package enum Kind: UInt64, Hashable, Sendable {
        case toCentral, toWindow
    }

    /// The version of the format that this program writes.
    package static let version: UInt64 = 1
    /// What every bundle of every version begins with.
    package static let magic = Array("BWbundle".utf8)

    package let kind: Kind
    package let id: BundleID
    /// The computer that made it, or for which it is; its key's name at central, 16 bytes.
    package let device: [UInt8]
    /// SHA-256 of the receiver's Ed25519 public key.
    package let addressee: Digest
    /// The content's key in a box that only the receiver opens.
    package let sealedKey: [UInt8]

    package init(kind: Kind, id: BundleID, device: [UInt8], addressee: Digest, sealedKey: [UInt8]) {
        precondition(device.count == CaseID.byteCount, "a device has 16 bytes")
        (self.kind, self.id, self.device) = (kind, id, device)
        (self.addressee, self.sealedKey) = (addressee, sealedKey)
    }

    /// How a receiver's key is named in a header.
    package static func addressee(_ key: Ed25519.PublicKey) -> Digest { SHA256.hash(key.bytes) }

    /// What is signed, of a file whose bytes before the signature have this hash.
    package static func signed(_ hash: Digest) -> [UInt8] {
        Array("birthwindow bundle 1\n".utf8) + hash.bytes
    }
}

extension BundleHeader {
    private enum Key: UInt64 { case version, kind, id, device, addressee, sealedKey }

    /// Bytes before the header.
    package static var prefixByteCount: Int { magic.count + 2 }

    /// All that stands before the frames.
    package var start: [UInt8] {
        var map = KeyedWriter()
        map.write(Key.version.rawValue) { $0.write(Self.version) }
        map.write(Key.kind.rawValue) { $0.write(kind.rawValue) }
        map.write(Key.id.rawValue) { $0.write(id.bytes) }
        map.write(Key.device.rawValue) { $0.write(device) }
        map.write(Key.addressee.rawValue) { $0.write(addressee.bytes) }
        map.write(Key.sealedKey.rawValue) { $0.write(sealedKey) }
        let header = map.finished.bytes
        return Self.magic + [UInt8(header.count >> 8), UInt8(header.count & 0xFF)] + header
    }

    /// How long the header is, by the bytes before it; nil if this is no bundle, or one whose header is over the limit.
    package static func byteCount(prefix: [UInt8]) -> Int? {
        guard prefix.count == prefixByteCount, prefix.starts(with: magic) else { return nil }
        let count = Int(prefix[magic.count]) << 8 | Int(prefix[magic.count + 1])
        return (1...Limits.bundleHeaderBytesMax).contains(count) ? count : nil
    }

    /// The version of a header; it is the first member in every version.
    package static func version(of bytes: [UInt8]) throws(CBORError) -> UInt64 {
        try ExchangeRequest.version(of: bytes)
    }

    /// Reads a header of this version.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        var (kind, id): (Kind?, BundleID?)
        var (device, addressee, sealedKey): ([UInt8]?, Digest?, [UInt8]?)
        try reader.readKeyed { reader, key throws(CBORError) in
            switch Key(rawValue: key) {
            case .version: _ = try reader.readUnsigned()
            case .kind: kind = Kind(rawValue: try reader.readUnsigned())
            case .id: id = BundleID(bytes: try reader.readBytes(count: BundleID.byteCount))
            case .device: device = try reader.readBytes(count: CaseID.byteCount)
            case .addressee: addressee = try reader.readDigest()
            case .sealedKey:
                sealedKey = try reader.readBytes(
                    count: FrameSealing.keyByteCount + SealedBox.overheadByteCount)
            case nil: _ = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
            }
        }
        try reader.finish()
        guard let kind, let id, let device, let addressee, let sealedKey else {
            throw reader.failure(.unexpectedType)
        }
        self.init(kind: kind, id: id, device: device, addressee: addressee, sealedKey: sealedKey)
    }
}
