import Cryptography
import Persistence
package import SyncProtocol

/// Central's store in one SQLite file, with one connection on a queue of its own.
///
/// Every opening of the file, also after the file at the path was replaced, is another replica of central's.
package actor SQLiteCentralStore: CentralStore {
    package typealias RandomNumber = @Sendable () -> UInt64
    /// Hears of a hospital's feed and its end after each commit that it grew by. It must return at once.
    package typealias Announce = @Sendable (HospitalID, UInt64) -> Void

    private let executor = QueueExecutor(label: "birthcentral.store")
    private let path: String
    private let isInMemory: Bool
    private let random: RandomNumber
    private let announce: Announce
    /// Nil until the file is opened again.
    private var session: SQLiteSession?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens the file, makes it if there is none, and brings it to the newest schema.
    ///
    /// - Parameter path: nil keeps everything in memory, for tests.
    package init(
        path: String?, announce: @escaping Announce = { _, _ in }, random: @escaping RandomNumber
    ) throws(CentralError) {
        self.path = path ?? "memory"
        isInMemory = path == nil
        self.random = random
        self.announce = announce
        session = try SQLiteSession(path: self.path, isInMemory: isInMemory, random: random)
    }

    package func write<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R {
        try perform(.immediate, body)
    }

    package func read<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R {
        try perform(.deferred, body)
    }

    /// Copies the store, as it is at one moment, to a file of that name.
    package func backup(to target: String) throws(CentralError) {
        let session = try current()
        do throws(DatabaseError) { try session.database.backup(to: target) } catch {
            throw CentralError(error)
        }
    }

    private func perform<R>(
        _ kind: Database.TransactionKind, _ body: (any CentralTransaction) throws(CentralError) -> R
    ) throws(CentralError) -> R {
        if let session, !session.database.isAtItsPath { close() }
        let session = try current()
        let result: R
        do {
            result = try session.transaction(kind, body)
        } catch {
            // After a failed medium nobody knows what is on it: the next transaction starts from the file.
            if case .store(let failure) = error, failure.kind == .other { close() }
            throw error
        }
        // What is committed to a file that has lost its name is lost with it, and must not be acknowledged.
        guard session.database.isAtItsPath else {
            throw CentralError.store(StoreFailure(kind: .busy, description: "the database file was replaced"))
        }
        for (hospital, position) in session.takeGrown() { announce(hospital, position) }
        return result
    }

    private func current() throws(CentralError) -> SQLiteSession {
        if let session { return session }
        let session = try SQLiteSession(path: path, isInMemory: isInMemory, random: random)
        self.session = session
        return session
    }

    /// Before another opening: SQLite removes the log by its name when it closes a file, also the log of a new one.
    private func close() {
        if !isInMemory { session = nil }
    }
}

/// One opening of the file. Not `Sendable`: the store owns it.
final class SQLiteSession {
    let database: Database
    private let random: SQLiteCentralStore.RandomNumber
    private var mintedReplica: ReplicaID?
    /// The feeds that this transaction makes longer, and their ends.
    private var grown: [HospitalID: UInt64] = [:]

    init(path: String, isInMemory: Bool, random: @escaping SQLiteCentralStore.RandomNumber)
        throws(CentralError)
    {
        self.random = random
        do throws(DatabaseError) {
            database = try Database(
                path: path, mode: isInMemory ? .memory : .create, applicationID: Schema.applicationID)
            try Schema.migrator.migrate(database)
            try database.execute(
                "INSERT INTO meta (name, value) VALUES ('epoch', ?), ('clock', 0) ON CONFLICT DO NOTHING",
                .integer(Int64(bitPattern: random())))
        } catch {
            throw CentralError(error)
        }
    }

    /// Minted at the first call after the opening.
    var replica: ReplicaID {
        if let mintedReplica { return mintedReplica }
        let minted = ReplicaID(rawValue: random())
        mintedReplica = minted
        return minted
    }

    func noteGrown(_ hospital: HospitalID, to position: UInt64) { grown[hospital] = position }

    /// What the last transaction made longer; asked once, after its commit.
    func takeGrown() -> [HospitalID: UInt64] {
        defer { grown = [:] }
        return grown
    }

    func transaction<R>(
        _ kind: Database.TransactionKind, _ body: (any CentralTransaction) throws(CentralError) -> R
    ) throws(CentralError) -> R {
        grown = [:]
        do {
            return try database.transaction(kind) { try body(SQLiteTransaction(self)) }
        } catch {
            throw CentralError(anyOf: error)
        }
    }
}

extension CentralError {
    /// What the store's own errors mean to central.
    init(_ error: DatabaseError) {
        let kind: StoreFailure.Kind =
            switch error.kind {
            case .full, .readOnly: .full
            case .busy: .busy
            case .corrupt, .newer, .otherApplication, .unexpectedValue: .damaged
            default: .other
            }
        self = .store(StoreFailure(kind: kind, description: error.description))
    }

    /// For errors that crossed a place without typed throws.
    init(anyOf error: any Error) {
        if let error = error as? CentralError {
            self = error
        } else if let error = error as? DatabaseError {
            self.init(error)
        } else {
            self = .store(StoreFailure(kind: .other, description: "an error of another kind"))
        }
    }
}
