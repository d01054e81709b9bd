import Testing

@testable import Persistence

@Suite("Statements")
struct StatementTests {
    private func visits() throws -> Database {
        let database = try memoryDatabase()
        try database.execute("CREATE TABLE visit (number INTEGER PRIMARY KEY, name TEXT UNIQUE) STRICT")
        try database.execute("INSERT INTO visit VALUES (1, 'a'), (2, 'b'), (3, 'c')")
        return database
    }

    @Test("A change tells how many rows it changed, anything else tells none")
    func changedCounts() throws {
        let database = try visits()
        #expect(try database.execute("UPDATE visit SET name = name || 'x' WHERE number > ?", 1) == 2)
        #expect(try database.execute("UPDATE visit SET name = 'x' WHERE number > ?", 9) == 0)
        #expect(try database.execute("CREATE INDEX visit_name ON visit (name)") == 0)
        #expect(try database.execute("SELECT 1") == 0)
    }

    @Test("Text in double quotes is not taken as a string")
    func doubleQuotes() throws {
        let database = try visits()
        let error = #expect(throws: DatabaseError.self) {
            try database.execute("SELECT * FROM visit WHERE name = \"b\"")
        }
        #expect(error?.kind == .other)
        #expect(error?.detail?.contains("no such column: b") == true)
    }

    @Test("A statement is prepared once, and finalised with its connection")
    func preparedOnce() throws {
        let database = try visits()
        let before = database.preparedCount
        for number in 1...20 {
            try database.execute("SELECT * FROM visit WHERE number = ?", .integer(Int64(number)))
        }
        #expect(database.preparedCount == before + 1)
        database.cache.removeAll()
        #expect(database.preparedCount == 0)
    }

    @Test("The same SQL inside its own loop runs as a second statement, of which one is kept")
    func nestedUse() throws {
        let database = try visits()
        let before = database.preparedCount
        var pairs: [[Int64]] = []
        func read(_ body: (Int64) throws(DatabaseError) -> Void) throws(DatabaseError) {
            try database.forEach("SELECT number FROM visit ORDER BY number") { row throws(DatabaseError) in
                try body(try row.integer(0))
                return .more
            }
        }
        try read { outer throws(DatabaseError) in
            try read { inner throws(DatabaseError) in pairs.append([outer, inner]) }
        }
        #expect(pairs == [[1, 1], [1, 2], [1, 3], [2, 1], [2, 2], [2, 3], [3, 1], [3, 2], [3, 3]])
        #expect(database.preparedCount == before + 1)
    }

    @Test("After an error in the body the statement starts from its beginning, with new arguments")
    func resetAfterThrow() throws {
        let database = try visits()
        func names(from number: Int64, failing: Bool) throws(DatabaseError) -> [String] {
            try database.rows("SELECT name FROM visit WHERE number >= ? ORDER BY number", .integer(number)) {
                row throws(DatabaseError) in
                if failing { throw row.unexpected(0, wanted: "a better name") }
                return try row.text(0)
            }
        }
        #expect(throws: DatabaseError.self) { try names(from: 1, failing: true) }
        #expect(try names(from: 2, failing: false) == ["b", "c"])
        // No cursor is left open: else this would fail as "database table is locked".
        #expect(throws: Never.self) { try database.execute("DROP TABLE visit") }
    }

    @Test("A loop stops when its body has enough")
    func stopsEarly() throws {
        let database = try visits()
        var seen = 0
        try database.forEach("SELECT number FROM visit") { _ throws(DatabaseError) in
            seen += 1
            return .enough
        }
        #expect(seen == 1)
    }

    @Test("A change with RETURNING is whole even if only its first row is read")
    func returning() throws {
        let database = try visits()
        let first = try database.first("UPDATE visit SET name = NULL RETURNING number") {
            row throws(DatabaseError) in
            try row.integer(0)
        }
        #expect(first == 1)
        #expect(try integer("SELECT count(*) FROM visit WHERE name IS NULL", in: database) == 3)
    }

    @Test("Each rule of the schema has its own kind of error, which quotes no argument")
    func constraints() throws {
        let database = try visits()
        try database.execute(
            """
            CREATE TABLE call (
                visit INTEGER NOT NULL REFERENCES visit, room INTEGER CHECK (room > 0)
            ) STRICT
            """)
        let secret = "Li Ming"
        try database.execute("INSERT INTO visit VALUES (4, ?)", .text(secret))
        let error = #expect(throws: DatabaseError.self) {
            try database.execute("INSERT INTO visit VALUES (5, ?)", .text(secret))
        }
        #expect(error?.kind == .constraint(.unique))
        #expect(error?.description.contains("visit.name") == true)
        #expect(error?.description.contains(secret) == false)
        func refusal(_ visit: SQLiteValue, _ room: SQLiteValue) throws -> DatabaseError.Kind? {
            try kind { try database.execute("INSERT INTO call VALUES (?, ?)", visit, room) }
        }
        #expect(try refusal(1, 0) == .constraint(.check))
        #expect(try refusal(99, 1) == .constraint(.foreignKey))
        #expect(try refusal(nil, 1) == .constraint(.notNull))
        #expect(try refusal(1, 1) == nil)
    }
}
