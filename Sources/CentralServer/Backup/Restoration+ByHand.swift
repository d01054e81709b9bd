import Foundation
import Persistence

extension Restoration {
    /// Where a file of SQLite's says how it is written: 1 with a journal, 2 with a log (“WAL”).
    private static let modeOffset = 18

    /// Moves away the log of a store that was replaced by hand: SQLite would replay it into a file that it does not belong to.
    ///
    /// A backup's store says that it has no log, and central's own says that it has one before it ever writes any; so a log
    /// beside a file that says that it has none is another's. The caller holds the lock, and nothing is open.
    ///
    /// - Returns: where the log is now; nil if there was none of this kind.
    @discardableResult
    static func putForeignLogAside(in directory: String) throws(BackupError) -> String? {
        let store = directory + "/" + Name.store
        guard let file = FileHandle(forReadingAtPath: store) else { return nil }
        // A file that cannot be read, or is shorter, is SQLite's to refuse.
        guard let head = try? file.read(upToCount: modeOffset + 1), head.count == modeOffset + 1,
            head[head.startIndex + modeOffset] == 1
        else { return nil }
        return try BackupError.files { () throws(FileError) in
            guard try Files.byteCount(of: store + "-wal") ?? 0 > 0 else { return nil }
            let folder = directory + "/" + Name.restoring
            try Files.makeFolder(folder)
            for suffix in Name.logs where try Files.byteCount(of: store + suffix) != nil {
                try Files.move(store + suffix, to: folder + "/" + Name.store + suffix)
            }
            try Files.syncFolder(directory)
            return try setAside(folder, in: directory)
        }
    }
}
