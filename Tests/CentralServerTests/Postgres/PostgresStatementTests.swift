#if Postgres
    import Foundation
    import Persistence
    import PostgresCluster
    import Testing

    @testable import CentralPostgres
    @testable import CentralServer

    @Suite("Statements on PostgreSQL", .timeLimit(.minutes(3)))
    struct PostgresStatementTests {
        /// A migrated database and a connection to it.
        static func migrated() throws -> PostgresSession {
            let session = try PostgresSession(try freshAddress())
            try PostgresSchema(session: session).migrate(.testSeal)
            return session
        }

        @Test("PostgreSQL understands every statement of the store, and finds its rows by a key")
        func plans() throws {
            let connection = try Self.migrated().connection
            try connection.command("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
            let statements = try SourceStatements.all()
            #expect(statements.count > 80)
            for (index, statement) in statements.enumerated() {
                let text = Dialect.translated(statement)
                let count = Set(text.matches(of: /\$[0-9]+/).map { String($0.output) }).count
                let arguments =
                    count == 0
                    ? "" : "(" + Array(repeating: "NULL", count: count).joined(separator: ", ") + ")"
                do throws(DatabaseError) {
                    try connection.prepare("p\(index)", text, PostgresArguments([]))
                    let plan = try connection.run(
                        "EXPLAIN EXECUTE p\(index)\(arguments)", PostgresArguments([]))
                    // Where a table has no index that serves, it is read whole in spite of the setting.
                    guard count > 0 else { continue }
                    while plan.next() {
                        let step = plan.text(0) ?? ""
                        #expect(!step.contains("Seq Scan"), "\(statement): \(step)")
                    }
                } catch { Issue.record("\(error): \(statement)") }
            }
        }

        @Test("Both schemas have the same tables, columns and indexes")
        func sameSchema() throws {
            let database = try Database(path: "schema", mode: .memory, applicationID: Schema.applicationID)
            try Schema.migrator.migrate(database)
            let session = try Self.migrated()
            let expected = Set(
                try StoreCopy.tables().flatMap { table in table.columns.map { "\(table.name).\($0)" } })
            let columns = try texts(
                session,
                """
                SELECT table_name || '.' || column_name FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name <> 'migration'
                """)
            #expect(Set(columns) == expected)
            let types = try texts(
                session,
                """
                SELECT DISTINCT data_type::text FROM information_schema.columns WHERE table_schema = current_schema()
                """)
            #expect(Set(types) == ["bigint", "bytea", "text"])
            let indexes = try database.rows(
                "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
            ) { row throws(DatabaseError) in try row.text(0) }
            let found = try texts(
                session, "SELECT indexname::text FROM pg_indexes WHERE schemaname = current_schema()")
            #expect(Set(indexes).subtracting(found) == [])
            #expect(indexes.count > 10)
        }

        private func texts(_ session: PostgresSession, _ sql: StaticString) throws -> [String] {
            try SQLConnection.server(session).rows(sql) { row throws(DatabaseError) in try row.text(0) }
        }

        @Test("Values come back as they went, whatever the words' order of the database")
        func values() throws {
            let session = try PostgresSession(try freshAddress())
            let database = SQLConnection.server(session)
            try database.execute("CREATE TABLE v (a INTEGER, b TEXT, c BLOB) STRICT")
            let rows: [[SQLiteValue]] = [
                [.integer(.min), "", []], [.integer(.max), "张三\u{1F476}", [0, 255, 0]], [-1, "B", [1]],
                [0, "a", nil], [nil, nil, nil],
            ]
            for row in rows {
                try database.execute("INSERT INTO v (a, b, c) VALUES (?, ?, ?)", row[0], row[1], row[2])
            }
            let found = try database.rows("SELECT a, b, c FROM v") { row throws(DatabaseError) in
                [try row.value(0), try row.value(1), try row.value(2)]
            }
            #expect(found == rows)
            let ordered = try database.rows("SELECT b FROM v WHERE b IS NOT NULL ORDER BY b") {
                row throws(DatabaseError) in try row.text(0)
            }
            #expect(ordered == ["", "B", "a", "张三\u{1F476}"])
            let sums = try database.first(
                "SELECT sum(a), count(*), -123456789012 + sum(a) FROM v WHERE a < 1 AND a > ?", -9
            ) {
                row throws(DatabaseError) in [try row.integer(0), try row.integer(1), try row.integer(2)]
            }
            #expect(sums == [-1, 2, -123_456_789_013])
        }

        @Test("A text with NUL is stored with another character in its place, and found again by what it was")
        func nul() throws {
            let database = SQLConnection.server(try PostgresSession(try freshAddress()))
            try database.execute("CREATE TABLE v (a TEXT) STRICT")
            try database.execute("INSERT INTO v (a) VALUES (?)", "a\0b")
            let found = try database.first("SELECT a FROM v WHERE a = ?", "a\0b") {
                row throws(DatabaseError) in try row.text(0)
            }
            #expect(found == "a\u{FFFD}b")
        }

        @Test("Rows beyond one page are fetched while other statements run, and all of them")
        func cursor() throws {
            let session = try PostgresSession(try freshAddress())
            let database = SQLConnection.server(session)
            let count = Int64(2 * PostgresCursor.pageCount + 3)
            var (sum, inner): (Int64, Int64) = (0, 0)
            try database.transaction(.deferred) {
                try database.forEach("SELECT n FROM generate_series(1, ?) AS s(n)", .integer(count)) {
                    row throws(DatabaseError) in
                    sum += try row.integer(0)
                    if try row.integer(0) % 500 == 0 {
                        try database.forEach("SELECT n FROM generate_series(1, ?) AS s(n)", 2_000) {
                            row throws(DatabaseError) in
                            inner += 1
                            return try row.integer(0) == 1_500 ? .enough : .more
                        }
                    }
                    return .more
                }
            }
            #expect(sum == count * (count + 1) / 2)
            #expect(inner == 4 * 1_500)
        }

        @Test("An error names the statement and the state, never a value or the address")
        func errors() throws {
            let session = try Self.migrated()
            let error = #expect(throws: DatabaseError.self) {
                try SQLConnection.server(session).execute(
                    "INSERT INTO meta (name, value) VALUES (?, 0)", "13800000000")
            }
            #expect(error?.kind == .constraint(.check) && error?.serverState == "23514")
            #expect(
                error.map { !$0.description.contains("138") && $0.description.contains("23514") } ?? false)
            for text in [
                "postgres:host=/nowhere password=secret", "postgres:password='secret", "postgres:secret",
            ] {
                let address = try #require(PostgresAddress(text))
                let error = #expect(throws: DatabaseError.self) { try PostgresConnection(address) }
                #expect(error.map { !$0.description.contains("secret") } ?? false)
                #expect("\(address)" == "postgres:…")
            }
        }
    }

    /// An empty database of the shared server.
    func freshAddress() throws -> PostgresAddress {
        try #require(PostgresAddress(try PostgresCluster.shared.get().newDatabase()))
    }
#endif
