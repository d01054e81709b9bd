import CSQLite
import Glibc

/// Why the database did not do what was asked.
///
/// It carries the SQL text and the name of the file, never an argument or a stored value: it may be logged.
package struct DatabaseError: Error, Hashable, Sendable {
    /// What to do about an error depends on this and on nothing else.
    package enum Kind: Hashable, Sendable {
        /// Another connection held the file for longer than the busy timeout.
        case busy
        /// The disk, the quota or the file's allowed size is used up.
        case full
        /// The file or its directory may not be written.
        case readOnly
        /// The file is damaged, or is no SQLite database at all.
        case corrupt
        /// The change breaks a rule that the schema states.
        case constraint(Constraint)
        /// The medium failed. Close the database and open it anew before anything else is done with it.
        case io
        /// The file is absent or may not be opened.
        case cannotOpen
        /// The file was written by a later version; the last migration found and the last one known.
        case newer(found: String, known: String)
        /// The file belongs to another application.
        case otherApplication(found: Int32)
        /// A column holds something that this program never stores there.
        case unexpectedValue(column: String)
        /// The connection broke while it committed: the server may have committed, or not.
        case unknownOutcome
        /// Sealed values cannot be read or written with the key at hand.
        case sealed(SealFault)
        case other
    }

    /// Which rule of the schema a change breaks.
    package enum Constraint: Hashable, Sendable { case unique, check, foreignKey, notNull, other }

    enum Cause: Hashable, Sendable {
        case result(extendedCode: Int32, systemError: Int32)
        case newer(found: String, known: String)
        case otherApplication(found: Int32)
        case unexpectedValue(column: String, wanted: String, found: String)
        case server(Kind, state: String)
        case sealed(SealFault)
    }

    let cause: Cause
    /// The text of the statement; empty where no statement was involved.
    package let sql: String
    /// The last component of the file's path, or what a server's database is called.
    package let fileName: String
    /// The database's own words, where these are certain to hold names of the schema only.
    package let detail: String?
}

extension DatabaseError {
    /// What a database server could not do.
    ///
    /// - Parameters:
    ///   - state: the SQLSTATE; empty if the server said nothing.
    ///   - detail: only words that are certain to hold names of the schema.
    package init(server database: String, _ kind: Kind, state: String, sql: String, detail: String?) {
        self.init(cause: .server(kind, state: state), sql: sql, fileName: database, detail: detail)
    }

    /// SQLite's extended result code; zero if SQLite itself saw nothing wrong.
    package var extendedCode: Int32 {
        guard case .result(let extendedCode, _) = cause else { return SQLITE_OK }
        return extendedCode
    }

    /// The SQLSTATE that a database server told; empty if none did.
    package var serverState: String {
        guard case .server(_, let state) = cause else { return "" }
        return state
    }

    /// SQLite's primary result code; zero if SQLite itself saw nothing wrong.
    package var code: Int32 { extendedCode & 0xff }

    /// What went wrong, for code that has to decide what to do next.
    package var kind: Kind {
        switch cause {
        case .newer(let found, let known): .newer(found: found, known: known)
        case .otherApplication(let found): .otherApplication(found: found)
        case .unexpectedValue(let column, _, _): .unexpectedValue(column: column)
        case .result(_, let systemError): resultKind(systemError: systemError)
        case .server(let kind, _): kind
        case .sealed(let fault): .sealed(fault)
        }
    }

    private func resultKind(systemError: Int32) -> Kind {
        switch code {
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL: .full
        case SQLITE_IOERR: [ENOSPC, EDQUOT, EFBIG].contains(systemError) ? .full : .io
        case SQLITE_READONLY: .readOnly
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        case SQLITE_CANTOPEN: [EACCES, EPERM, EROFS].contains(systemError) ? .readOnly : .cannotOpen
        case SQLITE_CONSTRAINT: .constraint(constraint)
        default: .other
        }
    }

    private var constraint: Constraint {
        switch extendedCode >> 8 {  // sqlite3.h: SQLITE_CONSTRAINT | (n << 8)
        case 1: .check
        case 3: .foreignKey
        case 5: .notNull
        case 6, 8, 10: .unique  // PRIMARYKEY, UNIQUE, ROWID
        default: .other
        }
    }
}
