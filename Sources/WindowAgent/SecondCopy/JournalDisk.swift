import Cryptography
import Persistence
import SyncProtocol

/// The names in a journal's folder, `birthwindow-ID` on the medium.
enum JournalFolder {
    static let prefix = "birthwindow-"
    static let (header, headerCopy, state) = ("header", "header.copy", "state")
    static let (log, drafts, attachments) = ("log", "drafts", "attachments")
    static let attachmentFolders = ["whole", "waiting"]

    static func name(of journal: [UInt8]) -> String { prefix + journal.hexadecimal }

    /// The journal of a folder's name; nil for any other folder.
    static func journal(ofName name: String) -> [UInt8]? {
        guard name.hasPrefix(prefix), let id = [UInt8](hexadecimal: name.dropFirst(prefix.count)) else {
            return nil
        }
        return id.count == RecoveryHeader.journalByteCount ? id : nil
    }

    /// The name of a segment's file: they sort by the order in which they were begun.
    static func segmentName(number: Int, id: [UInt8]) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + "-" + id.hexadecimal
    }

    /// Number and ID of a segment by its file's name; nil for any other file.
    static func segment(ofName name: String) -> (number: Int, id: [UInt8])? {
        let parts = name.split(separator: "-")
        guard parts.count == 2, let number = Int(parts[0]), let id = [UInt8](hexadecimal: parts[1]),
            id.count == JournalSegment.idByteCount
        else { return nil }
        return (number, id)
    }
}

/// The keys of a journal's files.
struct JournalKeys: Sendable {
    let sealing: FrameSealing
    private let names: MessageAuthentication

    init(_ key: StoreKey) {
        sealing = FrameSealing(key: key.journal)
        names = MessageAuthentication(
            key: KeyDerivation.key(for: "birthwindow journal names", from: key.secret))
    }

    /// What the state's record is bound to.
    func stateName(of journal: [UInt8]) -> Digest { SHA256.hash(Array("state".utf8), journal) }

    /// The name of a draft's file, and what its record is bound to.
    func draftName(_ id: String, of journal: [UInt8]) -> Digest {
        guard let digest = Digest(bytes: names.code(journal, Array(id.utf8))) else {
            preconditionFailure("a code has 32 bytes")
        }
        return digest
    }
}

