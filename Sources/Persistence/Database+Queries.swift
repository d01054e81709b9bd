import CSQLite

/// Statements are literals: one literal per statement, prepared once per connection. Arguments go in place of
/// its `?`, in order and as many; lists go in by `json_each(?)`. Another number of arguments, or two
/// statements as one literal, is a programmer's error. A decoding closure has to say `throws(DatabaseError)`.
extension Database {
    /// Whether `forEach` goes on.
    package enum Iteration: Hashable, Sendable { case more, enough }

    /// Runs a statement to its end and tells how many rows it inserted, updated or deleted itself.
    @discardableResult
    package func execute(_ sql: StaticString, _ arguments: SQLiteValue...) throws(DatabaseError) -> Int {
        try execute(sql, with: arguments)
    }

    @discardableResult
    func execute(_ sql: StaticString, with arguments: [SQLiteValue]) throws(DatabaseError) -> Int {
        let before = sqlite3_total_changes64(connection.handle)
        try use(sql, arguments) { statement throws(DatabaseError) in while try statement.step() {} }
        // sqlite3_changes64() still holds the number of an earlier statement if this one changed nothing.
        let hasChanged = sqlite3_total_changes64(connection.handle) != before
        return hasChanged ? Int(sqlite3_changes64(connection.handle)) : 0
    }

    /// Reads all rows, each decoded at once. For results of a known, small size; else see `forEach`.
    package func rows<T>(
        _ sql: StaticString, _ arguments: SQLiteValue...,
        decode: (borrowing Row) throws(DatabaseError) -> T
    ) throws(DatabaseError) -> [T] {
        try rows(sql, with: arguments, decode: decode)
    }

    /// The same with arguments that are counted elsewhere.
    package func rows<T>(
        _ sql: StaticString, with arguments: [SQLiteValue],
        decode: (borrowing Row) throws(DatabaseError) -> T
    ) throws(DatabaseError) -> [T] {
        try use(sql, arguments) { statement throws(DatabaseError) in
            var decoded: [T] = []
            let row = statement.row
            while try statement.step() { decoded.append(try decode(row)) }
            return decoded
        }
    }

    /// Reads the first row only; nil if there is none. A change with RETURNING is carried out in full.
    package func first<T>(
        _ sql: StaticString, _ arguments: SQLiteValue...,
        decode: (borrowing Row) throws(DatabaseError) -> T
    ) throws(DatabaseError) -> T? {
        try first(sql, with: arguments, decode: decode)
    }

    func first<T>(
        _ sql: StaticString, with arguments: [SQLiteValue],
        decode: (borrowing Row) throws(DatabaseError) -> T
    ) throws(DatabaseError) -> T? {
        try use(sql, arguments) { statement throws(DatabaseError) in
            guard try statement.step() else { return nil }
            let row = statement.row
            return try decode(row)
        }
    }

    /// Reads row by row, in constant memory, until the body has enough.
    ///
    /// The body may run any statement, this one included. It sees the rows as they are found: it should not
    /// change the table that it reads.
    package func forEach(
        _ sql: StaticString, _ arguments: SQLiteValue...,
        body: (borrowing Row) throws(DatabaseError) -> Iteration
    ) throws(DatabaseError) {
        try forEach(sql, with: arguments, body: body)
    }

    func forEach(
        _ sql: StaticString, with arguments: [SQLiteValue],
        body: (borrowing Row) throws(DatabaseError) -> Iteration
    ) throws(DatabaseError) {
        try use(sql, arguments) { statement throws(DatabaseError) in
            let row = statement.row
            while try statement.step() {
                if try body(row) == .enough { return }
            }
        }
    }

    /// Lends a prepared statement with its arguments, and resets it however the body ends.
    private func use<R>(
        _ sql: StaticString, _ arguments: [SQLiteValue],
        _ body: (borrowing Statement) throws(DatabaseError) -> R
    ) throws(DatabaseError) -> R {
        try refuseAfterLoss()
        statementCount += 1
        let arguments = try connection.seals.closed(arguments, sql: sql)
        let statement = try idleOrNew(sql)
        var result: Result<R, DatabaseError>
        do throws(DatabaseError) {
            try statement.bind(arguments)
            result = .success(try body(statement))
        } catch {
            result = .failure(error)
        }
        do throws(DatabaseError) {
            try statement.reset()
        } catch {
            // After a failure this is that one again, without the system's error number.
            if case .success = result { result = .failure(error) }
        }
        if case .failure(let error) = result {
            noteLoss(error)
            noteDamage(error)
        }
        cache.keep(statement)
        return try result.get()
    }

    /// The one integer that a statement without arguments yields.
    func integer(_ sql: StaticString) throws(DatabaseError) -> Int64? {
        try first(sql) { row throws(DatabaseError) in try row.integer(0) }
    }

    private func idleOrNew(_ sql: StaticString) throws(DatabaseError) -> Statement {
        if let statement = cache.take(sql) { return statement }
        do throws(DatabaseError) { return try Statement(sql, on: connection) } catch {
            noteDamage(error)
            throw error
        }
    }
}
