import CSQLite
import Glibc

/// One connection to one SQLite file, set up so that what is committed survives a power cut.
///
/// It is not `Sendable`: one actor owns it, on a ``QueueExecutor``, because every call may wait for the disk.
/// There should be one writing connection per file: SQLite before 3.51.3 has a rare corruption with several
/// checkpointing ones.
package final class Database {
    /// How the file is opened.
    package enum Mode: Hashable, Sendable {
        /// For reading and writing; made, for its owner only (0600), if there is none.
        case create
        /// For reading and writing; it must exist.
        case open
        /// For reading; it must exist, and its directory must be writable for the index of the log.
        case readOnly
        /// In memory, gone with the connection; the path only names it in errors.
        case memory
    }

    /// How long a statement waits for another connection before it fails as busy, in milliseconds.
    package static let busyMillisecondsMax: Int32 = 5_000

    let connection: Connection
    let cache = StatementCache()
    /// Statements that were run; tests see by it that a list of many rows costs no more than one of few.
    package internal(set) var statementCount = 0
    let path: String
    private let mode: Mode
    /// True between the BEGIN and the end of `transaction`.
    var hasBegun = false
    /// The error with which SQLite gave up the running transaction by itself.
    var loss: DatabaseError?
    /// The error that showed that the file is damaged: nothing is written to it from then on. Nil if none did.
    package internal(set) var damage: DatabaseError?
    /// The file that is open, even if the path names another one by now; nil in memory.
    package let fileIdentity: FileIdentity?

    /// Opens the file and sets it up. A file of another application is refused and not touched.
    ///
    /// - Parameter applicationID: marks the file as this program's; stored in its header when it is empty.
    package init(path: String, mode: Mode, applicationID: Int32) throws(DatabaseError) {
        precondition(applicationID != 0, "zero is what a file without an application has")
        if mode == .create { Database.makeOwnersFile(path) }
        connection = try Connection(path: path, flags: mode.flags, isInMemory: mode == .memory)
        self.path = path
        self.mode = mode
        fileIdentity = mode == .memory ? nil : FileIdentity(path: path)
        try configure()
        try claim(for: applicationID)
        try chooseDurability()
        guard mode == .memory || isAtItsPath else { throw connection.error(SQLITE_CANTOPEN, sql: "") }
    }

    /// True while a transaction is open. False once SQLite has rolled it back by itself.
    package var isInTransaction: Bool { !connection.isInAutocommit }

    /// Makes an empty file that only its owner may read; SQLite would make it readable for all, and gives
    /// its log the same mode. If this fails, SQLite meets the same obstacle and reports it.
    private static func makeOwnersFile(_ path: String) {
        // O_EXCL: closing a second descriptor of a file in use would drop SQLite's locks on it.
        let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    /// What concerns this connection only and changes nothing in the file.
    private func configure() throws(DatabaseError) {
        try connection.check(sqlite3_busy_timeout(connection.handle, Database.busyMillisecondsMax))
        try connection.set(option: SQLITE_DBCONFIG_DQS_DML, to: false)
        try connection.set(option: SQLITE_DBCONFIG_DQS_DDL, to: false)
        try connection.set(option: SQLITE_DBCONFIG_DEFENSIVE, to: true)
        try execute("PRAGMA trusted_schema = OFF")
        try execute("PRAGMA cell_size_check = ON")
        try execute("PRAGMA mmap_size = 0")
        try execute("PRAGMA temp_store = MEMORY")
        // A data key that is destroyed, so that its case is erased, must not stay readable in a free page.
        try execute("PRAGMA secure_delete = ON")
        try require("PRAGMA foreign_keys = ON", then: "PRAGMA foreign_keys", is: 1)
        // SQLite opens a file that may not be written for reading, and says so only on the first write.
        let isReadOnly = sqlite3_db_readonly(connection.handle, "main") == 1
        if isReadOnly, mode != .readOnly { throw connection.error(SQLITE_READONLY, sql: "") }
    }

    /// Accepts a file of this application, marks an empty one, refuses any other.
    private func claim(for applicationID: Int32) throws(DatabaseError) {
        let found = try integer("PRAGMA application_id")
        let tables = try integer("SELECT count(*) FROM sqlite_schema")
        if found == Int64(applicationID) { return }
        guard found == 0, tables == 0, mode != .readOnly else {
            try leaveFileAlone()
            throw DatabaseError(
                cause: .otherApplication(found: Int32(truncatingIfNeeded: found ?? 0)), sql: "",
                fileName: connection.fileName, detail: nil)
        }
        try connection.setHeader("application_id", to: applicationID)
    }

    private func chooseDurability() throws(DatabaseError) {
        if mode == .readOnly { return }
        let journal = try first("PRAGMA journal_mode = WAL") { row throws(DatabaseError) in try row.text(0) }
        guard journal == (mode == .memory ? "memory" : "wal") else {
            throw connection.error(SQLITE_CANTOPEN, sql: "PRAGMA journal_mode = WAL")
        }
        try require("PRAGMA synchronous = FULL", then: "PRAGMA synchronous", is: 2)
    }

    /// Sets a pragma and reads it back: SQLite ignores a pragma that it does not know or may not obey.
    private func require(
        _ set: StaticString, then get: StaticString, is wanted: Int64
    ) throws(DatabaseError) {
        try execute(set)
        guard try integer(get) == wanted else {
            throw connection.error(SQLITE_MISUSE, sql: set.description)
        }
    }

    /// Keeps the closing of this connection from moving the log into the file. An empty log, as opening one
    /// makes it, is better removed on closing.
    func leaveFileAlone() throws(DatabaseError) {
        var log = stat()
        if stat(path + "-wal", &log) == 0, log.st_size == 0 { return }
        try connection.set(option: SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, to: true)
    }
}

extension Database.Mode {
    fileprivate var flags: Int32 {
        switch self {
        case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .open: SQLITE_OPEN_READWRITE
        case .readOnly: SQLITE_OPEN_READONLY
        case .memory: SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY
        }
    }
}
