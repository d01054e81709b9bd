#if Postgres
    package import Persistence

    /// One connection and its transaction.
    ///
    /// A statement that fails ends the transaction on PostgreSQL: what follows is refused, unless a step is undone that it
    /// happened in. After a deadlock, a conflict of serialisation and a lost connection nothing of the transaction is left.
    package final class PostgresSession: ServerSession {
        /// The lock that everyone holds who writes, from the beginning of the transaction to its end. "BWcn".
        static let writersLock: Int64 = 0x4257_636E

        /// What became of a transaction that failed.
        enum Failure: Hashable {
            /// It may be tried again on this connection.
            case again
            /// The connection is lost, and nothing was committed: it may be tried again on another.
            case lost
        }

        let connection: PostgresConnection
        /// How many migrations the database has, once that is known. Whoever writes to one that has others since is refused: it was
        /// made for the program of another version.
        var migrationCount: Int?
        package var seals: Seals? {
            get { connection.seals }
            set { connection.seals = newValue }
        }
        private let isWriterAlone: Bool
        package private(set) var loss: DatabaseError?
        /// Why the last transaction failed, if another try may help.
        private(set) var failure: Failure?
        private var names: [Key: String] = [:]
        private var cursorCount = 0
        private var isOpen = false
        private var isWriting = false

        private struct Key: Hashable {
            let literal: UInt
            let signature: UInt64
        }

        /// - Parameter isWriterAlone: false only where a test shows what the lock is for.
        package init(_ address: PostgresAddress, isWriterAlone: Bool = true) throws(DatabaseError) {
            connection = try PostgresConnection(address)
            self.isWriterAlone = isWriterAlone
        }

        package func run(
            _ sql: StaticString, _ arguments: [SQLiteValue]
        ) throws(DatabaseError) -> any ServerRows {
            try guarded { () throws(DatabaseError) in
                let arguments = PostgresArguments(arguments)
                let key = Key(literal: UInt(bitPattern: sql.utf8Start), signature: arguments.signature)
                if let name = names[key] {
                    return try connection.run(prepared: name, sql.description, arguments)
                }
                let (name, text) = ("s\(names.count)", Dialect.translated(sql.description))
                try connection.prepare(name, text, arguments)
                names[key] = name
                return try connection.run(prepared: name, text, arguments)
            }
        }

        package func open(
            _ sql: StaticString, _ arguments: [SQLiteValue]
        ) throws(DatabaseError) -> any ServerRows {
            try openCursor(Dialect.translated(sql.description), PostgresArguments(arguments))
        }

        func openCursor(
            _ sql: String, _ arguments: PostgresArguments
        ) throws(DatabaseError) -> any ServerRows {
            precondition(isOpen, "a cursor needs a transaction around it")
            return try guarded { () throws(DatabaseError) in
                cursorCount += 1
                return try PostgresCursor(connection, name: "c\(cursorCount)", sql: sql, arguments)
            }
        }

        /// Lets this transaction take as long as it needs: a copy of a whole store.
        func beUnhurried() throws(DatabaseError) {
            try guarded { () throws(DatabaseError) in
                try connection.command(
                    "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
            }
        }

        /// Writes all tables anew, without the rows of before. Outside a transaction.
        func writeAnew() throws(DatabaseError) {
            try guarded { () throws(DatabaseError) in
                try connection.command("SET statement_timeout = 0")
                try connection.command("VACUUM FULL")
                try connection.command("SET statement_timeout = '120s'")
            }
        }

        package func begin(_ kind: Database.TransactionKind) throws(DatabaseError) {
            precondition(!isOpen, "a transaction is open already")
            (loss, failure, cursorCount, isWriting) = (nil, nil, 0, kind == .immediate)
            // Another connection may have destroyed a case's key since: what is sealed under one that is gone is lost.
            seals?.forget()
            do throws(DatabaseError) { try beginUnguarded(kind) } catch {
                noteFailure(error)
                rollBack()  // it may have begun, and then waited in vain for the lock
                throw error
            }
            isOpen = true
        }

        private func beginUnguarded(_ kind: Database.TransactionKind) throws(DatabaseError) {
            guard kind == .immediate else {
                try connection.command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return
            }
            // The statements after the lock see all that those committed who had it before.
            var sql = "BEGIN ISOLATION LEVEL READ COMMITTED"
            if isWriterAlone { sql += "; SELECT pg_advisory_xact_lock(\(Self.writersLock))" }
            guard let migrationCount else {
                try connection.command(sql)
                return
            }
            let found = try connection.answer(sql + "; SELECT count(*) FROM migration")
            if found == "\(migrationCount)" { return }
            throw DatabaseError(
                server: connection.database,
                .newer(found: "\(found) migrations", known: "\(migrationCount)"), state: "", sql: "BEGIN",
                detail: "another version of birthcentral serves it since")
        }

        package func commit() throws(DatabaseError) {
            if let loss { throw loss }
            let told: String
            do throws(DatabaseError) {
                told = try connection.command("COMMIT")
            } catch {
                noteFailure(error)
                guard failure == .lost else { throw error }
                // Nobody knows: it must not be done again as if nothing had happened.
                (failure, loss) = (nil, nil)
                throw DatabaseError(
                    server: connection.database, .unknownOutcome, state: "", sql: "COMMIT", detail: nil)
            }
            isOpen = false
            // A transaction in which a statement failed ends in good order, and without anything.
            if told != "COMMIT" {
                throw DatabaseError(
                    server: connection.database, .other, state: "25P02", sql: "COMMIT", detail: nil)
            }
        }

        package func rollBack() {
            isOpen = false
            // Where this fails, the connection is lost or is dropped by who looks at it next.
            if connection.isAlive { _ = try? connection.command("ROLLBACK") }
        }

        package func beginStep() throws(DatabaseError) {
            try guarded { () throws(DatabaseError) in try connection.command("SAVEPOINT step") }
        }

        package func endStep(isKept: Bool) throws(DatabaseError) {
            try guarded { () throws(DatabaseError) in
                try connection.command(isKept ? "RELEASE step" : "ROLLBACK TO step; RELEASE step")
            }
        }

        /// Refuses everything after the transaction is lost, and notes when it is.
        @discardableResult
        func guarded<R>(_ body: () throws(DatabaseError) -> R) throws(DatabaseError) -> R {
            if let loss { throw loss }
            do throws(DatabaseError) { return try body() } catch {
                noteFailure(error)
                throw error
            }
        }

        private func noteFailure(_ error: DatabaseError) {
            if !connection.isAlive || isWriting && error.serverState == "25006" {
                failure = .lost
            } else if ["40001", "40P01"].contains(error.serverState) {
                failure = .again
            } else {
                return
            }
            loss = error
        }
    }
#endif
