#if Postgres
    import CPostgres
    import Glibc
    import Persistence

    /// An open connection of libpq, closed exactly once. Every call waits for the server.
    final class PostgresConnection {
        private let handle: OpaquePointer
        /// What the database is called in errors: its name, never the address or the user.
        let database: String
        /// What closes and opens sealed values; nil before the store's key was given.
        var seals: Seals?

        /// What every connection has unless the address says otherwise. A server that is gone is noticed within a minute.
        private static let defaults = [
            ("connect_timeout", "10"), ("keepalives_idle", "20"), ("keepalives_interval", "10"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
            ("target_session_attrs", "read-write"), ("application_name", "birthcentral"),
            ("client_encoding", "UTF8"),
        ]

        /// What every session has, whatever the address and the server's settings say.
        private static let settings = """
            SET synchronous_commit = on; SET client_min_messages = warning; SET bytea_output = hex;
            SET lock_timeout = '30s'; SET statement_timeout = '120s'; SET idle_in_transaction_session_timeout = '60s';
            SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3
            """

        init(_ address: PostgresAddress) throws(DatabaseError) {
            try Self.check(address)
            let parameters = Self.defaults + [("dbname", address.connectionString)]
            var keys = parameters.map { strdup($0.0).map { UnsafePointer($0) } } + [nil]
            var values = parameters.map { strdup($0.1).map { UnsafePointer($0) } } + [nil]
            defer { for text in keys + values { free(UnsafeMutableRawPointer(mutating: text)) } }
            guard let handle = PQconnectdbParams(&keys, &values, 1) else {
                throw DatabaseError(
                    server: "postgres", .other, state: "", sql: "", detail: "there is no memory")
            }
            self.handle = handle
            database = PQdb(handle).map { "postgres:" + String(cString: $0) } ?? "postgres"
            guard PQstatus(handle) == CONNECTION_OK else {
                let said = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
                throw DatabaseError(
                    server: database, Self.kind(ofFailedConnection: said), state: "", sql: "", detail: nil)
            }
            birthwindow_pq_silence(handle)
            try require("server_encoding", "UTF8")
            try command(Self.settings)
        }

        deinit { PQfinish(handle) }

        /// Whether the server has ended it, or nobody answered. libpq's status tells this only at the next call.
        private var isBroken = false

        /// Whether it can still be used.
        var isAlive: Bool { !isBroken && PQstatus(handle) == CONNECTION_OK }

        var socket: Int32 { PQsocket(handle) }

        /// Reads what the server has sent by itself.
        func consumeInput() throws(DatabaseError) {
            if PQconsumeInput(handle) == 1 { return }
            isBroken = true
            throw DatabaseError(server: database, .busy, state: "", sql: "LISTEN", detail: nil)
        }

        /// The text of the next notification that was read; nil if there is none.
        func nextNotification() -> String? {
            guard let notification = PQnotifies(handle) else { return nil }
            defer { PQfreemem(notification) }
            return notification.pointee.extra.map { String(cString: $0) } ?? ""
        }

        /// The process of the server that serves this connection.
        var serverProcess: Int32 { PQbackendPID(handle) }

        /// What libpq says of an address that it cannot read quotes it, perhaps with the password: it is not passed on.
        private static func check(_ address: PostgresAddress) throws(DatabaseError) {
            var message: UnsafeMutablePointer<CChar>?
            defer { PQfreemem(message) }
            guard let options = PQconninfoParse(address.connectionString, &message) else {
                throw DatabaseError(
                    server: "postgres", .cannotOpen, state: "", sql: "",
                    detail: "the connection string cannot be read")
            }
            PQconninfoFree(options)
        }

        /// libpq keeps no SQLSTATE of a connection that was refused; its words are only looked at, for they name the user.
        private static func kind(ofFailedConnection said: String) -> DatabaseError.Kind {
            let lasting = [
                "authentication failed", "does not exist", "pg_hba.conf", "certificate", "no password",
            ]
            let isSocket = said.contains("Is the server running")
            return !isSocket && lasting.contains(where: said.contains) ? .cannotOpen : .busy
        }

        private func require(_ parameter: String, _ wanted: String) throws(DatabaseError) {
            let found = PQparameterStatus(handle, parameter).map { String(cString: $0) }
            guard found == wanted else {
                throw DatabaseError(
                    server: database, .cannotOpen, state: "", sql: "",
                    detail: "\(parameter) is \(found ?? "not told"), and \(wanted) is needed")
            }
        }

        /// Runs statements without arguments, sent at once; answers what the last one did.
        @discardableResult
        func command(_ sql: String) throws(DatabaseError) -> String {
            let result = try checked(PQexec(handle, sql), sql)
            return result.command
        }

        /// Runs statements without arguments, sent at once; answers the only value of the last one, as text.
        func answer(_ sql: String) throws(DatabaseError) -> String {
            let result = try checked(PQexec(handle, sql), sql)
            return result.next() ? result.text(0) ?? "" : ""
        }

        /// Runs one statement that is not kept.
        func run(_ sql: String, _ arguments: PostgresArguments) throws(DatabaseError) -> PostgresResult {
            let sent = arguments.withPointers { types, values, lengths, formats in
                PQexecParams(
                    handle, sql, Int32(arguments.count), types, values, lengths, formats, 1)
            }
            return try checked(sent, sql)
        }

        /// Gives a statement a name, by which it runs again without being understood anew.
        func prepare(_ name: String, _ sql: String, _ arguments: PostgresArguments) throws(DatabaseError) {
            let sent = arguments.withPointers { types, _, _, _ in
                PQprepare(handle, name, sql, Int32(arguments.count), types)
            }
            _ = try checked(sent, sql)
        }

        /// Runs a prepared statement; values come and go in binary.
        func run(
            prepared name: String, _ sql: String, _ arguments: PostgresArguments
        ) throws(DatabaseError) -> PostgresResult {
            let sent = arguments.withPointers { _, values, lengths, formats in
                PQexecPrepared(handle, name, Int32(arguments.count), values, lengths, formats, 1)
            }
            return try checked(sent, sql)
        }

        /// Begins to send rows; nothing else runs on the connection before ``endCopy(_:isGood:)``.
        func beginCopy(_ sql: String) throws(DatabaseError) { _ = try checked(PQexec(handle, sql), sql) }

        func send(_ bytes: [UInt8], _ sql: String) throws(DatabaseError) {
            let sent = bytes.withUnsafeBytes { all in
                PQputCopyData(
                    handle, all.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(all.count))
            }
            guard sent == 1 else {
                isBroken = true
                throw DatabaseError(server: database, .busy, state: "", sql: sql, detail: nil)
            }
        }

        func endCopy(_ sql: String, isGood: Bool) throws(DatabaseError) {
            _ = PQputCopyEnd(handle, isGood ? nil : "the source failed")
            _ = try checked(PQgetResult(handle), sql)
            while let more = PQgetResult(handle) { PQclear(more) }
        }

        private func checked(_ sent: OpaquePointer?, _ sql: String) throws(DatabaseError) -> PostgresResult {
            guard let sent else {
                isBroken = true
                throw DatabaseError(server: database, .busy, state: "", sql: sql, detail: nil)
            }
            let result = PostgresResult(sent, database: database, seals: seals)
            if result.isGood { return result }
            let failure = PostgresFailure(sent)
            if failure.isLast { isBroken = true }
            throw failure.error(in: database, sql: sql)
        }
    }
#endif
