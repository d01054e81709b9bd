import Cryptography
import Foundation
import Persistence
import SyncProtocol

/// Makes a backup of a central that may be at work, reads it back, and gives it its name.
///
/// All is written into a folder with a name that no whole backup has, then verified from the medium, and then renamed: what
/// bears a backup's name was whole and sound. Attachments that the last backup there has as well are second names of its
/// files, so each is written once to a medium; central's own files are never shared with a backup.
struct BackupMaker {
    /// Central's directory.
    let directory: String
    let keys: StoreKeys
    let software: String
    /// Nil copies the file in the directory.
    var copyStore: CopyStore?

    typealias CopyStore = @Sendable (String) throws(CentralError) -> Void

    /// Names of what is not finished begin so.
    static let unfinished = ".unfinished-"

    /// - Parameters:
    ///   - folder: where the backups are kept; it must exist.
    ///   - now: central's clock.
    func make(in folder: String, now: UInt64) throws(BackupError) -> BackupFolder {
        let lock = try Self.lock(folder)
        defer { withExtendedLifetime(lock) {} }
        Self.removeUnfinished(in: folder)
        let last = try BackupFolder.last(in: folder)
        let partial = folder + "/" + Self.unfinished + "\(now)"
        do throws(BackupError) {
            let name = try fillSoundly(partial, linkingTo: last, now: now)
            try BackupError.files { () throws(FileError) in
                try Files.move(partial, to: folder + "/" + name)
                try Files.syncFolder(folder)
            }
            return try BackupFolder(path: folder + "/" + name)
        } catch {
            Self.removeUnfinished(in: folder)
            throw error
        }
    }

    /// Writes all files and reads them back. What the medium has lost of the last backup is written anew.
    private func fillSoundly(
        _ partial: String, linkingTo last: BackupFolder?, now: UInt64
    ) throws(BackupError) -> String {
        do throws(BackupError) {
            let name = try fill(partial, linkingTo: last, now: now)
            try BackupFolder(path: partial).verify(keys)
            return name
        } catch {
            guard case .unsound = error, let last else { throw error }
            Self.removeUnfinished(in: BackupFolder.parent(of: last.path))
            let name = try fill(partial, linkingTo: nil, now: now)
            try BackupFolder(path: partial).verify(keys)
            return name
        }
    }

    /// Takes the folder's lock. The folder is not made: that of a disk that is not mounted must not be filled instead.
    static func lock(_ folder: String) throws(BackupError) -> FileLock {
        do throws(FileLockError) { return try FileLock(path: folder + "/.lock") } catch {
            switch error {
            case .heldByAnother: throw .inUse(folder)
            case .system(let code): throw .file(FileError(code: code, at: folder))
            }
        }
    }

    static func removeUnfinished(in folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(unfinished) {
            // What cannot be removed is no backup either, and is tried again next time.
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
    }

    /// Writes all files; answers the name that the backup is to have.
    private func fill(
        _ partial: String, linkingTo last: BackupFolder?, now: UInt64
    ) throws(BackupError) -> String {
        let store = partial + "/" + BackupFolder.store
        try BackupError.files { () throws(FileError) in
            for part in ["", "/attachments", "/" + BackupFolder.attachments] {
                try Files.makeFolder(partial + part)
            }
        }
        // First the store: every attachment that it knows to be whole is there when the attachments follow.
        if let copyStore {
            do throws(CentralError) { try copyStore(store) } catch { throw .store(error) }
        } else {
            try BackupError.store { () throws(DatabaseError) in
                try Database(
                    path: directory + "/" + BackupFolder.store, mode: .readOnly,
                    applicationID: Schema.applicationID
                ).backup(to: store)
            }
        }
        var sums = BackupSums()
        try BackupError.files { () throws(FileError) in
            sums.entries.append(
                BackupSums.Entry(path: BackupFolder.store, sum: try Files.sum(of: store)))
        }
        sums.entries += try keepAttachments(in: partial, linkingTo: last)
        let manifest = try BackupError.store { () throws(DatabaseError) in
            try BackupManifest(
                of: try Database(path: store, mode: .readOnly, applicationID: Schema.applicationID),
                madeMilliseconds: now, sums: sums, software: software)
        }
        try BackupError.files { () throws(FileError) in
            try Files.write(sums.encoded, to: partial + "/" + BackupFolder.sums)
            try Files.write(manifest.encoded, to: partial + "/" + BackupFolder.manifest)
            for part in ["/" + BackupFolder.attachments, "/attachments", ""] {
                try Files.syncFolder(partial + part)
            }
        }
        return Self.name(of: manifest)
    }

    private func keepAttachments(
        in partial: String, linkingTo last: BackupFolder?
    ) throws(BackupError) -> [BackupSums.Entry] {
        var known: [String: FileSum] = [:]
        // A list that cannot be read only means that all is copied.
        for entry in ((try? last?.list())?.entries ?? []) { known[entry.path] = entry.sum }
        return try BackupError.files { () throws(FileError) in
            var entries: [BackupSums.Entry] = []
            let source = directory + "/" + BackupFolder.attachments
            for name in try Files.byteCount(of: source) == nil ? [] : Files.names(in: source).sorted() {
                let path = BackupFolder.attachments + "/" + name
                // One that was dropped meanwhile is left out.
                guard let count = try Files.byteCount(of: directory + "/" + path) else { continue }
                if let last, let sum = known[path], sum.byteCount == count,
                    Files.link(last.path + "/" + path, as: partial + "/" + path)
                {
                    entries.append(BackupSums.Entry(path: path, sum: sum))
                } else {
                    let sum = try Files.copy(directory + "/" + path, to: partial + "/" + path)
                    entries.append(BackupSums.Entry(path: path, sum: sum))
                }
            }
            return entries
        }
    }

    /// The moment, and a code of what was there: nothing that tells of a person or a hospital.
    private static func name(of manifest: BackupManifest) -> String {
        let time = Date(timeIntervalSince1970: Double(manifest.madeMilliseconds) / 1000)
        let moment = time.formatted(.iso8601.timeSeparator(.omitted).dateSeparator(.omitted))
        let millisecond = String(1000 + manifest.madeMilliseconds % 1000).dropFirst()
        let code = SHA256.hash(
            Array(manifest.epoch.utf8), manifest.feeds.flatMap { Array("\($0.hospital) \($0.chain)".utf8) })
        return "\(moment.dropLast())-\(millisecond)-\(code.bytes.prefix(4).hexadecimal)"
    }
}
