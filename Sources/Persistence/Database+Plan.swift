import CSQLite

extension Database {
    /// How SQLite would carry out a statement, one line per step, in its own words. For tests: nothing is carried out.
    package func plan(of sql: String) throws(DatabaseError) -> [String] {
        var handle: OpaquePointer?
        try connection.check(
            sqlite3_prepare_v2(connection.handle, "EXPLAIN QUERY PLAN " + sql, -1, &handle, nil))
        defer { sqlite3_finalize(handle) }
        var steps: [String] = []
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: steps.append(sqlite3_column_text(handle, 3).map { String(cString: $0) } ?? "")
            case SQLITE_DONE: return steps
            default: throw connection.error(sqlite3_extended_errcode(connection.handle), sql: sql)
            }
        }
    }
}
