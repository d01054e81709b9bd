import CSQLite

/// The row that a running statement stands on. It cannot be copied or kept beyond the closure that gets it.
///
/// Columns are numbered from 0. A getter that finds NULL or another type throws
/// ``DatabaseError/Kind/unexpectedValue(column:)`` naming the column; SQLite's own conversions are never used.
package struct Row: ~Copyable {
    private enum Source {
        case file(OpaquePointer, Connection)
        case server(any ServerRows)
    }

    /// What a column holds.
    package enum ColumnKind: Hashable, Sendable {
        case null
        case integer
        case real
        case text
        case blob
        /// Something that this program never stores.
        case other
    }

    private let source: Source
    private let sql: StaticString

    init(handle: OpaquePointer, connection: Connection, sql: StaticString) {
        source = .file(handle, connection)
        self.sql = sql
    }

    /// The rows that a server yields, one after the other.
    package init(_ rows: any ServerRows, sql: StaticString) {
        source = .server(rows)
        self.sql = sql
    }

    /// The integer in a column.
    package func integer(_ column: Int32) throws(DatabaseError) -> Int64 {
        guard kind(of: column) == .integer else { throw unexpected(column, wanted: "an integer") }
        switch source {
        case .file(let handle, _): return sqlite3_column_int64(handle, column)
        case .server(let rows): return rows.integer(column)
        }
    }

    /// The floating-point number in a column.
    package func real(_ column: Int32) throws(DatabaseError) -> Double {
        guard kind(of: column) == .real else { throw unexpected(column, wanted: "a real number") }
        switch source {
        case .file(let handle, _): return sqlite3_column_double(handle, column)
        case .server(let rows): return rows.real(column)
        }
    }

    /// The text in a column, which must be UTF-8.
    package func text(_ column: Int32) throws(DatabaseError) -> String {
        guard kind(of: column) == .text else { throw unexpected(column, wanted: "text") }
        let text: String?
        switch source {
        case .file(let handle, let connection):
            let start = sqlite3_column_text(handle, column)
            let bytes = try bytes(handle, connection, column, from: start)
            text = String(validating: bytes, as: UTF8.self)
        case .server(let rows): text = rows.text(column)
        }
        guard let text else { throw unexpected(column, wanted: "valid UTF-8") }
        return text
    }

    /// The blob in a column.
    package func blob(_ column: Int32) throws(DatabaseError) -> [UInt8] {
        guard kind(of: column) == .blob else { throw unexpected(column, wanted: "a blob") }
        switch source {
        case .file(let handle, let connection):
            return Array(try bytes(handle, connection, column, from: sqlite3_column_blob(handle, column)))
        case .server(let rows): return rows.blob(column)
        }
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

    /// What opens sealed values.
    func opener() throws(DatabaseError) -> Seals {
        let seals: Seals? =
            switch source {
            case .file(_, let connection): connection.seals
            case .server(let rows): rows.seals
            }
        guard let seals else {
            throw DatabaseError(cause: .sealed(.noKey), sql: sql.description, fileName: "", detail: nil)
        }
        return seals
    }

    /// How many columns the row has.
    package var columnCount: Int32 {
        switch source {
        case .file(let handle, _): sqlite3_column_count(handle)
        case .server(let rows): rows.columnCount
        }
    }

    /// The value in a column, whatever it is.
    package func value(_ column: Int32) throws(DatabaseError) -> SQLiteValue {
        switch kind(of: column) {
        case .null: .null
        case .integer: .integer(try integer(column))
        case .real: .real(try real(column))
        case .text: .text(try text(column))
        case .blob: .blob(try blob(column))
        case .other: throw unexpected(column, wanted: "a value of a known type")
        }
    }

    /// An error that names the column, for a value of the right type that means nothing to the caller.
    package func unexpected(_ column: Int32, wanted: StaticString) -> DatabaseError {
        let name: String?
        let place: String
        switch source {
        case .file(let handle, let connection):
            name = sqlite3_column_name(handle, column).map { String(cString: $0) }
            place = connection.fileName
        case .server(let rows): (name, place) = (rows.name(of: column), rows.database)
        }
        return DatabaseError(
            cause: .unexpectedValue(
                column: name ?? "\(column)", wanted: "\(wanted)", found: typeName(of: column)),
            sql: sql.description, fileName: place, detail: nil)
    }

    private func isNull(_ column: Int32) -> Bool { kind(of: column) == .null }

    private func kind(of column: Int32) -> ColumnKind {
        // "If the column index is out of range, the result is undefined."
        precondition(0 <= column && column < columnCount, "no column \(column) in: \(sql)")
        switch source {
        case .file(let handle, _):
            return switch sqlite3_column_type(handle, column) {
            case SQLITE_INTEGER: .integer
            case SQLITE_FLOAT: .real
            case SQLITE_TEXT: .text
            case SQLITE_BLOB: .blob
            default: .null
            }
        case .server(let rows): return rows.kind(of: column)
        }
    }

    private func typeName(of column: Int32) -> String {
        switch kind(of: column) {
        case .integer: "an integer"
        case .real: "a real number"
        case .text: "text"
        case .blob: "a blob"
        case .null: "NULL"
        case .other: "a value of another type"
        }
    }

    private func bytes(
        _ handle: OpaquePointer, _ connection: Connection, _ column: Int32, from start: UnsafeRawPointer?
    ) throws(DatabaseError) -> UnsafeRawBufferPointer {
        let count = Int(sqlite3_column_bytes(handle, column))
        // A value of no bytes has no address; any other without one means that memory ran out.
        if start == nil, count > 0 { throw connection.error(SQLITE_NOMEM, sql: sql.description) }
        return UnsafeRawBufferPointer(start: start, count: count)
    }
}
