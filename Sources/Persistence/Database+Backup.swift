import CSQLite
import Glibc

extension Database {
    /// Copies the database, as it is at one moment, to a file of that name (0600), and syncs it.
    ///
    /// Other connections may go on writing meanwhile. The file appears whole or not at all, and replaces one
    /// of the same name. The copy is one file: it needs no log beside it. Inside a transaction of this
    /// connection it is a programmer's error.
    package func backup(to target: String) throws(DatabaseError) {
        precondition(!isInTransaction, "a backup has to stand outside a transaction")
        precondition(
            fileIdentity == nil || FileIdentity(path: target) != fileIdentity, "a backup onto itself")
        let partial = target + ".part"
        removeFiles(partial)  // of a backup that was cut off
        do throws(DatabaseError) {
            try copy(to: partial)
            try publish(partial, as: target)
        } catch {
            removeFiles(partial)
            throw error
        }
    }

    private func copy(to partial: String) throws(DatabaseError) {
        let made = Glibc.open(partial, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard made >= 0 else { throw systemFailure(SQLITE_CANTOPEN, at: partial) }
        close(made)
        let copy = try Connection(path: partial, flags: SQLITE_OPEN_READWRITE)
        guard let backup = sqlite3_backup_init(copy.handle, "main", connection.handle, "main") else {
            throw copy.error(sqlite3_extended_errcode(copy.handle), sql: "")
        }
        // All pages in one step are read in one transaction, so writers can neither tear nor restart it.
        let stepped = sqlite3_backup_step(backup, -1)
        let finished = sqlite3_backup_finish(backup)
        guard stepped == SQLITE_DONE, finished == SQLITE_OK else {
            throw copy.error(stepped == SQLITE_DONE ? finished : stepped, sql: "")
        }
        // Who reads a file in WAL mode has to make an index of the log beside it; `init` sets the mode again.
        let sql = "PRAGMA journal_mode = DELETE"
        try copy.check(sqlite3_exec(copy.handle, sql, nil, nil, nil), sql: sql)
    }

    private func publish(_ partial: String, as target: String) throws(DatabaseError) {
        try sync(partial)
        // A log left beside the replaced file would be taken for the copy's and damage it.
        removeLogs(of: target)
        guard rename(partial, target) == 0 else { throw systemFailure(SQLITE_IOERR, at: target) }
        try sync(directory(of: target))
    }

    private func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func sync(_ path: String) throws(DatabaseError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemFailure(SQLITE_CANTOPEN, at: path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw systemFailure(SQLITE_IOERR, at: path) }
    }

    private func removeFiles(_ path: String) {
        unlink(path)  // most often there is none
        removeLogs(of: path)
    }

    private func removeLogs(of path: String) {
        for suffix in ["-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }

    private func systemFailure(_ code: Int32, at path: String) -> DatabaseError {
        DatabaseError(
            cause: .result(extendedCode: code, systemError: errno), sql: "",
            fileName: path.split(separator: "/").last.map(String.init) ?? path, detail: nil)
    }
}
