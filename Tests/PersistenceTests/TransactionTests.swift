import Testing

@testable import Persistence

@Suite("Transactions")
struct TransactionTests {
    private struct Refusal: Error {}

    private func visits() throws -> Database {
        let database = try memoryDatabase()
        try database.execute("CREATE TABLE visit (number INTEGER PRIMARY KEY) STRICT")
        return database
    }

    @Test("What the body returns is returned, and its changes stay")
    func commits() throws {
        let database = try visits()
        let changed = try database.transaction(.immediate) {
            #expect(database.isInTransaction)
            return try database.execute("INSERT INTO visit VALUES (1), (2)")
        }
        #expect(changed == 2)
        #expect(!database.isInTransaction)
        #expect(try numbers(in: database) == [1, 2])
    }

    @Test("An error of any type undoes all, is passed on, and the next transaction works")
    func rollsBack() throws {
        let database = try visits()
        #expect(throws: Refusal.self) {
            try database.transaction(.immediate) {
                try database.execute("INSERT INTO visit VALUES (1)")
                throw Refusal()
            }
        }
        #expect(!database.isInTransaction)
        try database.transaction(.deferred) { _ = try database.execute("INSERT INTO visit VALUES (2)") }
        #expect(try numbers(in: database) == [2])
    }

    @Test("A COMMIT that fails undoes all")
    func commitFails() throws {
        let database = try visits()
        try database.execute(
            "CREATE TABLE call (visit INTEGER REFERENCES visit DEFERRABLE INITIALLY DEFERRED) STRICT")
        let refusal = try kind {
            try database.transaction(.immediate) { _ = try database.execute("INSERT INTO call VALUES (9)") }
        }
        #expect(refusal == .constraint(.foreignKey))
        #expect(!database.isInTransaction)
        #expect(try integer("SELECT count(*) FROM call", in: database) == 0)
    }

    @Test("A savepoint undoes its own part only, also inside another")
    func savepoints() throws {
        let database = try visits()
        try database.transaction(.immediate) {
            try database.execute("INSERT INTO visit VALUES (1)")
            try database.savepoint {
                try database.execute("INSERT INTO visit VALUES (2)")
                #expect(throws: Refusal.self) {
                    try database.savepoint {
                        try database.execute("INSERT INTO visit VALUES (3)")
                        throw Refusal()
                    }
                }
            }
        }
        #expect(try numbers(in: database) == [1, 2])
    }

    @Test("After SQLite gave up a transaction, a body that swallows the error cannot write outside of one")
    func swallowedLoss() throws {
        let database = try visits()
        try database.execute(
            """
            CREATE TRIGGER visit_full BEFORE INSERT ON visit WHEN new.number = 13
            BEGIN SELECT RAISE(ROLLBACK, 'full'); END
            """)
        func insert(_ number: Int64) throws -> DatabaseError.Kind? {
            try kind { try database.execute("INSERT INTO visit VALUES (?)", .integer(number)) }
        }
        var refusals: [DatabaseError.Kind?] = []
        let outcome = try kind {
            try database.transaction(.immediate) {
                for number in [1, 13, 2] as [Int64] { refusals.append(try insert(number)) }
            }
        }
        #expect(refusals == [nil, .constraint(.other), .constraint(.other)])
        #expect(outcome == .constraint(.other))
        #expect(try numbers(in: database) == [])
        try database.execute("INSERT INTO visit VALUES (3)")
        #expect(try numbers(in: database) == [3])
    }

    @Test("A transaction inside a transaction is a programmer's error")
    func nested() async {
        await #expect(processExitsWith: .failure) {
            let database = try memoryDatabase()
            try database.transaction(.immediate) { try database.transaction(.immediate) {} }
        }
    }

    @Test("Another connection that writes is waited for, and then the error is busy")
    func busy() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("busy.db")
        let first = try Database(path: path, mode: .create, applicationID: testApplication)
        let second = try Database(path: path, mode: .open, applicationID: testApplication)
        try second.execute("PRAGMA busy_timeout = 20")
        let refusal = try first.transaction(.immediate) { try kind { try second.transaction(.immediate) {} } }
        #expect(refusal == .busy)
        #expect(try kind { try second.transaction(.immediate) {} } == nil)
    }
}
