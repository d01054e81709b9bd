import Cryptography
import Persistence
package import SyncProtocol

/// Central's store in one SQLite file, with one connection on a queue of its own.
///
/// Every opening of the file, also after the file at the path was replaced, is another replica of central's. Once SQLite has
/// found the file damaged, nothing is written to it any more: what it acknowledged could not be trusted.
package actor SQLiteCentralStore: CentralStore {
    package typealias RandomNumber = @Sendable () -> UInt64
    /// Hears of a hospital's feed and its end after each commit that it grew by. It must return at once.
    package typealias Announce = @Sendable (HospitalID, UInt64) -> Void

    private let executor = QueueExecutor(label: "birthcentral.store")
    private let path: String
    private let isInMemory: Bool
    private let random: RandomNumber
    private let onDamage: @Sendable (StoreFailure) -> Void
    private let announce: Announce
    /// Nil until the file is opened again.
    private var session: SQLiteSession?
    /// What SQLite found in the file that is open; nil while it is sound as far as is known.
    private var damage: StoreFailure?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens the file, makes it if there is none, and brings it to the newest schema.
    ///
    /// - Parameters:
    ///   - path: nil keeps everything in memory, for tests.
    ///   - onDamage: hears once that the file is damaged, and then of each row that holds what it should not.
    package init(
        path: String?, announce: @escaping Announce = { _, _ in }, random: @escaping RandomNumber,
        onDamage: @escaping @Sendable (StoreFailure) -> Void = { _ in }
    ) throws(CentralError) {
        self.onDamage = onDamage
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

    private func perform<R>(
        _ kind: Database.TransactionKind, _ body: (any CentralTransaction) throws(CentralError) -> R
    ) throws(CentralError) -> R {
        if let session, !session.database.isAtItsPath { close() }
        if let damage, session != nil, kind == .immediate { throw CentralError.store(damage) }
        let session = try current()
        let result: R
        do {
            result = try session.transaction(kind, body)
        } catch {
            if case .store(let failure) = error { note(failure) }
            throw error
        }
        // What is committed to a file that has lost its name is lost with it, and must not be acknowledged.
        guard session.database.isAtItsPath else {
            throw CentralError.store(StoreFailure(kind: .busy, description: "the database file was replaced"))
        }
        for (hospital, position) in session.takeGrown() { announce(hospital, position) }
        return result
    }

    private func note(_ failure: StoreFailure) {
        switch failure.kind {
        // After a failed medium nobody knows what is on it: the next transaction starts from the file.
        case .other: close()
        case .damaged:
            if damage == nil { onDamage(failure) }
            damage = failure
        case .inconsistent: onDamage(failure)
        case .full, .busy, .foreign: break
        }
    }

    private func current() throws(CentralError) -> SQLiteSession {
        if let session { return session }
        let session: SQLiteSession
        do throws(CentralError) {
            session = try SQLiteSession(path: path, isInMemory: isInMemory, random: random)
        } catch {
            if case .store(let failure) = error { note(failure) }
            throw error
        }
        (self.session, damage) = (session, nil)
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
            case .corrupt: .damaged
            case .unexpectedValue: .inconsistent
            case .newer, .otherApplication: .foreign
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
