import CSQLite
import Glibc

/// An open handle of SQLite, closed exactly once. Statements keep it alive.
final class Connection {
    let handle: OpaquePointer
    /// The last component of the path, for errors.
    let fileName: String
    /// What closes and opens sealed values; nil before the store's key was given.
    var seals: Seals?

    /// - Parameter isInMemory: the path then only names it in errors.
    init(path: String, flags: Int32, isInMemory: Bool = false) throws(DatabaseError) {
        let fileName = path.split(separator: "/").last.map(String.init) ?? path
        let path = isInMemory ? ":memory:" : path
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX, nil)
        guard let handle = opened, code == SQLITE_OK else {
            // "Whether or not an error occurs when it is opened, resources associated with the database
            // connection handle should be released by passing it to sqlite3_close()."
            let systemError = opened.map { sqlite3_system_errno($0) } ?? 0
            sqlite3_close_v2(opened)
            throw DatabaseError(
                cause: .result(extendedCode: code, systemError: systemError), sql: "", fileName: fileName,
                detail: nil)
        }
        self.handle = handle
        self.fileName = fileName
    }

    deinit { sqlite3_close_v2(handle) }

    /// True outside a transaction, also after SQLite has rolled one back by itself.
    var isInAutocommit: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// Throws unless the code is `SQLITE_OK`. To be called before anything else is asked of the connection.
    func check(_ code: Int32, sql: String = "") throws(DatabaseError) {
        if code != SQLITE_OK { throw error(code, sql: sql) }
    }

    /// The error for a result code that the connection has just returned.
    func error(_ code: Int32, sql: String, isPreparing: Bool = false) -> DatabaseError {
        let lastError = errno
        var systemError = sqlite3_system_errno(handle)
        // It is not set by a COMMIT that fails on the disk; no other call has failed since then.
        if systemError == 0, code & 0xff == SQLITE_IOERR { systemError = lastError }
        // While stepping, SQLite's words may quote an argument; these two quote the schema or the SQL only.
        let isHarmless = isPreparing || code & 0xff == SQLITE_CONSTRAINT
        return DatabaseError(
            cause: .result(extendedCode: code, systemError: systemError), sql: sql, fileName: fileName,
            detail: isHarmless ? String(cString: sqlite3_errmsg(handle)) : nil)
    }

    /// Sets an option of `sqlite3_db_config` that is a switch.
    func set(option: Int32, to isOn: Bool) throws(DatabaseError) {
        try check(birthwindow_sqlite_switch(handle, option, isOn ? 1 : 0))
    }

    /// Writes a number into the file's header. PRAGMA takes no `?`, so this is the one place that puts SQL
    /// text together: a literal and a number.
    func setHeader(_ field: StaticString, to number: Int32) throws(DatabaseError) {
        let sql = "PRAGMA \(field) = \(number)"
        try check(sqlite3_exec(handle, sql, nil, nil, nil), sql: sql)
    }
}
