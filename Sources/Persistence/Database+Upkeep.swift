import CSQLite

extension Database {
    /// How many problems of each sort ``integrityProblems()`` names at most.
    package static let problemCountMax: Int64 = 100

    /// Moves the whole log into the file and empties the log, so that nothing deleted lingers in it.
    ///
    /// Fails as busy while another connection reads. Not needed for durability.
    package func checkpoint() throws(DatabaseError) {
        precondition(!isInTransaction, "a checkpoint has to stand outside a transaction")
        try connection.check(
            sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil))
    }

    /// Writes the whole file anew, without any free space in which something deleted could be read, and empties the log.
    ///
    /// Needs as much room again for the time being.
    package func writeAnew() throws(DatabaseError) {
        precondition(!isInTransaction, "a file is written anew outside a transaction")
        // In a file that SQLite removes: the whole store may not fit into memory.
        try execute("PRAGMA temp_store = FILE")
        try execute("VACUUM")
        try execute("PRAGMA temp_store = MEMORY")
        try checkpoint()
    }

    /// What is damaged, in SQLite's words, without stored values; empty if all is well.
    ///
    /// Reads the whole file. A damage that stops the reading is a problem too; other errors are thrown.
    package func integrityProblems() throws(DatabaseError) -> [String] {
        do throws(DatabaseError) {
            let found = try rows("SELECT * FROM pragma_integrity_check(?)", .integer(Self.problemCountMax)) {
                row throws(DatabaseError) in try row.text(0)
            }
            return found.filter { $0 != "ok" } + (try danglingReferences())
        } catch {
            guard error.kind == .corrupt else { throw error }
            return [error.description]
        }
    }

    /// One sentence per row that refers to a row that is not there.
    func danglingReferences() throws(DatabaseError) -> [String] {
        try rows(
            "SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT ?", .integer(Self.problemCountMax)
        ) {
            row throws(DatabaseError) in
            "a row of \(try row.text(0)) refers to a missing row of \(try row.text(1))"
        }
    }

    /// Whether the path still names the file that is open; always true in memory.
    ///
    /// False after a restore that replaced the file: what is committed from then on goes to a file without
    /// a name. Close, and open anew.
    package var isAtItsPath: Bool {
        guard let fileIdentity else { return true }
        return fileIdentity == FileIdentity(path: path) && !isMoved
    }

    /// SQLite's own comparison of the open descriptor's inode with the path's.
    private var isMoved: Bool {
        var moved: Int32 = 0
        let code = sqlite3_file_control(connection.handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return code != SQLITE_OK || moved != 0
    }

    /// The statements that are prepared and not finalised.
    var preparedCount: Int {
        var count = 0
        var statement = sqlite3_next_stmt(connection.handle, nil)
        while let next = statement {
            count += 1
            statement = sqlite3_next_stmt(connection.handle, next)
        }
        return count
    }
}
