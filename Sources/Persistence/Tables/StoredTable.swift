/// A table as a copier sees it: names of the schema, which are no one's input.
package struct StoredTable: Hashable, Sendable {
    package let name: String
    package let columns: [String]

    /// The columns as a list in SQL.
    package var columnList: String { columns.map { "\"\($0)\"" }.joined(separator: ", ") }
}

/// Where all rows of a table can be read, as they were at one moment.
package protocol TableSource: AnyObject {
    /// Reads row by row, in constant memory and no particular order.
    func forEachRow(
        of table: StoredTable, _ body: ([SQLiteValue]) throws(DatabaseError) -> Void
    ) throws(DatabaseError)
}

/// Where rows can be put into an empty table.
package protocol TableTarget: AnyObject {
    /// Puts in the rows that the body hands over, one by one.
    func append(
        to table: StoredTable,
        _ body: (_ append: ([SQLiteValue]) throws(DatabaseError) -> Void) throws(DatabaseError) -> Void
    ) throws(DatabaseError)
}
