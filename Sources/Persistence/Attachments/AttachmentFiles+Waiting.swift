package import Cryptography
import Glibc

/// A whole attachment that central may not have yet.
package struct WaitingAttachment: Hashable, Sendable {
    package let hash: Digest
    package let byteCount: Int
    /// When it was taken in, milliseconds since 1970: the oldest goes first.
    package let added: UInt64

    package init(hash: Digest, byteCount: Int, added: UInt64) {
        (self.hash, self.byteCount, self.added) = (hash, byteCount, added)
    }
}

/// What waits to be sent: `waiting/NAME`, a sealed record of 48 bytes: hash (32) ‖ bytes (8) ‖ time (8), big-endian.
extension AttachmentFiles {
    private var waiting: String { partial + "/../waiting" }

    /// Keeps an attachment and notes that it waits. When this returns, both survive a power cut. One that is here sound is
    /// kept as it is, and waits only if it did.
    package func put(_ content: [UInt8], now: UInt64) throws(AttachmentError) -> Digest {
        let hash = SHA256.hash(content)
        let (isHere, hasWaited) = (try isSound(hash), try isWaiting(hash))
        // First the note: a whole attachment that nobody sends would be lost to the department; a note without one is nothing.
        if !isHere || hasWaited { try noteWaiting(hash, byteCount: content.count, now: now) }
        if isHere { return hash }
        let owner = [UInt8](repeating: 0, count: Self.ownerByteCount)
        let writer = try begin(hash, owner: owner, byteCount: content.count, expires: 0)
        try writer.append(Array(content[writer.offset...]))
        try writer.commit()
        try writer.finish()
        return hash
    }

    /// Notes that central may lack an attachment that is here.
    package func noteWaiting(_ hash: Digest, byteCount: Int, now: UInt64) throws(AttachmentError) {
        try Folder.make(waiting)
        let attachment = WaitingAttachment(hash: hash, byteCount: byteCount, added: now)
        try Folder.replace(
            path(ofWaiting: hash), in: waiting,
            with: sealing.seal(record: attachment.record, of: name(of: hash)))
    }

    /// Whether central may lack an attachment.
    package func isWaiting(_ hash: Digest) throws(AttachmentError) -> Bool {
        try Folder.has(path(ofWaiting: hash))
    }

    /// What waits, the oldest first. Notes without their attachment, and those that do not open, are left out.
    package func waitingAttachments() throws(AttachmentError) -> [WaitingAttachment] {
        let names: [String]
        do throws(AttachmentError) { names = try Folder.names(in: waiting) } catch .absent { return [] }
        var list: [WaitingAttachment] = []
        for text in names {
            guard let name = [UInt8](hexadecimal: text).flatMap({ Digest(bytes: $0) }) else { continue }
            let file = try OpenFile(waiting + "/" + text, O_RDONLY)
            let bytes = try file.read(at: 0, count: min(try file.byteCount, 256))
            // One that is damaged is as if it were not there.
            guard let record = try? sealing.open(record: bytes, of: name),
                let attachment = WaitingAttachment(record: record),
                (try? byteCount(of: attachment.hash)) == attachment.byteCount
            else { continue }
            list.append(attachment)
        }
        return list.sorted { ($0.added, $0.hash) < ($1.added, $1.hash) }
    }

    /// Notes that central has an attachment.
    package func noteSent(_ hash: Digest) throws(AttachmentError) { try Folder.remove(path(ofWaiting: hash)) }

    private func path(ofWaiting hash: Digest) -> String { waiting + "/" + name(of: hash).bytes.hexadecimal }
}

extension WaitingAttachment {
    fileprivate var record: [UInt8] {
        var record = hash.bytes
        for number in [UInt64(byteCount), added] {
            record += (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
        }
        return record
    }

    fileprivate init?(record: [UInt8]) {
        guard record.count == 48, let hash = Digest(bytes: record[..<32]) else { return nil }
        let numbers = [32, 40].map { record[$0..<$0 + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        guard let count = Int(exactly: numbers[0]) else { return nil }
        self.init(hash: hash, byteCount: count, added: numbers[1])
    }
}
