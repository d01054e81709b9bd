package import Cryptography
import Glibc

/// The sealed files of attachments, whole ones and unfinished ones, under one directory and one key.
///
///     whole/NAME             the frames of ``FrameSealing``: all of the attachment
///     damaged/NAME           one that did not open, kept for a technician until a sound one is there
///     partial/OWNER-NAME.part  the frames of an unfinished one that are full, or its last
///     partial/OWNER-NAME.note  a sealed record: what it becomes, and how far it is; see ``UploadNote``
///
/// An attachment is named by the SHA-256 of its content. On disk NAME is a keyed code of that (and, if unfinished, of its
/// owner), in 64 hexadecimal digits: who takes the disk and has a photo cannot see whether it is there. The frames are
/// bound to the keyed name of the whole, so finishing is a renaming.
///
/// The note is the only commit: frames beyond those that it counts are not there. It is replaced by a whole synced file,
/// so whatever moment a process or machine dies at, what was committed is there. A whole file appears by one renaming
/// after all of it was opened again and hashed. One process at a time may use a directory; the caller holds its lock.
package struct AttachmentFiles: Sendable {
    /// Bytes of the key.
    package static let keyByteCount = 32
    /// Bytes of an owner: whose upload it is.
    package static let ownerByteCount = 16

    let sealing: FrameSealing
    let whole: String
    let partial: String
    private let names: MessageAuthentication

    /// Opens the directory and makes it, if need be.
    package init(directory: String, key: SecretBytes) throws(AttachmentError) {
        precondition(key.count == Self.keyByteCount, "the key of the attachments has 32 bytes")
        let root = MessageAuthentication(key: key)
        sealing = FrameSealing(key: SecretBytes(root.code(Array("attachment frames".utf8))))
        names = MessageAuthentication(key: SecretBytes(root.code(Array("attachment names".utf8))))
        (whole, partial) = (directory + "/whole", directory + "/partial")
        for folder in [directory, whole, partial] { try Folder.make(folder) }
    }

    /// Whether a directory holds anything that a new key would make worthless.
    package static func isInUse(_ directory: String) -> Bool {
        ["/whole", "/partial"].contains { folder in
            // What cannot be listed has not been made.
            !((try? Folder.names(in: directory + folder)) ?? []).isEmpty
        }
    }

    /// The name that the frames of an attachment are bound to, and of its file.
    package func name(of hash: Digest) -> Digest { digest(names.code([0], hash.bytes)) }

    private func name(of hash: Digest, owner: [UInt8]) -> Digest {
        digest(names.code([1], owner, hash.bytes))
    }

    private func digest(_ code: [UInt8]) -> Digest {
        guard let digest = Digest(bytes: code) else { preconditionFailure("a code has 32 bytes") }
        return digest
    }

    func path(of hash: Digest) -> String { whole + "/" + name(of: hash).bytes.hexadecimal }

    /// Where an owner's upload of an attachment is kept.
    func place(of hash: Digest, owner: [UInt8]) -> UploadPlace {
        precondition(owner.count == Self.ownerByteCount, "an owner has 16 bytes")
        let name = name(of: hash, owner: owner)
        return UploadPlace(folder: partial, owner: owner, name: name)
    }
}

/// Whole attachments.
extension AttachmentFiles {
    /// The bytes of an attachment; nil if it is not here whole.
    package func byteCount(of hash: Digest) throws(AttachmentError) -> Int? {
        do throws(AttachmentError) {
            return try Self.byteCount(sealed: try OpenFile(path(of: hash), O_RDONLY).byteCount)
        } catch .absent { return nil }
    }

    /// The bytes of an attachment in a range, which must lie within it. Only its frames are read and opened.
    package func read(_ hash: Digest, _ range: Range<Int>) throws(AttachmentError) -> [UInt8] {
        let file = try OpenFile(path(of: hash), O_RDONLY)
        let count = try Self.byteCount(sealed: try file.byteCount)
        guard range.upperBound <= count, range.lowerBound >= 0 else { throw .tooLong }
        return try read(file, of: name(of: hash), byteCount: count, range)
    }

    func read(
        _ file: borrowing OpenFile, of name: Digest, byteCount: Int, _ range: Range<Int>
    ) throws(AttachmentError) -> [UInt8] {
        guard !range.isEmpty else { return [] }
        let size = FrameSealing.plainByteCount
        let last = FrameSealing.frameCount(ofBytes: byteCount) - 1
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for index in (range.lowerBound / size)...((range.upperBound - 1) / size) {
            let frame = try file.read(
                at: index * FrameSealing.frameByteCount, count: FrameSealing.frameByteCount)
            let plain: [UInt8]
            do throws(FrameError) {
                plain = try sealing.open(frame, of: name, index: index, isLast: index == last)
            } catch { throw .damaged }
            let from = max(range.lowerBound - index * size, 0)
            let to = min(range.upperBound - index * size, plain.count)
            guard from <= to else { throw .damaged }
            bytes += plain[from..<to]
        }
        guard bytes.count == range.count else { throw .damaged }
        return bytes
    }

    /// Removes an attachment; one that is not here is no error.
    package func remove(_ hash: Digest) throws(AttachmentError) {
        try Folder.remove(path(of: hash))
        try Folder.sync(whole)
    }

    /// What a file of this many sealed bytes holds.
    static func byteCount(sealed count: Int) throws(AttachmentError) -> Int {
        let frames = (count + FrameSealing.frameByteCount - 1) / FrameSealing.frameByteCount
        let plain = count - frames * FrameSealing.overheadByteCount
        guard plain > 0, FrameSealing.frameCount(ofBytes: plain) == frames else { throw .damaged }
        return plain
    }
}
