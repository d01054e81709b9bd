import CSQLite

extension Database {
    /// All tables but the migrator's own, each after those that it refers to.
    package func storedTables() throws(DatabaseError) -> [StoredTable] {
        let names = try rows(
            """
            SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migration' AND name NOT LIKE 'sqlite%'
            ORDER BY name
            """
        ) { row throws(DatabaseError) in try row.text(0) }
        var (sorted, left): ([String], [String]) = ([], names)
        while !left.isEmpty {
            var next: [String] = []
            for name in left {
                let parents = try self.parents(of: name)
                if parents.subtracting(sorted).isSubset(of: [name]) { next.append(name) }
            }
            // Tables that refer to each other in a ring are in no order.
            if next.isEmpty { next = left }
            sorted += next
            left.removeAll(where: next.contains)
        }
        var tables: [StoredTable] = []
        for name in sorted { tables.append(StoredTable(name: name, columns: try columns(of: name))) }
        return tables
    }

    private func parents(of table: String) throws(DatabaseError) -> Set<String> {
        Set(
            try rows("SELECT \"table\" FROM pragma_foreign_key_list(?)", .text(table)) {
                row throws(DatabaseError) in try row.text(0)
            })
    }

    private func columns(of table: String) throws(DatabaseError) -> [String] {
        try rows("SELECT name FROM pragma_table_info(?) ORDER BY cid", .text(table)) {
            row throws(DatabaseError) in try row.text(0)
        }
    }

    /// The migrations that the file has, in order.
    package func migrationIdentifiers() throws(DatabaseError) -> [String] {
        try rows("SELECT identifier FROM migration ORDER BY sequence") {
            row throws(DatabaseError) in try row.text(0)
        }
    }
}

extension Database: TableSource, TableTarget {
    package func forEachRow(
        of table: StoredTable, _ body: ([SQLiteValue]) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        let statement = try Statement(
            text: "SELECT \(table.columnList) FROM \"\(table.name)\"", on: connection)
        let row = statement.row
        while try statement.step() {
            var values: [SQLiteValue] = []
            values.reserveCapacity(table.columns.count)
            for column in table.columns.indices { values.append(try row.value(Int32(column))) }
            try body(values)
        }
    }

    package func append(
        to table: StoredTable,
        _ body: (_ append: ([SQLiteValue]) throws(DatabaseError) -> Void) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        let places = table.columns.map { _ in "?" }.joined(separator: ", ")
        let statement = try Statement(
            text: "INSERT INTO \"\(table.name)\" (\(table.columnList)) VALUES (\(places))", on: connection)
        try body { values throws(DatabaseError) in
            try statement.bind(values)
            _ = try statement.step()
            try statement.reset()
        }
    }
}
