package import Cryptography

/// Attachments that cannot be opened: found by reading, and put aside, so that a sound one can take the place.
extension AttachmentFiles {
    private var damaged: String { partial + "/../damaged" }

    private func path(ofDamaged hash: Digest) -> String { damaged + "/" + name(of: hash).bytes.hexadecimal }

    /// Whether an attachment is here and all of it opens. Reads the whole.
    package func isSound(_ hash: Digest) throws(AttachmentError) -> Bool {
        do throws(AttachmentError) {
            guard let count = try byteCount(of: hash) else { return false }
            var hasher = SHA256()
            for start in stride(from: 0, to: count, by: FrameSealing.plainByteCount) {
                hasher.update(try read(hash, start..<min(start + FrameSealing.plainByteCount, count)))
            }
            return hasher.finish() == hash
        } catch .damaged { return false }
    }

    /// Puts an attachment aside that is damaged: it is not here any more. Nothing is thrown away: the key may be the wrong one.
    package func setAside(_ hash: Digest) throws(AttachmentError) {
        try Folder.make(damaged)
        do throws(AttachmentError) {
            try Folder.rename(path(of: hash), to: path(ofDamaged: hash))
        } catch .absent { return }
        try Folder.sync(whole)
        try Folder.sync(damaged)
    }

    /// Whether a damaged file of an attachment was put aside, and no sound one has come since.
    package func isSetAside(_ hash: Digest) throws(AttachmentError) -> Bool {
        try Folder.has(path(ofDamaged: hash))
    }

    /// How many were put aside.
    package func setAsideCount() throws(AttachmentError) -> Int {
        do throws(AttachmentError) { return try Folder.names(in: damaged).count } catch .absent { return 0 }
    }

    func dropSetAside(_ hash: Digest) throws(AttachmentError) { try Folder.remove(path(ofDamaged: hash)) }
}
