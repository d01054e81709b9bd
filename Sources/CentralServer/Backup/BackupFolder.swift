import Cryptography
import Persistence

/// One whole backup on its medium.
///
///     manifest.json         what it holds: version, epoch, feeds, replicas, and the hash of the next
///     SHA256SUMS            every other file with its size and hash
///     central.sqlite        the store, as it was at one moment
///     attachments/whole/…   the sealed attachments, under their keyed names
///
/// The names are those of central's own directory. The keys of receipts and attachments and the staff's token are not in it.
package struct BackupFolder: Hashable, Sendable {
    static let store = "central.sqlite"
    static let attachments = "attachments/whole"
    static let manifest = "manifest.json"
    static let sums = "SHA256SUMS"

    package let path: String
    package let manifest: BackupManifest

    /// The name of the folder: the moment, and a code of what was there.
    package var name: String { Self.name(of: path) }

    /// Reads what a backup says of itself; nothing else of it is looked at.
    package init(path: String) throws(BackupError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.read(path + "/" + Self.manifest, byteCountMax: BackupManifest.byteCountMax)
        } catch {
            guard error.kind == .absent else { throw .file(error) }
            throw .notABackup("\(path) is no whole backup: there is no \(Self.manifest) in it")
        }
        manifest = try BackupManifest(decoding: bytes, of: Self.name(of: path))
        self.path = path
    }

    /// The whole backups in a folder, the oldest first. What is no backup, or was not finished, is passed over.
    package static func all(in folder: String) throws(BackupError) -> [BackupFolder] {
        try BackupError.files { () throws(FileError) in try Files.names(in: folder) }.sorted().compactMap {
            try? BackupFolder(path: folder + "/" + $0)  // what is no backup is passed over
        }
    }

    /// The newest whole backup in a folder; nil if there is none.
    static func last(in folder: String) throws(BackupError) -> BackupFolder? {
        // What is no backup is passed over.
        try BackupError.files { () throws(FileError) in try Files.names(in: folder) }.sorted(by: >).lazy
            .compactMap { try? BackupFolder(path: folder + "/" + $0) }.first
    }

    /// The list of its files, which must be the one that the manifest names.
    func list() throws(BackupError) -> BackupSums {
        let bytes = try BackupError.files { () throws(FileError) in
            try Files.read(path + "/" + Self.sums, byteCountMax: BackupSums.byteCountMax)
        }
        guard SHA256.hash(bytes).bytes.hexadecimal == manifest.sums else {
            throw .unsound(backup: name, problems: ["\(Self.sums) was altered"], count: 1)
        }
        return try BackupSums(decoding: bytes, of: name)
    }

    static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    static func parent(of path: String) -> String {
        "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
