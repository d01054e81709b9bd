import CSQLite

/// The row that a running statement stands on. It cannot be copied or kept beyond the closure that gets it.
///
/// Columns are numbered from 0. A getter that finds NULL or another type throws
/// ``DatabaseError/Kind/unexpectedValue(column:)`` naming the column; SQLite's own conversions are never used.
package struct Row: ~Copyable {
    private let handle: OpaquePointer
    private let connection: Connection
    private let sql: StaticString

    init(handle: OpaquePointer, connection: Connection, sql: StaticString) {
        self.handle = handle
        self.connection = connection
        self.sql = sql
    }

    /// The integer in a column.
    package func integer(_ column: Int32) throws(DatabaseError) -> Int64 {
        guard type(of: column) == SQLITE_INTEGER else { throw unexpected(column, wanted: "an integer") }
        return sqlite3_column_int64(handle, column)
    }

    /// The floating-point number in a column.
    package func real(_ column: Int32) throws(DatabaseError) -> Double {
        guard type(of: column) == SQLITE_FLOAT else { throw unexpected(column, wanted: "a real number") }
        return sqlite3_column_double(handle, column)
    }

    /// The text in a column, which must be UTF-8.
    package func text(_ column: Int32) throws(DatabaseError) -> String {
        guard type(of: column) == SQLITE_TEXT else { throw unexpected(column, wanted: "text") }
        let start = sqlite3_column_text(handle, column)
        guard let text = String(validating: try bytes(column, from: start), as: UTF8.self) else {
            throw unexpected(column, wanted: "valid UTF-8")
        }
        return text
    }

    /// The blob in a column.
    package func blob(_ column: Int32) throws(DatabaseError) -> [UInt8] {
        guard type(of: column) == SQLITE_BLOB else { throw unexpected(column, wanted: "a blob") }
        return Array(try bytes(column, from: sqlite3_column_blob(handle, column)))
    }

    /// The integer in a column, or nil for NULL.
    package func optionalInteger(_ column: Int32) throws(DatabaseError) -> Int64? {
        isNull(column) ? nil : try integer(column)
    }

    /// The floating-point number in a column, or nil for NULL.
    package func optionalReal(_ column: Int32) throws(DatabaseError) -> Double? {
        isNull(column) ? nil : try real(column)
    }

    /// The text in a column, or nil for NULL.
    package func optionalText(_ column: Int32) throws(DatabaseError) -> String? {
        isNull(column) ? nil : try text(column)
    }

    /// The blob in a column, or nil for NULL.
    package func optionalBlob(_ column: Int32) throws(DatabaseError) -> [UInt8]? {
        isNull(column) ? nil : try blob(column)
    }

    /// An error that names the column, for a value of the right type that means nothing to the caller.
    package func unexpected(_ column: Int32, wanted: StaticString) -> DatabaseError {
        let name = sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "\(column)"
        return DatabaseError(
            cause: .unexpectedValue(column: name, wanted: "\(wanted)", found: typeName(of: column)),
            sql: sql.description, fileName: connection.fileName, detail: nil)
    }

    private func isNull(_ column: Int32) -> Bool { type(of: column) == SQLITE_NULL }

    private func type(of column: Int32) -> Int32 {
        // "If the column index is out of range, the result is undefined."
        precondition(0 <= column && column < sqlite3_column_count(handle), "no column \(column) in: \(sql)")
        return sqlite3_column_type(handle, column)
    }

    private func typeName(of column: Int32) -> String {
        switch type(of: column) {
        case SQLITE_INTEGER: "an integer"
        case SQLITE_FLOAT: "a real number"
        case SQLITE_TEXT: "text"
        case SQLITE_BLOB: "a blob"
        default: "NULL"
        }
    }

    private func bytes(
        _ column: Int32, from start: UnsafeRawPointer?
    ) throws(DatabaseError) -> UnsafeRawBufferPointer {
        let count = Int(sqlite3_column_bytes(handle, column))
        // A value of no bytes has no address; any other without one means that memory ran out.
        if start == nil, count > 0 { throw connection.error(SQLITE_NOMEM, sql: sql.description) }
        return UnsafeRawBufferPointer(start: start, count: count)
    }
}
