#if Postgres
    import CentralServer
    import Cryptography
    import Persistence

    /// Brings a database to the newest schema, by the same migrations as a SQLite file: see ``Dialect``.
    ///
    /// All that is missing is done in one transaction under the writers' lock, so that of processes that start at once one does
    /// it. A database with migrations that are not known here, or with tables of others, is refused and left as it was.
    struct PostgresSchema {
        let session: PostgresSession

        private var database: SQLConnection { .server(session) }

        ///
        /// - Parameter secret: the store's key, for the steps that seal what was stored before.
        func migrate(_ secret: SecretBytes) throws(DatabaseError) {
            do {
                let sealedCount = try database.transaction(.immediate) { try migrateWithin(secret) }
                // So that no trace of what lay open stays in the tables' files.
                if sealedCount > 0 { try session.writeAnew() }
                session.migrationCount = Schema.migrator.migrations.count
            } catch let error as DatabaseError { throw error } catch {
                preconditionFailure("nothing else is thrown here")
            }
        }

        /// The same within a transaction that is open.
        ///
        /// - Returns: how many rows were sealed.
        func migrateWithin(_ secret: SecretBytes?) throws(DatabaseError) -> Int {
            let known = Schema.migrator.migrations
            let done = try doneIdentifiers()
            try refuseOthers(done, known.map(\.identifier.description))
            var sealedCount = 0
            for (index, migration) in known.enumerated().dropFirst(done.count) {
                sealedCount += try apply(migration, number: index + 1, secret)
            }
            return sealedCount
        }

        /// Whether the schema holds no table at all.
        func isEmpty() throws(DatabaseError) -> Bool { try tables().isEmpty }

        /// Whether it holds what this program knows, and no more.
        func isNewest() throws(DatabaseError) -> Bool {
            try doneIdentifiers() == Schema.migrator.migrations.map(\.identifier.description)
        }

        private func tables() throws(DatabaseError) -> [String] {
            try database.rows(
                """
                SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
                """
            ) { row throws(DatabaseError) in try row.text(0) }
        }

        private func doneIdentifiers() throws(DatabaseError) -> [String] {
            let tables = try tables()
            if tables.isEmpty { return [] }
            guard tables.contains("migration"), tables.contains("meta") else {
                throw DatabaseError(
                    server: session.connection.database, .otherApplication(found: 0), state: "", sql: "",
                    detail: "its schema holds tables that are not central's")
            }
            return try database.rows("SELECT identifier FROM migration ORDER BY sequence") {
                row throws(DatabaseError) in try row.text(0)
            }
        }

        private func refuseOthers(_ done: [String], _ known: [String]) throws(DatabaseError) {
            if known.starts(with: done) { return }
            let unknown = zip(done, known).first { $0 != $1 }?.0 ?? done.last ?? ""
            throw DatabaseError(
                server: session.connection.database, .newer(found: unknown, known: known.last ?? "nothing"),
                state: "", sql: "", detail: "it is at \(unknown)")
        }

        private func apply(
            _ migration: Migration, number: Int, _ secret: SecretBytes?
        ) throws(DatabaseError) -> Int {
            if number == 1 {
                try database.execute(
                    "CREATE TABLE migration (sequence INTEGER NOT NULL PRIMARY KEY, identifier TEXT NOT NULL UNIQUE)"
                )
            }
            for statement in migration.statements { try database.execute(statement) }
            let sealedCount = try migration.perform(on: database, secret)
            try database.execute(
                "INSERT INTO migration (sequence, identifier) VALUES (?, ?)", .integer(Int64(number)),
                .text(migration.identifier.description))
            return sealedCount
        }
    }
#endif
