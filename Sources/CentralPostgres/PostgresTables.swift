#if Postgres
    import CentralServer
    package import Persistence

    extension PostgresConnection {
        /// Puts rows into a table in PostgreSQL's binary form of COPY: a head, and for each row the number of its columns and
        /// each value after its length, -1 for NULL.
        func copy(
            to table: StoredTable,
            _ body: (_ append: ([SQLiteValue]) throws(DatabaseError) -> Void) throws(DatabaseError) -> Void
        ) throws(DatabaseError) {
            let sql = "COPY \"\(table.name)\" (\(table.columnList)) FROM STDIN (FORMAT binary)"
            try beginCopy(sql)
            var buffer = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
            do throws(DatabaseError) {
                try body { row throws(DatabaseError) in
                    PostgresArguments(row).appendRow(to: &buffer)
                    guard buffer.count >= 1 << 18 else { return }
                    try send(buffer, sql)
                    buffer.removeAll(keepingCapacity: true)
                }
                try send(buffer + [0xFF, 0xFF], sql)
            } catch {
                try? endCopy(sql, isGood: false)  // it fails by being told to
                throw error
            }
            try endCopy(sql, isGood: true)
        }
    }

    extension PostgresSession: TableSource, TableTarget {
        package func forEachRow(
            of table: StoredTable, _ body: ([SQLiteValue]) throws(DatabaseError) -> Void
        ) throws(DatabaseError) {
            let rows = try openCursor(
                "SELECT \(table.columnList) FROM \"\(table.name)\"", PostgresArguments([]))
            defer { rows.close() }
            let row = Row(rows, sql: "a copy")
            while try rows.next() {
                var values: [SQLiteValue] = []
                for column in table.columns.indices { values.append(try row.value(Int32(column))) }
                try body(values)
            }
        }

        package func append(
            to table: StoredTable,
            _ body: (_ append: ([SQLiteValue]) throws(DatabaseError) -> Void) throws(DatabaseError) -> Void
        ) throws(DatabaseError) {
            try guarded { () throws(DatabaseError) in try connection.copy(to: table, body) }
        }
    }
#endif
