/// What carries out statements: a SQLite file, or a session of a database server.
///
/// The statements are the same for both, in the SQL that both understand. Arguments stand for `?`, in order, or for `?1`,
/// `?2`. The rules for statements are those of ``Database``.
package enum SQLConnection {
    case file(Database)
    case server(any ServerSession)
}

extension SQLConnection {
    /// Runs a statement to its end and tells how many rows it inserted, updated or deleted itself.
    @discardableResult
    package func execute(_ sql: StaticString, _ arguments: SQLiteValue...) throws(DatabaseError) -> Int {
        try execute(sql, with: arguments)
    }

    /// The same, for arguments whose number is not known before.
    @discardableResult
    package func execute(_ sql: StaticString, with arguments: [SQLiteValue]) throws(DatabaseError) -> Int {
        switch self {
        case .file(let database): try database.execute(sql, with: arguments)
        case .server(let session):
            try session.run(sql, session.seals.closed(arguments, sql: sql)).changedCount
        }
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
        switch self {
        case .file(let database): return try database.rows(sql, with: arguments, decode: decode)
        case .server(let session):
            let found = try session.run(sql, session.seals.closed(arguments, sql: sql))
            let row = Row(found, sql: sql)
            var decoded: [T] = []
            while try found.next() { decoded.append(try decode(row)) }
            return decoded
        }
    }

    /// Reads the first row only; nil if there is none. A change with RETURNING is carried out in full.
    package func first<T>(
        _ sql: StaticString, _ arguments: SQLiteValue...,
        decode: (borrowing Row) throws(DatabaseError) -> T
    ) throws(DatabaseError) -> T? {
        switch self {
        case .file(let database): return try database.first(sql, with: arguments, decode: decode)
        case .server(let session):
            let found = try session.run(sql, session.seals.closed(arguments, sql: sql))
            guard try found.next() else { return nil }
            return try decode(Row(found, sql: sql))
        }
    }

    /// Reads row by row, in constant memory, until the body has enough. Only within a transaction.
    ///
    /// The body may run any statement. It should not change the table that it reads.
    package func forEach(
        _ sql: StaticString, _ arguments: SQLiteValue...,
        body: (borrowing Row) throws(DatabaseError) -> Database.Iteration
    ) throws(DatabaseError) {
        switch self {
        case .file(let database): try database.forEach(sql, with: arguments, body: body)
        case .server(let session):
            let found = try session.open(sql, session.seals.closed(arguments, sql: sql))
            defer { found.close() }
            let row = Row(found, sql: sql)
            while try found.next() {
                if try body(row) == .enough { return }
            }
        }
    }
}

extension SQLConnection {
    /// Runs the body in a transaction and commits it; on any error nothing of it has happened, unless the error says that
    /// this is not known.
    package func transaction<R>(_ kind: Database.TransactionKind, _ body: () throws -> R) throws -> R {
        switch self {
        case .file(let database): return try database.transaction(kind, body)
        case .server(let session):
            try session.begin(kind)
            do {
                let result = try body()
                try session.commit()
                return result
            } catch {
                let loss = session.loss
                session.seals?.forget()
                session.rollBack()
                throw loss ?? error
            }
        }
    }

    /// Runs the body so that, if it throws, what it changed is undone and the transaction around it goes on.
    package func savepoint<R>(_ body: () throws -> R) throws -> R {
        switch self {
        case .file(let database): return try database.savepoint(body)
        case .server(let session):
            try session.beginStep()
            do {
                let result = try body()
                try session.endStep(isKept: true)
                return result
            } catch {
                session.seals?.forget()
                if session.loss == nil { try session.endStep(isKept: false) }
                throw error
            }
        }
    }
}
