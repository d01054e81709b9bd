import CSQLite

/// One prepared statement. It cannot be copied, so it is finalised exactly once.
struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let connection: Connection  // must outlive the handle
    let sql: StaticString

    /// Compiles the text, which must be one statement.
    init(_ sql: StaticString, on connection: Connection) throws(DatabaseError) {
        var prepared: OpaquePointer?
        let text = UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self)
        var tail: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v3(
            connection.handle, text, Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT),
            &prepared, &tail)
        guard code == SQLITE_OK, let handle = prepared else {
            throw connection.error(code, sql: sql.description, isPreparing: true)
        }
        precondition(
            tail == text + sql.utf8CodeUnitCount, "more than one statement throws(DatabaseError) in: \(sql)")
        self.handle = handle
        self.connection = connection
        self.sql = sql
    }

    /// Compiles a text that is put together of names of the schema, for the copier of tables. In errors it is "a copy".
    init(text: String, on connection: Connection) throws(DatabaseError) {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v2(connection.handle, text, -1, &prepared, nil)
        guard code == SQLITE_OK, let handle = prepared else {
            throw connection.error(code, sql: text, isPreparing: true)
        }
        self.handle = handle
        self.connection = connection
        sql = "a copy"
    }

    deinit { sqlite3_finalize(handle) }

    /// The row that the statement stands on; valid until the next step.
    var row: Row { Row(handle: handle, connection: connection, sql: sql) }

    /// Puts the arguments in place of the `?`, as many as there are.
    func bind(_ arguments: [SQLiteValue]) throws(DatabaseError) {
        precondition(
            Int(sqlite3_bind_parameter_count(handle)) == arguments.count,
            "\(arguments.count) arguments for: \(sql)")
        var index: Int32 = 0
        for argument in arguments {
            index += 1
            try connection.check(bind(argument, at: index), sql: sql.description)
        }
    }

    private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let value): return sqlite3_bind_int64(handle, index, value)
        case .real(let value):
            precondition(!value.isNaN, "SQLite would store NULL for NaN")
            return sqlite3_bind_double(handle, index, value)
        case .text(let value):
            // Swift passes a String with a NUL at its end; the count excludes it, so inner NULs are kept.
            return birthwindow_sqlite_bind_text(handle, index, value, UInt64(value.utf8.count))
        case .blob(let value) where value.isEmpty:
            // "If the third parameter to sqlite3_bind_blob() is a NULL pointer then [it is] sqlite3_bind_null()."
            return sqlite3_bind_zeroblob(handle, index, 0)
        case .blob(let value):
            return birthwindow_sqlite_bind_blob(handle, index, value, UInt64(value.count))
        case .sealed, .sealedText, .digest, .name: preconditionFailure("a value that was not closed")
        }
    }

    /// Goes to the next row. False when there is none.
    func step() throws(DatabaseError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw connection.error(code, sql: sql.description)
        }
    }

    /// Makes it ready for the next use: no cursor stays open and no argument stays in memory.
    ///
    /// Repeats the error of the last step. It also fails by itself where a change with RETURNING was not
    /// stepped to its end outside a transaction: that is when it is committed.
    func reset() throws(DatabaseError) {
        let code = sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        try connection.check(code, sql: sql.description)
    }
}
