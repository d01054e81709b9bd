package import Cryptography

/// Where one upload's two files are.
struct UploadPlace: Hashable, Sendable {
    let folder: String
    let owner: [UInt8]
    let name: Digest

    private var base: String { folder + "/" + owner.hexadecimal + "-" + name.bytes.hexadecimal }
    var part: String { base + ".part" }
    var note: String { base + ".note" }

    init(folder: String, owner: [UInt8], name: Digest) {
        (self.folder, self.owner, self.name) = (folder, owner, name)
    }

    /// The place of a note's file by its name; nil for any other file.
    init?(folder: String, note: String) {
        let parts = note.dropLast(5).split(separator: "-")
        guard note.hasSuffix(".note"), parts.count == 2, let owner = [UInt8](hexadecimal: parts[0]),
            owner.count == AttachmentFiles.ownerByteCount,
            let name = [UInt8](hexadecimal: parts[1]).flatMap({ Digest(bytes: $0) })
        else { return nil }
        self.init(folder: folder, owner: owner, name: name)
    }
}

/// What an unfinished attachment becomes, and how far it is.
package struct UploadNote: Hashable, Sendable {
    /// The bytes of a remark at most.
    package static let remarkByteCountMax = 1024

    /// The SHA-256 of the whole.
    package let hash: Digest
    /// The bytes of the whole.
    package let byteCount: Int
    /// When it may be dropped, milliseconds since 1970.
    package var expires: UInt64
    /// What its maker wants to be told again, as it came.
    package let remark: String
    /// The frames that are sealed in the part.
    var frameCount = 0
    /// The bytes behind them, fewer than a frame's.
    var tail: [UInt8] = []

    init(hash: Digest, byteCount: Int, expires: UInt64, remark: String) {
        (self.hash, self.byteCount, self.expires, self.remark) = (hash, byteCount, expires, remark)
    }

    /// The bytes that are here and synced.
    package var offset: Int { min(frameCount * FrameSealing.plainByteCount, byteCount) + tail.count }

    // The record, before sealing; numbers are 8 bytes, big-endian:
    //
    //     1 (1) ‖ hash (32) ‖ byte count ‖ expiry ‖ frames ‖ bytes of the remark ‖ remark ‖ tail

    private static let (version, headByteCount) = (UInt8(1), 65)

    var record: [UInt8] {
        var record = [Self.version] + hash.bytes
        for number in [UInt64(byteCount), expires, UInt64(frameCount), UInt64(remark.utf8.count)] {
            record += (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
        }
        return record + Array(remark.utf8) + tail
    }

    init?(record: [UInt8]) {
        guard record.count >= Self.headByteCount, record[0] == Self.version,
            let hash = Digest(bytes: record[1..<33])
        else { return nil }
        let numbers = stride(from: 33, to: Self.headByteCount, by: 8).map { start in
            record[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        guard let byteCount = Int(exactly: numbers[0]), let frames = Int(exactly: numbers[2]),
            numbers[3] <= UInt64(record.count - Self.headByteCount)
        else { return nil }
        let tailStart = Self.headByteCount + Int(numbers[3])
        self.init(
            hash: hash, byteCount: byteCount, expires: numbers[1],
            remark: String(decoding: record[Self.headByteCount..<tailStart], as: UTF8.self))
        frameCount = frames
        tail = Array(record[tailStart...])
    }
}
