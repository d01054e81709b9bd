import Cryptography
import Foundation
import Testing

@testable import Persistence

@Suite("Files of attachments")
struct AttachmentFilesTests {
    private let directory: TemporaryDirectory
    private let key = SecretBytes(randomCount: AttachmentFiles.keyByteCount)
    private let owner = [UInt8](repeating: 3, count: 16)
    private let later: UInt64 = 1_000_000

    init() throws { directory = try TemporaryDirectory() }

    /// The files as a process that starts anew finds them.
    private func opened() throws -> AttachmentFiles {
        try AttachmentFiles(directory: directory.file("a"), key: key)
    }

    private func begun(_ content: [UInt8], in files: AttachmentFiles) throws -> UploadWriter {
        try files.begin(
            SHA256.hash(content), owner: owner, byteCount: content.count, expires: later, remark: "r")
    }

    private func stored(_ content: [UInt8]) throws -> AttachmentFiles {
        let files = try opened()
        let writer = try begun(content, in: files)
        try writer.append(content)
        try writer.commit()
        try writer.finish()
        return files
    }

    @Test("What was put in comes out", arguments: [1, 65_535, 65_536, 65_537, 131_072, 200_000])
    func roundTrip(count: Int) throws {
        let content = SecureRandom.bytes(count)
        let files = try stored(content)
        let hash = SHA256.hash(content)
        #expect(try files.byteCount(of: hash) == count)
        #expect(try files.read(hash, 0..<count) == content)
        #expect(try files.uploadCount(of: owner) == 0)
        #expect(try files.upload(of: hash, owner: owner) == nil)
        #expect(throws: AttachmentError.tooLong) { try files.read(hash, 0..<count + 1) }
        try files.remove(hash)
        #expect(try files.byteCount(of: hash) == nil)
    }

