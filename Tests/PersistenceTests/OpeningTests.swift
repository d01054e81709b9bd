import Foundation
import Testing

@testable import Persistence

@Suite("Opening a file")
struct OpeningTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("cases.db") }

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ mode: Database.Mode = .create, as application: Int32 = 7) throws -> Database {
        try Database(path: path, mode: mode, applicationID: application)
    }

    @Test("Commits are synced: write-ahead log, synchronous FULL, foreign keys, no mmap")
    func settings() throws {
        let database = try open()
        let journal = try database.first("PRAGMA journal_mode") { row throws(DatabaseError) in try row.text(0)
        }
        #expect(journal == "wal")
        #expect(try integer("PRAGMA synchronous", in: database) == 2)
        #expect(try integer("PRAGMA foreign_keys", in: database) == 1)
        #expect(try integer("PRAGMA mmap_size", in: database) ?? 0 == 0)
        #expect(try integer("PRAGMA trusted_schema", in: database) == 0)
        #expect(try integer("PRAGMA secure_delete", in: database) == 1)
        #expect(try integer("PRAGMA temp_store", in: database) == 2)
        #expect(try integer("PRAGMA busy_timeout", in: database) == 5_000)
        #expect(try integer("PRAGMA application_id", in: database) == 7)
    }

    @Test("A new file and its log can be read by their owner only")
    func mode() throws {
        let database = try open()
        try database.execute("CREATE TABLE visit (number INTEGER)")
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
        }
    }

    @Test("A file that is absent is not made by opening it", arguments: [Database.Mode.open, .readOnly])
    func absent(mode: Database.Mode) throws {
        #expect(try kind { _ = try open(mode) } == .cannotOpen)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("A file that is no database is refused and left as it is", arguments: [20, 600, 5_000])
    func notADatabase(count: Int) throws {
        let text = Data(String(repeating: "this is a letter ", count: count).utf8)
        try text.write(to: URL(filePath: path))
        #expect(try kind { _ = try open() } == .corrupt)
        #expect(try Data(contentsOf: URL(filePath: path)) == text)
    }

    @Test("A file of another application is refused and left as it is")
    func otherApplication() throws {
        try open(as: 8).execute("CREATE TABLE visit (number INTEGER)")
        let before = try bytes(of: path)
        #expect(try kind { _ = try open() } == .otherApplication(found: 8))
        #expect(try bytes(of: path) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["cases.db"])
    }

    @Test("A database without a mark but with tables is another application's")
    func unmarked() throws {
        let process = try Process.run(
            URL(filePath: "/usr/bin/sqlite3"), arguments: [path, "CREATE TABLE visit (number INTEGER)"])
        process.waitUntilExit()
        let before = try bytes(of: path)
        #expect(try kind { _ = try open() } == .otherApplication(found: 0))
        #expect(try bytes(of: path) == before)  // it was not turned into one with a log either
    }

    @Test("A connection for reading reads and cannot write")
    func readOnly() throws {
        let writer = try open()
        try writer.execute("CREATE TABLE visit (number INTEGER)")
        let reader = try open(.readOnly)
        #expect(try integer("SELECT count(*) FROM visit", in: reader) == 0)
        #expect(try kind { try reader.execute("INSERT INTO visit VALUES (1)") } == .readOnly)
    }

    @Test("A file that was replaced, moved or removed under an open connection is noticed")
    func replaced() throws {
        let database = try open()
        #expect(database.isAtItsPath)
        #expect(database.fileIdentity == FileIdentity(path: path))
        try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
        #expect(!database.isAtItsPath)
        try Data().write(to: URL(filePath: path))
        #expect(!database.isAtItsPath)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".old", toPath: path)
        #expect(database.isAtItsPath)
    }

    @Test("Damage inside the file is found by the integrity check")
    func damage() throws {
        do {
            let database = try open()
            try database.execute("CREATE TABLE visit (number INTEGER PRIMARY KEY, name TEXT) STRICT")
            try database.execute(
                """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                INSERT INTO visit SELECT i, hex(randomblob(20)) FROM n
                """)
            #expect(try database.integrityProblems() == [])
        }
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: 4 * 4_096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 4_096))
        try file.close()
        #expect(try open().integrityProblems() != [])
    }

    @Test("After a checkpoint the log is empty, and nothing deleted is left in the file")
    func deletedIsGone() throws {
        let database = try open()
        let key = [UInt8]("the data key of one case".utf8)
        try database.execute("CREATE TABLE key (value BLOB) STRICT")
        try database.execute("INSERT INTO key VALUES (?)", .blob(key))
        try database.checkpoint()
        #expect(try bytes(of: path).contains(key))
        try database.execute("DELETE FROM key")
        try database.checkpoint()
        #expect(try bytes(of: path + "-wal") == [])
        #expect(try !bytes(of: path).contains(key))
    }
}
