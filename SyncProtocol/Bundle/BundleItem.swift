package import Cryptography

/// One item of a bundle's content: kind (1) ‖ bytes (4, big-endian) ‖ that many bytes.
package enum BundleItem: Hashable, Sendable {
    /// The first item, once.
    case opening(BundleOpening)
    /// The body of an exchange as it would go over the network: a request to central, or central's answer without entries.
    case message([UInt8])
    /// An attachment, whole.
    case attachment(Digest, [UInt8])
    /// Entries of the feed, in a response that begins at a point.
    case feed(FeedPoint, [UInt8])
    /// A kind of a later version: skipped.
    case unknown(UInt8)

    /// Bytes before an item's own.
    package static let headByteCount = 5

    /// The item with its head.
    package var encoded: [UInt8] {
        let (kind, bytes): (UInt8, [UInt8]) =
            switch self {
            case .opening(let opening): (1, opening.encoded)
            case .message(let frame): (2, frame)
            case .attachment(let hash, let content): (3, hash.bytes + content)
            case .feed(let point, let frame): (4, Self.encoded(point, frame))
            case .unknown: preconditionFailure("a kind that is not known is never written")
            }
        precondition(bytes.count <= Limits.bundleItemBytesMax, "an item is within its limit")
        return [kind] + (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes
    }

    private static func encoded(_ point: FeedPoint, _ frame: [UInt8]) -> [UInt8] {
        var writer = CBORWriter()
        writer.write(point)
        return writer.bytes + frame
    }

    /// Kind and length by an item's first bytes; nil if it is over the limit.
    package static func head(_ bytes: [UInt8]) -> (kind: UInt8, byteCount: Int)? {
        guard bytes.count == headByteCount else { return nil }
        let count = bytes[1...].reduce(0) { $0 << 8 | Int($1) }
        return count <= Limits.bundleItemBytesMax ? (bytes[0], count) : nil
    }

    /// Reads an item's own bytes.
    package init(kind: UInt8, decoding bytes: [UInt8]) throws(CBORError) {
        switch kind {
        case 1: self = .opening(try BundleOpening(decoding: bytes))
        case 2: self = .message(bytes)
        case 3:
            guard bytes.count > Digest.byteCount, let hash = Digest(bytes: bytes.prefix(Digest.byteCount))
            else { throw CBORError(reason: .truncated, offset: 0) }
            self = .attachment(hash, Array(bytes.dropFirst(Digest.byteCount)))
        case 4:
            var reader = CBORReader(bytes)
            let point = try reader.readFeedPoint()
            self = .feed(point, Array(bytes[reader.offset...]))
        default: self = .unknown(kind)
        }
    }
}

/// What a bundle says of itself, sealed.
///
///     opening = { 0: 1, 1: hospital: id16, 2: milliseconds, ? 3: answers: id16, * uint => any }
package struct BundleOpening: Hashable, Sendable {
    package let hospital: HospitalID
    /// The sender's clock when it was made, milliseconds since 1970.
    package let milliseconds: UInt64
    /// The bundle of the window's that the messages answer.
    package let answers: BundleID?

    package init(hospital: HospitalID, milliseconds: UInt64, answers: BundleID? = nil) {
        (self.hospital, self.milliseconds, self.answers) = (hospital, milliseconds, answers)
    }

    private enum Key: UInt64 { case version, hospital, milliseconds, answers }

    var encoded: [UInt8] {
        var map = KeyedWriter()
        map.write(Key.version.rawValue) { $0.write(BundleHeader.version) }
        map.write(Key.hospital.rawValue) { $0.write(hospital.bytes) }
        map.write(Key.milliseconds.rawValue) { $0.write(milliseconds) }
        if let answers { map.write(Key.answers.rawValue) { $0.write(answers.bytes) } }
        return map.finished.bytes
    }

    init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        var (hospital, milliseconds, answers): (HospitalID?, UInt64?, BundleID?)
        try reader.readKeyed { reader, key throws(CBORError) in
            switch Key(rawValue: key) {
            case .version: _ = try reader.readUnsigned()
            case .hospital: hospital = HospitalID(record: try reader.readCaseID())
            case .milliseconds: milliseconds = try reader.readCounter()
            case .answers: answers = BundleID(bytes: try reader.readBytes(count: BundleID.byteCount))
            case nil: _ = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
            }
        }
        try reader.finish()
        guard let hospital, let milliseconds else { throw reader.failure(.unexpectedType) }
        self.init(hospital: hospital, milliseconds: milliseconds, answers: answers)
    }
}
