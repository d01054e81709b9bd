import Testing

@testable import Persistence

@Suite("Migrations")
struct MigratorTests {
    private static let first = Migration(
        "0001-create-visit", ["CREATE TABLE visit (number INTEGER PRIMARY KEY)"])
    private static let second = Migration(
        "0002-create-call",
        ["CREATE TABLE call (visit INTEGER REFERENCES visit)", "INSERT INTO visit VALUES (1)"])
    private static let other = Migration("0002-create-room", ["CREATE TABLE room (number INTEGER)"])
    private static let failing = Migration(
        "0003-fail", ["INSERT INTO visit VALUES (2)", "INSERT INTO visit VALUES (2)"])
    private static let dangling = Migration("0003-dangle", ["INSERT INTO call VALUES (99)"])

    @Test("Missing migrations are done in order, once")
    func inOrder() throws {
        let database = try memoryDatabase()
        try Migrator([Self.first]).migrate(database)
        for _ in 0..<3 { try Migrator([Self.first, Self.second]).migrate(database) }
        #expect(try numbers(in: database) == [1])
        #expect(try integer("PRAGMA user_version", in: database) == 2)
        #expect(try integer("SELECT max(sequence) FROM migration", in: database) == 2)
        #expect(try integer("PRAGMA foreign_keys", in: database) == 1)
    }

    @Test("One that fails, or leaves a dangling reference, is undone whole; those before it stay")
    func undone() throws {
        for bad in [Self.failing, Self.dangling] {
            let database = try memoryDatabase()
            #expect(throws: DatabaseError.self) {
                try Migrator([Self.first, Self.second, bad]).migrate(database)
            }
            #expect(!database.isInTransaction)
            #expect(try numbers(in: database) == [1])
            #expect(try integer("SELECT count(*) FROM call", in: database) == 0)
            #expect(try integer("PRAGMA user_version", in: database) == 2)
            #expect(try integer("PRAGMA foreign_keys", in: database) == 1)
        }
    }

    @Test("A table can be rebuilt without deleting what refers to it")
    func rebuilding() throws {
        let database = try memoryDatabase()
        let cascade = Migration(
            "0001-create",
            [
                "CREATE TABLE visit (number INTEGER PRIMARY KEY)",
                "CREATE TABLE call (visit INTEGER REFERENCES visit ON DELETE CASCADE)",
                "INSERT INTO visit VALUES (1)", "INSERT INTO call VALUES (1)",
            ])
        let rebuild = Migration(
            "0002-rebuild",
            [
                "CREATE TABLE visit_new (number INTEGER PRIMARY KEY) STRICT",
                "INSERT INTO visit_new SELECT number FROM visit", "DROP TABLE visit",
                "ALTER TABLE visit_new RENAME TO visit",
            ])
        try Migrator([cascade, rebuild]).migrate(database)
        #expect(try integer("SELECT count(*) FROM call", in: database) == 1)
    }

    @Test(
        "A file with unknown migrations is refused, and not a byte of it or its log changes",
        arguments: [0, 1])
    func newer(schema: Int) throws {
        let known = schema == 0 ? [Self.first] : [Self.first, Self.other]
        let directory = try TemporaryDirectory()
        let path = directory.file("newer.db")
        // The connection that wrote it stays open, so that part of the file is still in its log.
        let writer = try Database(path: path, mode: .create, applicationID: testApplication)
        try Migrator([Self.first, Self.second]).migrate(writer)
        let copy = directory.file("copy.db")
        for suffix in ["", "-wal"] { try write(try bytes(of: path + suffix), to: copy + suffix) }
        func files() throws -> [[UInt8]] { [try bytes(of: copy), try bytes(of: copy + "-wal")] }
        let before = try files()
        try #require(!before[1].isEmpty)

        let refusal = try kind {
            let database = try Database(path: copy, mode: .open, applicationID: testApplication)
            try Migrator(known).migrate(database)
        }
        let last = schema == 0 ? "0001-create-visit" : "0002-create-room"
        #expect(refusal == .newer(found: "0002-create-call", known: last))
        #expect(try files() == before)
    }

    @Test("The sentence about a newer file says what to do")
    func sentence() throws {
        let database = try memoryDatabase()
        try Migrator([Self.first, Self.second]).migrate(database)
        let error = #expect(throws: DatabaseError.self) { try Migrator([Self.first]).migrate(database) }
        #expect(
            error?.description == """
                memory.db: the file is at 0002-create-call, which this version, knowing 0001-create-visit, \
                cannot read. Install the newer version; the file was left as it is.
                """)
    }
}
