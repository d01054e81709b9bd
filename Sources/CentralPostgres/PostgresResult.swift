#if Postgres
    import CPostgres
    import Persistence

    /// What a statement has yielded, in memory, in binary. Freed exactly once.
    final class PostgresResult: ServerRows {
        let database: String
        let seals: Seals?
        private let handle: OpaquePointer
        private let rowCount: Int32
        private var row: Int32 = -1

        init(_ handle: OpaquePointer, database: String, seals: Seals?) {
            (self.handle, self.seals) = (handle, seals)
            self.database = database
            rowCount = PQntuples(handle)
        }

        deinit { PQclear(handle) }

        var isGood: Bool {
            switch PQresultStatus(handle) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_COPY_IN: true
            default: false
            }
        }

        /// What was done, in the server's words: `COMMIT`, `INSERT 0 1`.
        var command: String { PQcmdStatus(handle).map { String(cString: $0) } ?? "" }
        var count: Int { Int(rowCount) }
        var changedCount: Int { PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0 }
        var columnCount: Int32 { PQnfields(handle) }

        func next() -> Bool {
            guard row + 1 < rowCount else { return false }
            row += 1
            return true
        }

        func close() {}  // it is freed with the last reference

        func name(of column: Int32) -> String {
            PQfname(handle, column).map { String(cString: $0) } ?? "\(column)"
        }

        func kind(of column: Int32) -> Row.ColumnKind {
            if PQgetisnull(handle, row, column) == 1 { return .null }
            return switch PQftype(handle, column) {
            // int8, int4, int2, bool, and the numeric that sum() of int8 is
            case 20, 23, 21, 16, 1700: .integer
            case 701: .real
            case 25, 1043, 19: .text  // text, varchar, name
            case 17: .blob
            default: .other
            }
        }

        func integer(_ column: Int32) -> Int64 {
            let bytes = bytes(column)
            switch PQftype(handle, column) {
            case 1700: return Self.numeric(bytes)
            case 16: return Int64(bytes.first ?? 0)
            case 21: return Int64(Int16(truncatingIfNeeded: Self.bits(bytes)))
            case 23: return Int64(Int32(truncatingIfNeeded: Self.bits(bytes)))
            default: return Int64(bitPattern: Self.bits(bytes))
            }
        }

        func real(_ column: Int32) -> Double { Double(bitPattern: Self.bits(bytes(column))) }
        func text(_ column: Int32) -> String? { String(validating: bytes(column), as: UTF8.self) }
        func blob(_ column: Int32) -> [UInt8] { Array(bytes(column)) }

        private func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(
                start: PQgetvalue(handle, row, column), count: Int(PQgetlength(handle, row, column)))
        }

        private static func bits(_ bytes: some Sequence<UInt8>) -> UInt64 {
            bytes.reduce(0) { $0 << 8 | UInt64($1) }
        }

        /// A whole number: 16 bits each for the count of digits, the weight of the first, sign and scale, and then digits to
        /// the base 10,000. What is behind the point is left out.
        private static func numeric(_ bytes: UnsafeRawBufferPointer) -> Int64 {
            let words = stride(from: 0, to: bytes.count - 1, by: 2).map { Int64(bits(bytes[$0..<$0 + 2])) }
            guard words.count >= 4 else { return 0 }
            let weight = Int64(Int16(truncatingIfNeeded: words[1]))
            var number: Int64 = 0
            for place in 0..<max(0, weight + 1) {
                let index = 4 + Int(place)
                number = number &* 10_000 &+ (index < words.count ? words[index] : 0)
            }
            return words[2] == 0x4000 ? -number : number
        }
    }

    /// Rows that a cursor of the server fetches some at a time.
    final class PostgresCursor: ServerRows {
        /// Rows that are in memory at a time.
        static let pageCount = 1_000

        private let connection: PostgresConnection
        private let name: String
        private let none = PostgresArguments([])
        private var page: PostgresResult
        private var isOpen = true

        init(
            _ connection: PostgresConnection, name: String, sql: String, _ arguments: PostgresArguments
        ) throws(DatabaseError) {
            (self.connection, self.name) = (connection, name)
            _ = try connection.run("DECLARE \(name) NO SCROLL CURSOR FOR \(sql)", arguments)
            page = try connection.run("FETCH \(Self.pageCount) FROM \(name)", none)
        }

        var database: String { connection.database }
        var seals: Seals? { connection.seals }
        var columnCount: Int32 { page.columnCount }
        var changedCount: Int { 0 }

        func next() throws(DatabaseError) -> Bool {
            if page.next() { return true }
            guard page.count == Self.pageCount else { return false }
            page = try connection.run("FETCH \(Self.pageCount) FROM \(name)", none)
            return page.next()
        }

        func close() {
            guard isOpen else { return }
            isOpen = false
            // After a failure the transaction ends, and the cursor with it.
            _ = try? connection.command("CLOSE \(name)")
        }

        func name(of column: Int32) -> String { page.name(of: column) }
        func kind(of column: Int32) -> Row.ColumnKind { page.kind(of: column) }
        func integer(_ column: Int32) -> Int64 { page.integer(column) }
        func real(_ column: Int32) -> Double { page.real(column) }
        func text(_ column: Int32) -> String? { page.text(column) }
        func blob(_ column: Int32) -> [UInt8] { page.blob(column) }
    }
#endif
