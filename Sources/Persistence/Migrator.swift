import CSQLite
package import Cryptography

/// Brings a file to the newest schema.
///
/// What was done is in the table `migration`, and its count in the header's `user_version`. A file with
/// migrations that are not known here, or in another order, is refused as newer and not written to.
package struct Migrator: Sendable {
    /// The whole history, in order.
    package let migrations: [Migration]

    /// - Parameter migrations: the whole history, ordered by identifier.
    package init(_ migrations: [Migration]) {
        let names = migrations.map(\.identifier.description)
        precondition(
            zip(names, names.dropFirst()).allSatisfy { $0 < $1 }, "migrations have to be in order: \(names)")
        self.migrations = migrations
    }

    /// Does what is missing, each migration in a transaction of its own.
    ///
    /// If one fails, those before it stay done and the file is otherwise as before; calling again goes on there.
    ///
    /// - Parameter secret: the store's key, for the steps that seal what was stored before; nil for a store that holds nothing.
    package func migrate(_ database: Database, secret: SecretBytes? = nil) throws(DatabaseError) {
        guard try doneCount(database) < migrations.count else { return }
        var sealedCount = 0
        // Rebuilding a table drops the old one, which would delete what refers to it.
        try database.execute("PRAGMA foreign_keys = OFF")
        let result: Result<Void, DatabaseError>
        do throws(DatabaseError) {
            for index in migrations.indices { sealedCount += try perform(index, on: database, secret) }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try database.execute("PRAGMA foreign_keys = ON")
        try result.get()
        if sealedCount > 0 { try database.writeAnew() }
    }

    private func perform(
        _ index: Int, on database: Database, _ secret: SecretBytes?
    ) throws(DatabaseError) -> Int {
        try database.begin(.immediate)
        do throws(DatabaseError) {
            // Asked inside the transaction: another process may have done it a moment ago.
            let isMissing = try doneCount(database) == index
            let sealedCount = isMissing ? try apply(index, to: database, secret) : 0
            try database.commit()
            return sealedCount
        } catch {
            database.rollBack()
            throw error
        }
    }

    private func apply(
        _ index: Int, to database: Database, _ secret: SecretBytes?
    ) throws(DatabaseError) -> Int {
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS migration (
                sequence INTEGER NOT NULL PRIMARY KEY, identifier TEXT NOT NULL UNIQUE
            ) STRICT
            """)
        for statement in migrations[index].statements { try database.execute(statement) }
        let sealedCount = try migrations[index].perform(on: .file(database), secret)
        try database.execute(
            "INSERT INTO migration (sequence, identifier) VALUES (?, ?)",
            .integer(Int64(index + 1)), .text(migrations[index].identifier.description))
        try database.connection.setHeader("user_version", to: Int32(index + 1))
        guard let problem = try database.danglingReferences().first else { return sealedCount }
        throw DatabaseError(
            cause: .result(extendedCode: SQLITE_CONSTRAINT | 3 << 8, systemError: 0),  // _FOREIGNKEY
            sql: migrations[index].identifier.description, fileName: database.connection.fileName,
            detail: problem)
    }

    /// How many of the migrations the file has; throws if it has any other.
    private func doneCount(_ database: Database) throws(DatabaseError) -> Int {
        let done = try doneIdentifiers(database)
        let version = try database.integer("PRAGMA user_version")
        let known = migrations.map(\.identifier.description)
        guard known.starts(with: done), version == Int64(done.count) else {
            let unknown = zip(done, known).first { $0 != $1 }?.0
            try database.leaveFileAlone()
            throw DatabaseError(
                cause: .newer(
                    found: unknown ?? done.last ?? "version \(version ?? 0)", known: known.last ?? "nothing"),
                sql: "", fileName: database.connection.fileName, detail: nil)
        }
        return done.count
    }

    private func doneIdentifiers(_ database: Database) throws(DatabaseError) -> [String] {
        let hasTable = try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'migration'")
        guard hasTable == 1 else { return [] }
        let query: StaticString = "SELECT identifier FROM migration ORDER BY sequence"
        return try database.rows(query) { row throws(DatabaseError) in try row.text(0) }
    }
}

extension Migration {
    /// Does what statements alone cannot do.
    ///
    /// - Returns: how many rows were sealed.
    package func perform(on connection: SQLConnection, _ secret: SecretBytes?) throws(DatabaseError) -> Int {
        guard let work else { return 0 }
        if let secret { try connection.openSeals(secret) }
        return try work(connection)
    }
}