/// Writes the files of a window's journal. It waits for the medium on a queue of its own, so that nobody else does.
///
/// What is there is only ever added to: each run that writes begins a segment of its own.
actor JournalDisk {
    /// Photos that are copied with one append.
    static let attachmentsPerBatch = 8

    private let medium: any Medium
    /// The folder of the window's own sealed photos.
    private let photos: any Medium
    private let keys: JournalKeys
    private let executor = QueueExecutor(label: "birthwindow.journal")
    private var open: Open?

    /// The journal that is written to.
    private struct Open {
        let journal: [UInt8]
        var place: JournalPlace
        var header: RecoveryHeader
        /// The segment of this run; nil before its first append.
        var segment: (format: JournalSegment, path: String)?
        var state: Digest?
        /// The drafts that are there, by name, with their times as read; nil before the first look.
        var drafts: [String: UInt64] = [:]
        var draftFiles: Set<String>?
        /// The photos that are there; nil before the first look.
        var attachments: [String: Set<String>] = [:]
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(medium: any Medium, photos: any Medium, keys: JournalKeys) {
        (self.medium, self.photos, self.keys) = (medium, photos, keys)
    }

    /// Forgets what is open: the medium failed, and may be another one when it comes back.
    func close() { open = nil }

    /// Finds the first of these journals that is on the medium and is what it was when it was last written to; nil if none is. Also tells
    /// how many others are there.
    func find(_ known: [KnownJournal]) throws(MediumError) -> (found: KnownJournal?, others: Int) {
        let here = try medium.names(in: "").compactMap(JournalFolder.journal(ofName:))
        if let open, let same = known.first(where: { $0.id == open.journal }), here.contains(same.id) {
            return (same, here.count - 1)
        }
        open = nil
        for journal in known where here.contains(journal.id) {
            if try isWhole(journal) { return (journal, here.count - 1) }
        }
        return (nil, here.count)
    }

    /// Whether a journal is on the medium.
    func holds(_ journal: [UInt8]) throws(MediumError) -> Bool {
        try medium.names(in: "").contains(JournalFolder.name(of: journal))
    }

    /// Removes a journal that holds what was erased since; its head goes last. Harmless if it is not there.
    func remove(_ journal: [UInt8]) throws(MediumError) {
        let folder = JournalFolder.name(of: journal)
        let attachments = JournalFolder.attachmentFolders.map { JournalFolder.attachments + "/" + $0 }
        for inner in [JournalFolder.log, JournalFolder.drafts] + attachments {
            for name in try medium.names(in: folder + "/" + inner) {
                try medium.remove(folder + "/" + inner + "/" + name)
            }
            try medium.remove(folder + "/" + inner)
        }
        for name in [
            JournalFolder.attachments, JournalFolder.state, JournalFolder.headerCopy, JournalFolder.header,
        ] {
            try medium.remove(folder + "/" + name)
        }
        try medium.remove(folder)
    }

    /// Whether the segment that was written last is there, as far as it was told to be.
    private func isWhole(_ journal: KnownJournal) throws(MediumError) -> Bool {
        guard let segment = journal.place.segment else { return true }
        let log = JournalFolder.name(of: journal.id) + "/" + JournalFolder.log
        let name = try medium.names(in: log).first { JournalFolder.segment(ofName: $0)?.id == segment }
        guard let name, let count = try medium.byteCount(of: log + "/" + name) else { return false }
        return count >= journal.place.bytes
    }

    /// Makes ready to append to a journal, which may be new: its folders and its header are there when this returns.
    func prepare(_ journal: KnownJournal, _ wanted: @Sendable (RecoveryHeader?) -> RecoveryHeader)
        throws(MediumError)
    {
        let folder = JournalFolder.name(of: journal.id)
        if var open, open.journal == journal.id {
            let header = wanted(open.header)
            guard header != open.header else { return }
            try write(header, in: folder)
            open.header = header
            self.open = open
            return
        }
        for name in [
            "", "/" + JournalFolder.log, "/" + JournalFolder.drafts, "/" + JournalFolder.attachments,
        ] {
            try medium.make(folder + name)
        }
        for name in JournalFolder.attachmentFolders {
            try medium.make(folder + "/" + JournalFolder.attachments + "/" + name)
        }
        let present = try medium.read(
            folder + "/" + JournalFolder.header, at: 0, count: RecoveryHeader.byteCountMax + 1)
        // One that is damaged is replaced.
        let header = wanted(present.flatMap { try? RecoveryHeader(decoding: $0) })
        if present != header.encoded { try write(header, in: folder) }
        open = Open(journal: journal.id, place: journal.place, header: header)
    }

    /// Two copies, one after the other: one of them is whole at any moment.
    private func write(_ header: RecoveryHeader, in folder: String) throws(MediumError) {
        try medium.replace(folder + "/" + JournalFolder.header, with: header.encoded)
        try medium.replace(folder + "/" + JournalFolder.headerCopy, with: header.encoded)
    }

    /// Appends changes; when this returns they are synced.
    func append(_ entries: [JournalEntry]) throws(MediumError) -> JournalPlace {
        guard var open else { throw .absent }
        if open.segment == nil || open.place.bytes >= JournalSegment.byteCountMax {
            open.segment = try begin(&open)
        }
        guard let segment = open.segment else { throw .absent }
        var bytes: [UInt8] = []
        var records = open.place.records
        for entry in entries {
            bytes += segment.format.record(entry.encoded, index: records)
            records += 1
        }
        try medium.write(bytes, to: segment.path, at: open.place.bytes)
        (open.place.records, open.place.bytes) = (records, open.place.bytes + bytes.count)
        self.open = open
        return open.place
    }

    private func begin(_ open: inout Open) throws(MediumError) -> (format: JournalSegment, path: String) {
        let log = JournalFolder.name(of: open.journal) + "/" + JournalFolder.log
        let numbers = try medium.names(in: log).compactMap { JournalFolder.segment(ofName: $0)?.number }
        let id = SecureRandom.bytes(JournalSegment.idByteCount)
        let path = log + "/" + JournalFolder.segmentName(number: (numbers.max() ?? 0) + 1, id: id)
        let format = JournalSegment(journal: open.journal, id: id, sealing: keys.sealing)
        let link = format.record(open.place.link, index: 0)
        try medium.create(path, link)
        open.place = JournalPlace(segment: id, records: 1, bytes: link.count)
        return (format, path)
    }

    /// Keeps what a recovered window needs beside its changes, if it differs from what is there.
    func keep(_ state: JournalState) throws(MediumError) {
        guard let open else { throw .absent }
        let plain = state.encoded
        let digest = SHA256.hash(plain)
        guard digest != open.state else { return }
        try medium.replace(
            JournalFolder.name(of: open.journal) + "/" + JournalFolder.state,
            with: keys.sealing.seal(record: plain, of: keys.stateName(of: open.journal)))
        self.open?.state = digest
    }
}

/// Drafts: a file for each, replaced with each state of it, so that a form that is being filled in does not make the journal grow.
extension JournalDisk {
    /// Which of the drafts are to be written, because they are not there as of these times; files of others are removed.
    func draftsToKeep(_ times: [String: UInt64]) throws(MediumError) -> [String] {
        guard let open else { throw .absent }
        let folder = JournalFolder.name(of: open.journal) + "/" + JournalFolder.drafts
        var files = open.draftFiles ?? []
        if open.draftFiles == nil { files = Set(try medium.names(in: folder)) }
        let wanted = Set(times.keys.map { keys.draftName($0, of: open.journal).bytes.hexadecimal })
        for name in files.subtracting(wanted) { try medium.remove(folder + "/" + name) }
        self.open?.draftFiles = files.intersection(wanted)
        self.open?.drafts = open.drafts.filter { times[$0.key] != nil }
        return times.filter { open.drafts[$0.key] != $0.value }.keys.sorted()
    }

    /// Writes a draft.
    ///
    /// - Parameter keptAt: nil if it may have been kept again in the same millisecond: then it is written once more.
    func keepDraft(_ id: String, _ content: [UInt8], keptAt: UInt64?) throws(MediumError) {
        guard let open else { throw .absent }
        let name = keys.draftName(id, of: open.journal)
        var writer = CBORWriter()
        writer.writeArray(2)
        writer.write(id)
        writer.write(content)
        try medium.replace(
            JournalFolder.name(of: open.journal) + "/" + JournalFolder.drafts + "/" + name.bytes.hexadecimal,
            with: keys.sealing.seal(record: writer.bytes, of: name))
        self.open?.drafts[id] = keptAt
        self.open?.draftFiles?.insert(name.bytes.hexadecimal)
    }
}

/// Photos: their sealed files as they are. The same key opens them.
extension JournalDisk {
    /// Copies photos that lack, some at a time.
    ///
    /// - Returns: how many still lack.
    func copyAttachments() throws(MediumError) -> Int {
        guard let open else { throw .absent }
        var lacking = 0
        var copied = 0
        for folder in JournalFolder.attachmentFolders {
            let target = [JournalFolder.name(of: open.journal), JournalFolder.attachments, folder].joined(
                separator: "/")
            var there = open.attachments[folder] ?? []
            if open.attachments[folder] == nil { there = Set(try medium.names(in: target)) }
            let names = Self.whole(try photos.names(in: folder)).filter { !there.contains($0) }
            for name in names.sorted() {
                guard copied < Self.attachmentsPerBatch else {
                    lacking += folder == "whole" ? 1 : 0
                    continue
                }
                // A note goes when central has the photo: then there is nothing to copy any more.
                guard let count = try photos.byteCount(of: folder + "/" + name),
                    let bytes = try photos.read(folder + "/" + name, at: 0, count: count)
                else { continue }
                try medium.replace(target + "/" + name, with: bytes)
                there.insert(name)
                copied += folder == "whole" ? 1 : 0
            }
            self.open?.attachments[folder] = there
        }
        return lacking
    }

    /// Names of files that are whole: others are being written.
    static func whole(_ names: [String]) -> [String] {
        names.filter { $0.utf8.count == 2 * Digest.byteCount && [UInt8](hexadecimal: $0) != nil }
    }
}
