import Cryptography
package import Persistence
import SyncProtocol

/// Copies all that a store holds into an empty one, of the same kind or the other, and reads it back.
///
/// Both ends are in a transaction: the source as it is at one moment, the target not to be seen before all is verified. Rows
/// are handed over one by one: memory does not grow with the store.
package struct StoreCopy {
    /// What was copied.
    package struct Outcome: Hashable, Sendable {
        /// Rows by table.
        package internal(set) var counts: [String: Int] = [:]
        /// The label of the feeds' life in the copy.
        package internal(set) var epoch: UInt64 = 0
        /// What was found when the copy was looked at as a store.
        package internal(set) var changeCount = 0
    }

    package enum Fault: Error, Hashable, Sendable {
        /// The copy does not hold what was read.
        case different(table: String)
        /// The source is damaged, and so is the copy: the first problems.
        case unsound([String])
    }

    let keys: StoreKeys
    /// The label of another life of the feeds, for a copy that takes the place of a store that had more; nil keeps it.
    let newEpoch: UInt64?

    package init(keys: StoreKeys, newEpoch: UInt64?) {
        (self.keys, self.newEpoch) = (keys, newEpoch)
    }

    /// Copies every table, and compares. Throws ``Fault``, or a `DatabaseError`; the caller then commits nothing.
    ///
    /// - Parameter connection: the target's.
    package func perform<Target: TableSource & TableTarget>(
        from source: any TableSource, to target: Target, _ connection: SQLConnection
    ) throws -> Outcome {
        var outcome = Outcome()
        for table in try Self.tables() {
            var (read, written) = (TableSum(), TableSum())
            try target.append(to: table) { append throws(DatabaseError) in
                try source.forEachRow(of: table) { row throws(DatabaseError) in
                    let row = row.map(Self.withoutNUL)
                    read.add(row)
                    try append(row)
                }
            }
            try target.forEachRow(of: table) { row in written.add(row) }
            guard read == written else { throw Fault.different(table: table.name) }
            outcome.counts[table.name] = read.count
        }
        if let newEpoch {
            try connection.execute(
                "UPDATE meta SET value = ? WHERE name = 'epoch'", .integer(Int64(bitPattern: newEpoch)))
        }
        outcome.epoch =
            try connection.first("SELECT value FROM meta WHERE name = 'epoch'") {
                row throws(DatabaseError) in try row.number(0)
            } ?? 0
        let report = try StoreAudit.report(within: connection, keys: keys)
        if report.isDamaged { throw Fault.unsound(report.problems.prefix(10).map(\.sentence)) }
        outcome.changeCount = report.changeCount
        return outcome
    }

    /// All tables of the schema, as the migrations make them.
    static func tables() throws(DatabaseError) -> [StoredTable] {
        let database = try Database(path: "schema", mode: .memory, applicationID: Schema.applicationID)
        try Schema.migrator.migrate(database)
        return try database.storedTables()
    }

    /// PostgreSQL keeps no NUL in a text; see decision 0023.
    private static func withoutNUL(_ value: SQLiteValue) -> SQLiteValue {
        guard case .text(let text) = value, text.utf8.contains(0) else { return value }
        return .text(String(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : Character($0) }))
    }
}

/// What a table amounts to, in whatever order its rows come.
private struct TableSum: Hashable {
    private(set) var count = 0
    private var sum = Fingerprint.empty

    mutating func add(_ row: [SQLiteValue]) {
        var bytes: [UInt8] = []
        for value in row {
            switch value {
            case .null: bytes.append(0)
            case .integer(let number): append(1, Self.bytes(UInt64(bitPattern: number)), to: &bytes)
            case .real(let number): append(2, Self.bytes(number.bitPattern), to: &bytes)
            case .text(let text): append(3, Array(text.utf8), to: &bytes)
            case .blob(let blob): append(4, blob, to: &bytes)
            case .sealed, .sealedText, .digest, .name: preconditionFailure("rows are read as they are stored")
            }
        }
        count += 1
        sum.add(ContentID(rawValue: SHA256.hash(bytes)))
    }

    private func append(_ kind: UInt8, _ value: [UInt8], to bytes: inout [UInt8]) {
        bytes += [kind] + Self.bytes(UInt64(value.count)) + value
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}
