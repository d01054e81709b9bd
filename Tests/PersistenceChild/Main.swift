import Cryptography
import Glibc
import Persistence

/// `PersistenceChild VERB PATH`: does to a file what a test cannot do to itself, and reports on its output.
@main
enum PersistenceChild {
    static let schema = Migrator([
        Migration(
            "0001-create-entry",
            [
                "CREATE TABLE entry (number INTEGER PRIMARY KEY, filling BLOB NOT NULL) STRICT",
                "CREATE TABLE shadow (number INTEGER PRIMARY KEY REFERENCES entry) STRICT",
            ])
    ])

    static func main() {
        guard CommandLine.arguments.count == 3 else { exit(64) }
        let path = CommandLine.arguments[2]
        do {
            switch CommandLine.arguments[1] {
            case "commit": try commitForever(path)
            case "fill": try fill(path)
            case "write-as-nobody": try writeAsNobody(path)
            case "lock": try lock(path)
            case "attach": try attachForever(path)
            case "attach-as-nobody":
                if geteuid() == 0, setgid(65_534) != 0 || setuid(65_534) != 0 { exit(70) }
                try attachForever(path)
            default: exit(64)
            }
        } catch let error as DatabaseError {
            say("\(error.kind)")
        } catch FileLockError.heldByAnother(let process) {
            say("held by \(process ?? 0)")
        } catch {
            say("\(error)")
        }
    }

    /// Says each number after its commit has returned.
    static func commitForever(_ path: String) throws {
        let database = try opened(path)
        while true { say("\(try appendEntry(to: database, fillingCount: 20_000))") }
    }

    /// Appends until the disk is full, says why and the last number, and then that it still can read.
    static func fill(_ path: String) throws {
        let database = try opened(path)
        var number: Int64 = 0
        do {
            while true { number = try appendEntry(to: database, fillingCount: 40_000) }
        } catch let error as DatabaseError {
            say("\(error.kind) \(number) \(database.isInTransaction)")
        }
        let found = try database.first("SELECT max(number) FROM shadow") { row throws(DatabaseError) in
            try row.optionalInteger(0)
        }
        say("\((found ?? nil) ?? 0)")
    }

    /// Uploads one attachment in small pieces again and again; says how much is kept after each.
    static func attachForever(_ path: String) throws {
        let content = (0..<600_000).map { UInt8($0 % 251) }
        let hash = SHA256.hash(content)
        let files = try AttachmentFiles(
            directory: path, key: SecretBytes([UInt8](repeating: 7, count: AttachmentFiles.keyByteCount)))
        let owner = [UInt8](repeating: 3, count: AttachmentFiles.ownerByteCount)
        while true {
            try files.remove(hash)
            let writer = try files.begin(hash, owner: owner, byteCount: content.count, expires: 1_000_000)
            say("\(writer.upload.offset)")
            while writer.offset < content.count {
                try writer.append(Array(content[writer.offset..<min(writer.offset + 7_000, content.count)]))
                try writer.commit()
                say("\(writer.upload.offset)")
            }
            try writer.finish()
        }
    }

    static func writeAsNobody(_ path: String) throws {
        if geteuid() == 0, setgid(65_534) != 0 || setuid(65_534) != 0 { exit(70) }
        let database = try opened(path)
        say("wrote \(try appendEntry(to: database, fillingCount: 10))")
    }

    /// Holds the lock until its input ends.
    static func lock(_ path: String) throws {
        let lock = try FileLock(path: path)
        say("holding")
        withExtendedLifetime(lock) { while readLine() != nil {} }
    }

    /// One transaction on two tables.
    static func appendEntry(to database: Database, fillingCount: Int) throws -> Int64 {
        try database.transaction(.immediate) {
            let filling = SQLiteValue.blob([UInt8](repeating: 7, count: fillingCount))
            let number = try database.first(
                "INSERT INTO entry (filling) VALUES (?) RETURNING number", filling
            ) { row throws(DatabaseError) in try row.integer(0) }
            try database.execute("INSERT INTO shadow (number) VALUES (?)", SQLiteValue(number))
            return number ?? 0
        }
    }

    static func opened(_ path: String) throws(DatabaseError) -> Database {
        let database = try Database(path: path, mode: .create, applicationID: 7)
        try schema.migrate(database)
        return database
    }

    /// Writes a line at once, by one system call.
    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.write(STDOUT_FILENO, buffer.baseAddress, buffer.count)
        }
    }
}
