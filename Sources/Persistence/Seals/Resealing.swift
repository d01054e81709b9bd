extension SQLConnection {
    /// Rows that are sealed between two looks at a large table.
    private static let pageRowCount: Int64 = 1000

    /// Seals what a table held plain.
    ///
    /// - Parameters:
    ///   - select: reads all rows.
    ///   - update: changes the one row that the arguments name.
    ///   - arguments: what the update is given for a row that was read.
    /// - Returns: how many rows there were.
    package func reseal(
        _ select: StaticString, _ update: StaticString, arguments: ([SQLiteValue]) -> [SQLiteValue]
    ) throws(DatabaseError) -> Int {
        let plain = try rows(select) { row throws(DatabaseError) in try row.values() }
        for row in plain { try execute(update, with: arguments(row)) }
        return plain.count
    }

    /// The same for a large table with a number, page by page.
    ///
    /// - Parameter select: reads up to as many rows as its second `?` says with numbers above the first, in order, the number first.
    package func resealByNumber(
        _ select: StaticString, _ update: StaticString, arguments: ([SQLiteValue]) -> [SQLiteValue]
    ) throws(DatabaseError) -> Int {
        var (last, count) = (SQLiteValue.integer(.min), 0)
        while true {
            let page = try rows(select, last, .integer(Self.pageRowCount)) {
                row throws(DatabaseError) in try row.values()
            }
            for row in page { try execute(update, with: arguments(row)) }
            count += page.count
            guard let end = page.last else { return count }
            last = end[0]
        }
    }
}

extension Row {
    fileprivate func values() throws(DatabaseError) -> [SQLiteValue] {
        var values: [SQLiteValue] = []
        for column in 0..<columnCount { values.append(try value(column)) }
        return values
    }
}

extension SQLiteValue {
    /// A digest that is hidden, or NULL for nil.
    package init(digest: [UInt8]?) { self = digest.map(SQLiteValue.digest) ?? .null }

    /// A plain digest as it is stored from now on; what is none stays as it is.
    package var asDigest: SQLiteValue {
        if case .blob(let bytes) = self { .digest(bytes) } else { self }
    }

    /// A plain value as it is stored from now on; what is neither text nor blob stays as it is.
    package func asSealed(_ place: SealPlace) -> SQLiteValue {
        switch self {
        case .blob(let bytes): .sealed(bytes, place)
        case .text(let text): .sealedText(text, place)
        default: self
        }
    }

    /// The bytes of a plain blob; empty for anything else.
    package var plainBytes: [UInt8] {
        if case .blob(let bytes) = self { bytes } else { [] }
    }
}
