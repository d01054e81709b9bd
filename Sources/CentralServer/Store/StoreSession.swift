import Accounts
package import Persistence
package import SyncProtocol

/// One opening of the database, on SQLite or on PostgreSQL, whose schema is the newest. Not `Sendable`: the store owns it.
///
/// Every opening writes as another replica of central's.
package final class StoreSession {
    package typealias RandomNumber = @Sendable () -> UInt64
    /// Hears of a hospital's feed and its end after each commit that it grew by. It must return at once.
    package typealias Announce = @Sendable (HospitalID, UInt64) -> Void

    let database: SQLConnection
    private let random: RandomNumber
    private var mintedReplica: ReplicaID?
    /// The audit log has a line of this opening.
    var hasOpenedLog = false
    /// The feeds that this transaction makes longer, and their ends.
    private var grown: [HospitalID: UInt64] = [:]

    package init(_ database: SQLConnection, random: @escaping RandomNumber) {
        (self.database, self.random) = (database, random)
    }

    /// Begins the life of the feeds if the database is new. Before the first transaction that writes.
    package func mintEpoch() throws(DatabaseError) {
        try database.execute(
            "INSERT INTO meta (name, value) VALUES ('epoch', ?), ('clock', 0) ON CONFLICT DO NOTHING",
            .integer(Int64(bitPattern: random())))
    }

    /// Minted at the first call after the opening.
    var replica: ReplicaID {
        if let mintedReplica { return mintedReplica }
        let minted = ReplicaID(rawValue: random())
        mintedReplica = minted
        return minted
    }

    func randomNumber() -> UInt64 { random() }

    func noteGrown(_ hospital: HospitalID, to position: UInt64) { grown[hospital] = position }

    /// What the last transaction made longer; asked once, after its commit.
    package func takeGrown() -> [HospitalID: UInt64] {
        defer { grown = [:] }
        return grown
    }

    /// Runs the body in one transaction; see ``CentralStore``.
    package func transaction<R>(
        _ kind: Database.TransactionKind, _ body: (any CentralTransaction) throws(CentralError) -> R
    ) throws(CentralError) -> R {
        grown = [:]
        let hadOpenedLog = hasOpenedLog
        do {
            guard kind == .immediate, let note = AuditNote.current, let line = note.lineOfChange else {
                return try database.transaction(kind) { try body(SQLiteTransaction(self)) }
            }
            // What somebody does is committed with its line, or not at all.
            let result = try database.transaction(kind) {
                let transaction = SQLiteTransaction(self)
                let result = try body(transaction)
                try transaction.append([note.lineOfChange ?? line])
                return result
            }
            note.noteWritten()
            return result
        } catch {
            hasOpenedLog = hadOpenedLog
            throw CentralError(anyOf: error)
        }
    }
}

extension CentralError {
    /// What the store's own errors mean to central.
    package init(_ error: DatabaseError) {
        let kind: StoreFailure.Kind =
            switch error.kind {
            case .full, .readOnly: .full
            case .busy: .busy
            case .corrupt: .damaged
            case .unexpectedValue: .inconsistent
            case .unknownOutcome: .unknown
            case .newer, .otherApplication: .foreign
            default: .other
            }
        self = .store(StoreFailure(kind: kind, description: error.description))
    }

    /// For errors that crossed a place without typed throws.
    package init(anyOf error: any Error) {
        if let error = error as? CentralError {
            self = error
        } else if let error = error as? DatabaseError {
            self.init(error)
        } else {
            self = .store(StoreFailure(kind: .other, description: "an error of another kind"))
        }
    }
}
