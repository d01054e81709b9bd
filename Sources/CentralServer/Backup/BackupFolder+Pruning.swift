import Foundation
import Persistence

extension BackupFolder {
    /// Removes the oldest backups of a folder but for the newest `keep`, at least one.
    ///
    /// Each first loses its name, so that no half-removed one is ever taken for a backup.
    ///
    /// - Returns: the names of those that are gone, or would be.
    package static func prune(
        _ folder: String, keep: Int, isDryRun: Bool
    ) throws(BackupError) -> [String] {
        precondition(keep >= 1, "the newest backup is never removed")
        let lock = try BackupMaker.lock(folder)
        defer { withExtendedLifetime(lock) {} }
        let surplus = try all(in: folder).dropLast(keep)
        guard !isDryRun else { return surplus.map(\.name) }
        for backup in surplus {
            try BackupError.files { () throws(FileError) in
                try Files.move(backup.path, to: folder + "/" + BackupMaker.unfinished + backup.name)
                try Files.syncFolder(folder)
            }
        }
        BackupMaker.removeUnfinished(in: folder)
        return surplus.map(\.name)
    }
}
