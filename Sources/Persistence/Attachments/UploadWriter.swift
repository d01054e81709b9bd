import Cryptography
import Glibc

/// Appends to one unfinished attachment. What was appended counts once it is committed.
///
/// It is not `Sendable`: one actor owns it. There may be one for each upload at a time in a process. Where another process has
/// committed since, this one commits no more: progress is never taken back.
package final class UploadWriter {
    private let files: AttachmentFiles
    private let place: UploadPlace
    private let name: Digest
    private var committed: UploadNote
    private var note: UploadNote

    init(_ files: AttachmentFiles, _ place: UploadPlace, _ note: UploadNote) {
        (self.files, self.place, committed, self.note) = (files, place, note, note)
        name = files.name(of: note.hash)
    }

    /// What is committed.
    package var upload: UploadNote { committed }

    /// The bytes that were appended, committed or not.
    package var offset: Int { note.offset }

    /// Appends bytes. They may be lost until `commit`; if this throws, all since the last commit are.
    package func append(_ bytes: [UInt8]) throws(AttachmentError) {
        guard bytes.count <= note.byteCount - note.offset else { throw .tooLong }
        let end = note.offset + bytes.count
        let all = note.tail + bytes
        var at = 0
        do throws(AttachmentError) {
            let file = try OpenFile(place.part, O_WRONLY | O_CREAT)
            while all.count - at >= FrameSealing.plainByteCount || (end == note.byteCount && at < all.count) {
                let plain = Array(all[at..<min(at + FrameSealing.plainByteCount, all.count)])
                at += plain.count
                let isLast = at == all.count && end == note.byteCount
                let frame = files.sealing.seal(plain, of: name, index: note.frameCount, isLast: isLast)
                try file.write(frame, at: note.frameCount * FrameSealing.frameByteCount)
                note.frameCount += 1
            }
        } catch {
            forget()
            throw error
        }
        note.tail = Array(all[at...])
    }

    /// Returns when all that was appended survives a power cut.
    ///
    /// - Throws: ``AttachmentError/overtaken`` if another process went on with the upload.
    package func commit() throws(AttachmentError) {
        guard note != committed else { return }
        do throws(AttachmentError) {
            guard try files.note(at: place) == committed else { throw .overtaken }
            if note.frameCount > committed.frameCount {
                let file = try OpenFile(place.part, O_WRONLY)
                try file.truncate(to: Self.sealedByteCount(of: note))
                try file.sync()
                if committed.frameCount == 0 { try Folder.sync(place.folder) }
            }
            try files.write(note, at: place)
        } catch {
            forget()
            throw error
        }
        committed = note
    }

    /// Moves the time at which the upload may be dropped, with the next commit; milliseconds since 1970.
    package func keep(until expires: UInt64) { note.expires = expires }

    /// Drops what was appended since the last commit.
    package func forget() { note = committed }

    /// Checks the whole against its name and lets it appear. All of it must be committed. The upload is gone after this,
    /// also if it throws `wrongContent` or `damaged`.
    package func finish() throws(AttachmentError) {
        precondition(committed.offset == committed.byteCount, "only a whole attachment is finished")
        do throws(AttachmentError) {
            guard try contentHash() == committed.hash else { throw .wrongContent }
        } catch {
            if error == .wrongContent || error == .damaged { try files.removeUpload(at: place) }
            throw error
        }
        try Folder.rename(place.part, to: files.path(of: committed.hash))
        try Folder.sync(files.whole)
        try files.dropSetAside(committed.hash)
        try Folder.remove(place.note)
        try Folder.sync(place.folder)
    }

    private func contentHash() throws(AttachmentError) -> Digest {
        let file = try OpenFile(place.part, O_RDONLY)
        var hasher = SHA256()
        let count = committed.byteCount
        guard try file.byteCount == FrameSealing.sealedByteCount(ofBytes: count) else { throw .damaged }
        for start in stride(from: 0, to: count, by: FrameSealing.plainByteCount) {
            let range = start..<min(start + FrameSealing.plainByteCount, count)
            hasher.update(try files.read(file, of: name, byteCount: count, range))
        }
        return hasher.finish()
    }

    /// The bytes of the part when a note's frames are in it: all are full, but the last of the whole.
    static func sealedByteCount(of note: UploadNote) -> Int {
        note.tail.isEmpty && note.offset == note.byteCount
            ? FrameSealing.sealedByteCount(ofBytes: note.byteCount)
            : note.frameCount * FrameSealing.frameByteCount
    }
}
