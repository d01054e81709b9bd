package import Cryptography

extension SQLConnection {
    /// The tables that a sealed store has: the keys of its cases, and by which key it is known. For a migration.
    package static let sealTables: [StaticString] = [
        """
        CREATE TABLE case_key (
            case_id BLOB NOT NULL PRIMARY KEY CHECK (length(case_id) = 16),
            sealed_key BLOB NOT NULL CHECK (length(sealed_key) = 72)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE seal (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), mark BLOB NOT NULL CHECK (length(mark) = 16)
        ) STRICT
        """,
    ]

    /// What closes and opens sealed values here; nil before the store's key was given.
    package var seals: Seals? {
        switch self {
        case .file(let database): database.connection.seals
        case .server(let session): session.seals
        }
    }

    /// Takes the store's key into use, and notes by a mark which it is if none was noted. The tables have to be there.
    ///
    /// - Throws: ``DatabaseError/Kind/sealed(_:)`` if the store was sealed under another key.
    package func openSeals(_ secret: SecretBytes) throws(DatabaseError) {
        guard seals == nil else { return }
        let mark = Self.mark(of: secret)
        if let known = try sealMark() {
            guard known == mark else {
                throw DatabaseError(cause: .sealed(.otherKey), sql: "", fileName: name, detail: nil)
            }
        } else {
            try execute("INSERT INTO seal (id, mark) VALUES (1, ?)", .blob(mark))
        }
        use(secret)
    }

    /// The same for a store that is only read, and may be of a time before stores were sealed: then it is read as it is.
    ///
    /// - Throws: ``DatabaseError/Kind/sealed(_:)`` if it is sealed and the key is missing or another.
    package func openSealsIfSealed(_ secret: SecretBytes?) throws(DatabaseError) {
        guard seals == nil else { return }
        guard try isSealed() else { return use(nil) }
        guard let secret else {
            throw DatabaseError(cause: .sealed(.noKey), sql: "", fileName: name, detail: nil)
        }
        try openSeals(secret)
    }

    /// Whether a key was ever in use here.
    package func isSealed() throws(DatabaseError) -> Bool {
        let tables: Int64?
        switch self {
        case .file:
            tables = try first("SELECT count(*) FROM sqlite_schema WHERE name = 'seal'") {
                row throws(DatabaseError) in try row.integer(0)
            }
        case .server:
            tables = try first(
                """
                SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = current_schema() AND c.relname = 'seal'
                """
            ) { row throws(DatabaseError) in try row.integer(0) }
        }
        guard tables == 1 else { return false }
        return try sealMark() != nil
    }

    /// - Parameter secret: nil where everything lies open.
    private func use(_ secret: SecretBytes?) {
        switch self {
        case .file(let database):
            database.connection.seals = Seals(secret) { [unowned database] in .file(database) }
        case .server(let session):
            session.seals = Seals(secret) { [unowned session] in .server(session) }
        }
    }

    /// By what a store knows its key.
    package static func mark(of secret: SecretBytes) -> [UInt8] {
        MessageAuthentication(key: secret).shortCode(Array("store mark".utf8))
    }

    /// By which key the store is sealed; nil before any was given.
    package func sealMark() throws(DatabaseError) -> [UInt8]? {
        try first("SELECT mark FROM seal WHERE id = 1") { row throws(DatabaseError) in try row.blob(0) }
    }

    private var name: String {
        switch self {
        case .file(let database): database.connection.fileName
        case .server: "the database"
        }
    }
}

extension Optional<Seals> {
    /// The arguments as the database may see them. To seal without the store's key is an error.
    package func closed(
        _ arguments: [SQLiteValue], sql: StaticString
    ) throws(DatabaseError) -> [SQLiteValue] {
        guard arguments.contains(where: \.isOpen) else { return arguments }
        guard let self else {
            throw DatabaseError(cause: .sealed(.noKey), sql: sql.description, fileName: "", detail: nil)
        }
        return try self.closed(arguments)
    }
}

extension SQLiteValue {
    /// Whether it must be closed before the database sees it.
    fileprivate var isOpen: Bool {
        switch self {
        case .null, .integer, .real, .text, .blob: false
        case .sealed, .sealedText, .digest, .name: true
        }
    }
}