    @Test(
        "Whatever the pieces, and whenever the process dies: it goes on at the byte that was committed, and ends the same"
    )
    func cuts() throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix(state: seed)
        for round in 0..<25 {
            let content = SecureRandom.bytes(Int.random(in: 1...300_000, using: &random))
            var (writer, committed) = (try begun(content, in: try opened()), 0)
            while committed < content.count {
                let left = content.count - writer.offset
                let piece = Int.random(in: 0...min(left, 90_000), using: &random)
                try writer.append(Array(content[writer.offset..<writer.offset + piece]))
                switch Int.random(in: 0..<4, using: &random) {
                case 0, 1:
                    try writer.commit()
                    committed = writer.offset
                case 2: writer.forget()
                default:
                    writer = try #require(try opened().upload(of: SHA256.hash(content), owner: owner))
                }
                if writer.offset == content.count {
                    try writer.commit()
                    committed = writer.offset
                }
                #expect(writer.upload.offset == committed, "SEED \(seed) round \(round)")
            }
            try writer.finish()
            #expect(
                try opened().read(SHA256.hash(content), 0..<content.count) == content,
                "SEED \(seed) round \(round)")
        }
    }

    @Test("A range is that slice of the content")
    func ranges() throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix(state: seed)
        let content = SecureRandom.bytes(300_000)
        let files = try stored(content)
        for _ in 0..<100 {
            let start = Int.random(in: 0..<content.count, using: &random)
            let end = Int.random(in: start...content.count, using: &random)
            #expect(
                try files.read(SHA256.hash(content), start..<end) == Array(content[start..<end]),
                "SEED \(seed) \(start)..<\(end)")
        }
    }

    @Test("A byte that is changed, cut off or added anywhere is found, and so is a frame in another's place")
    func tampered() throws {
        let content = SecureRandom.bytes(200_000)
        let files = try stored(content)
        let path = files.path(of: SHA256.hash(content))
        let sealed = try bytes(of: path)
        func isFound(_ changed: [UInt8]) throws -> Bool {
            try write(changed, to: path)
            return (try? files.read(SHA256.hash(content), 0..<content.count)) == nil
        }
        let frame = FrameSealing.frameByteCount
        for at in stride(from: 0, to: sealed.count, by: 9_999) {
            var changed = sealed
            changed[at] ^= 1
            #expect(try isFound(changed), "byte \(at)")
            #expect(try isFound(Array(sealed.prefix(at))), "cut at \(at)")
        }
        for count in [frame, 2 * frame, sealed.count - 1] {
            #expect(try isFound(Array(sealed.prefix(count))))
        }
        #expect(try isFound(sealed + [0]))
        let swapped = Array(sealed[frame..<2 * frame] + sealed[..<frame] + sealed[(2 * frame)...])
        #expect(try isFound(swapped))
        let other = SecureRandom.bytes(200_000)
        _ = try stored(other)
        #expect(try isFound(try bytes(of: files.path(of: SHA256.hash(other)))))
        #expect(try !isFound(sealed))
    }

    @Test("Bytes that do not bear the name never become an attachment, and the upload is gone")
    func wrongContent() throws {
        let (content, files) = (SecureRandom.bytes(70_000), try opened())
        let writer = try begun(content, in: files)
        try writer.append([UInt8](repeating: 0, count: 70_000))
        try writer.commit()
        #expect(throws: AttachmentError.wrongContent) { try writer.finish() }
        #expect(try files.byteCount(of: SHA256.hash(content)) == nil)
        #expect(try files.upload(of: SHA256.hash(content), owner: owner) == nil)
        #expect(throws: AttachmentError.tooLong) {
            try begun(content, in: files).append([UInt8](repeating: 0, count: 70_001))
        }
    }

    @Test("However the files of an upload are cut, it goes on with right bytes or begins anew")
    func cutFiles() throws {
        let content = SecureRandom.bytes(170_000)
        let hash = SHA256.hash(content)
        let writer = try begun(content, in: try opened())
        try writer.append(Array(content.prefix(150_000)))
        try writer.commit()
        let place = try opened().place(of: hash, owner: owner)
        let (part, note) = (try bytes(of: place.part), try bytes(of: place.note))
        let frame = FrameSealing.frameByteCount
        let cuts = [0, 1, frame - 1, frame, frame + 1, 2 * frame - 1, 2 * frame]
        for cut in cuts + Array(stride(from: 5, to: part.count, by: 9_973)) {
            try write(Array(part.prefix(cut)), to: place.part)
            try write(note, to: place.note)
            #expect(try finished(content) == (cut < part.count ? 0 : 150_000), "part cut at \(cut)")
            try opened().remove(hash)
        }
        for cut in Array(stride(from: 0, to: note.count, by: 997)) + [note.count - 1] {
            try write(part, to: place.part)
            try write(Array(note.prefix(cut)), to: place.note)
            #expect(try finished(content) == 0, "note cut at \(cut)")
            try opened().remove(hash)
        }
    }

    /// Goes on with an upload, or begins it, to its end; tells from where.
    private func finished(_ content: [UInt8]) throws -> Int {
        let writer = try begun(content, in: try opened())
        let from = writer.upload.offset
        try writer.append(Array(content[from...]))
        try writer.commit()
        try writer.finish()
        #expect(try opened().read(SHA256.hash(content), 0..<content.count) == content)
        return from
    }

    @Test("Expired uploads and what a dead process left are swept away; others stay")
    func sweeps() throws {
        let files = try opened()
        let (old, new) = ([UInt8](repeating: 1, count: 10), [UInt8](repeating: 2, count: 10))
        let writer = try begun(old, in: files)
        _ = try files.begin(SHA256.hash(new), owner: owner, byteCount: 10, expires: later + 2)
        try write([1], to: files.partial + "/litter.part")
        try write([1], to: files.place(of: SHA256.hash(new), owner: owner).note + ".new")
        #expect(try files.sweep(now: later - 1) == 0)
        #expect(try files.sweep(now: later) == 1)
        #expect(try files.upload(of: SHA256.hash(old), owner: owner) == nil)
        #expect(try files.upload(of: SHA256.hash(new), owner: owner)?.upload.expires == later + 2)
        #expect(try Folder.names(in: files.partial).count == 1)
        #expect(writer.upload.remark == "r")
    }

    @Test("Names on disk and notes tell neither hash nor content, and another key opens nothing")
    func isSealed() throws {
        let content = [UInt8](repeating: 65, count: 100_000)
        let hash = SHA256.hash(content)
        let files = try stored(content)
        let writer = try begun([1] + content, in: files)
        try writer.append([1] + content.prefix(1000))
        try writer.commit()
        var disk: [UInt8] = []
        for folder in [files.whole, files.partial] {
            for name in try Folder.names(in: folder) {
                disk += Array(name.utf8) + (try bytes(of: folder + "/" + name))
            }
        }
        #expect(!disk.contains(Array(hash.bytes.hexadecimal.utf8)) && !disk.contains(hash.bytes))
        #expect(!disk.contains([UInt8](repeating: 65, count: 8)))
        let other = try AttachmentFiles(
            directory: directory.file("a"), key: SecretBytes(randomCount: AttachmentFiles.keyByteCount))
        #expect(try other.byteCount(of: hash) == nil)
        #expect(AttachmentFiles.isInUse(directory.file("a")) && !AttachmentFiles.isInUse(directory.file("b")))
    }

    // What PersistenceChild appends, in pieces of 7,000 bytes that it commits one by one.
    private let childKey = SecretBytes([UInt8](repeating: 7, count: AttachmentFiles.keyByteCount))
    private let childContent = (0..<600_000).map { UInt8($0 % 251) }

    private func childFiles() throws -> AttachmentFiles {
        try AttachmentFiles(directory: directory.file("c"), key: childKey)
    }

    @Test(
        "What was reported as kept before kill -9 is there afterwards, wherever it strikes",
        .timeLimit(.minutes(2)))
    func killed() throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix(state: seed)
        let hash = SHA256.hash(childContent)
        for round in 0..<15 {
            let child = try Child("attach", directory.file("c"))
            let early = child.lines(countMax: Int.random(in: 1...90, using: &random))
            let moment = ContinuousClock.now + .microseconds(Int.random(in: 0...3_000, using: &random))
            while ContinuousClock.now < moment {}  // into any part of a commit
            child.kill()
            let last = try #require((early + child.lines()).last.flatMap { Int($0) })
            try child.finish()
            let files = try childFiles()
            let isWhole = try files.byteCount(of: hash) != nil
            if isWhole { #expect(try files.read(hash, 0..<600_000) == childContent) }
            let offset = try files.upload(of: hash, owner: owner)?.upload.offset
            let now = isWhole ? 600_000 : offset ?? 0
            // After the whole the child begins anew, and reports 0 first.
            #expect(
                (last...last + 7_000).contains(now) || (last == 600_000 && now == 0),
                "SEED \(seed) round \(round)")
        }
        let writer = try childFiles().begin(hash, owner: owner, byteCount: 600_000, expires: later)
        try writer.append(Array(childContent[writer.offset...]))
        try writer.commit()
        try writer.finish()
        #expect(try childFiles().read(hash, 0..<600_000) == childContent)
    }

    @Test(
        "At the end of the room an upload is refused, keeps what was committed, and goes on when there is room"
    )
    func full() throws {
        let child = try Child("attach", directory.file("c"), setup: "trap '' XFSZ; ulimit -f 300")
        let lines = child.lines()
        try child.finish()
        #expect(lines.last == "the disk is full")
        let offset = try #require(lines.dropLast().last.flatMap { Int($0) })
        let hash = SHA256.hash(childContent)
        let writer = try #require(try childFiles().upload(of: hash, owner: owner))
        #expect(writer.offset == offset && (90_000..<400_000).contains(offset))
        try writer.append(Array(childContent[offset...]))
        try writer.commit()
        try writer.finish()
        #expect(try childFiles().read(hash, 0..<600_000) == childContent)
    }

    @Test(
        "A directory that may not be written refuses and stays as it is, and takes the upload when it may be again"
    )
    func readOnly() throws {
        let files = try childFiles()
        for folder in [directory.file("c"), files.whole, files.partial] { try allow(0o555, folder) }
        let child = try Child("attach-as-nobody", directory.file("c"))
        #expect(child.lines() == ["the directory of the attachments may not be written"])
        try child.finish()
        for folder in [directory.file("c"), files.whole, files.partial] { try allow(0o700, folder) }
        #expect(try Folder.names(in: files.whole).isEmpty && Folder.names(in: files.partial).isEmpty)
        let hash = SHA256.hash(childContent)
        let writer = try files.begin(hash, owner: owner, byteCount: 600_000, expires: later)
        try writer.append(childContent)
        try writer.commit()
        try writer.finish()
        #expect(try files.read(hash, 0..<600_000) == childContent)
    }

    private func allow(_ mode: Int, _ folder: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder)
    }
}
