package import Persistence

/// Why a backup was not made, read or put in place. It holds no person's data.
package enum BackupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file could not be read or written.
    case file(FileError)
    /// The store could not be copied or read.
    case store(CentralError)
    /// The folder is not a whole backup, or not one that this version can read.
    case notABackup(String)
    /// What was read back is not what was written: what is wrong, and how much.
    case unsound(backup: String, problems: [String], count: Int)
    /// Somebody else is making or pruning backups there.
    case inUse(String)
    /// A backup is being made already.
    case isRunning
    /// The present store has changes that the backup lacks, and is sound.
    case storeIsAhead(changes: UInt64)

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .store(.store(let failure)): failure.description
        case .store(let error): "\(error)"
        case .notABackup(let reason): reason
        case .unsound(let backup, let problems, let count):
            "\(backup) is not sound: \(count) problems; the first: \(problems.first ?? "none told")"
        case .inUse(let folder): "another process is making or pruning backups in \(folder)"
        case .isRunning: "a backup is being made already"
        case .storeIsAhead(let changes):
            "the present store is sound and has \(changes) changes that the backup lacks"
        }
    }
}

extension BackupError {
    /// Works on files, and tells their errors as a backup's.
    static func files<T>(_ body: () throws(FileError) -> T) throws(BackupError) -> T {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }

    /// Works on a store, and tells its errors as a backup's.
    static func store<T>(_ body: () throws(DatabaseError) -> T) throws(BackupError) -> T {
        do throws(DatabaseError) { return try body() } catch { throw .store(CentralError(error)) }
    }
}
