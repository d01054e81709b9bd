package import Cryptography
import Glibc

/// Unfinished attachments. An owner has one upload of one attachment at most.
extension AttachmentFiles {
    /// Begins an upload, or goes on with the one that is there.
    ///
    /// - Parameters:
    ///   - byteCount: of the whole; more than 0. One that is there for another count is begun anew.
    ///   - expires: when it may be dropped, milliseconds since 1970.
    package func begin(
        _ hash: Digest, owner: [UInt8], byteCount: Int, expires: UInt64, remark: String = ""
    ) throws(AttachmentError) -> UploadWriter {
        precondition(byteCount > 0 && remark.utf8.count <= UploadNote.remarkByteCountMax, "within bounds")
        if let writer = try upload(of: hash, owner: owner), writer.upload.byteCount == byteCount {
            return writer
        }
        let place = place(of: hash, owner: owner)
        let note = UploadNote(hash: hash, byteCount: byteCount, expires: expires, remark: remark)
        try Folder.remove(place.part)
        try write(note, at: place)
        return UploadWriter(self, place, note)
    }

    /// An upload that was begun; nil if there is none. One whose files do not fit is dropped, and there is none.
    package func upload(of hash: Digest, owner: [UInt8]) throws(AttachmentError) -> UploadWriter? {
        let place = place(of: hash, owner: owner)
        guard let note = try note(at: place), note.hash == hash, try hasFrames(of: note, at: place) else {
            return nil
        }
        return UploadWriter(self, place, note)
    }

    /// Drops an upload; one that is not there is no error.
    package func removeUpload(of hash: Digest, owner: [UInt8]) throws(AttachmentError) {
        try removeUpload(at: place(of: hash, owner: owner))
    }

    /// How many uploads an owner has begun.
    package func uploadCount(of owner: [UInt8]) throws(AttachmentError) -> Int {
        try Folder.names(in: partial).count { $0.hasPrefix(owner.hexadecimal) && $0.hasSuffix(".note") }
    }

    /// Drops what has expired, and what a process that died left behind. No writer may be in use but those of uploads that
    /// have not expired.
    ///
    /// - Parameter strayAgeSeconds: files that belong to no upload stay until they were not changed for so long: another process
    ///   may just make one of them.
    /// - Returns: how many uploads were dropped.
    package func sweep(now: UInt64, strayAgeSeconds: Int = 0) throws(AttachmentError) -> Int {
        let names = Set(try Folder.names(in: partial))
        var count = 0
        for name in names {
            if let place = UploadPlace(folder: partial, note: name) {
                if let note = try note(at: place), note.expires > now { continue }
                try removeUpload(at: place)
                count += 1
            } else if !name.hasSuffix(".part") || !names.contains(name.dropLast(5) + ".note") {
                let path = partial + "/" + name
                if try Folder.secondsSinceChange(of: path) >= strayAgeSeconds { try Folder.remove(path) }
            }
        }
        return count
    }

    func removeUpload(at place: UploadPlace) throws(AttachmentError) {
        try Folder.remove(place.note)
        try Folder.sync(place.folder)
        try Folder.remove(place.part)
    }

    func write(_ note: UploadNote, at place: UploadPlace) throws(AttachmentError) {
        try Folder.replace(
            place.note, in: place.folder, with: sealing.seal(record: note.record, of: place.name))
    }

    /// Nil if there is none, or it cannot be opened: nothing is lost that was not sent from elsewhere.
    func note(at place: UploadPlace) throws(AttachmentError) -> UploadNote? {
        let bytes: [UInt8]
        do throws(AttachmentError) {
            let file = try OpenFile(place.note, O_RDONLY)
            bytes = try file.read(at: 0, count: min(try file.byteCount, FrameSealing.frameByteCount * 2))
        } catch .absent { return nil }
        do throws(FrameError) {
            return UploadNote(record: try sealing.open(record: bytes, of: place.name))
        } catch { return nil }
    }

    private func hasFrames(of note: UploadNote, at place: UploadPlace) throws(AttachmentError) -> Bool {
        if note.frameCount == 0 { return true }
        do throws(AttachmentError) {
            return try OpenFile(place.part, O_RDONLY).byteCount >= UploadWriter.sealedByteCount(of: note)
        } catch .absent { return false }
    }
}
