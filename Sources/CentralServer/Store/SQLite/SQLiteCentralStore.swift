import Persistence

/// Central's store in one SQLite file, with one connection on a queue of its own.
///
/// Every opening of the file, also after the file at the path was replaced, is another replica of central's. Once SQLite has
/// found the file damaged, nothing is written to it any more: what it acknowledged could not be trusted.
package actor SQLiteCentralStore: CentralStore {
    package typealias RandomNumber = StoreSession.RandomNumber
    package typealias Announce = StoreSession.Announce

    private let executor = QueueExecutor(label: "birthcentral.store")
    private let path: String
    private let isInMemory: Bool
    private let seal: SealKey
    private let random: RandomNumber
    private let onDamage: @Sendable (StoreFailure) -> Void
    private let announce: Announce
    /// Nil until the file is opened again.
    private var opening: Opening?
    /// What SQLite found in the file that is open; nil while it is sound as far as is known.
    private var damage: StoreFailure?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens the file, makes it if there is none, and brings it to the newest schema.
    ///
    /// - Parameters:
    ///   - path: nil keeps everything in memory, for tests.
    ///   - seal: the key that the values are sealed under.
    ///   - onDamage: hears once that the file is damaged, and then of each row that holds what it should not.
    package init(
        path: String?, seal: SealKey, announce: @escaping Announce = { _, _ in },
        random: @escaping RandomNumber,
        onDamage: @escaping @Sendable (StoreFailure) -> Void = { _ in }
    ) throws(CentralError) {
        self.onDamage = onDamage
        self.path = path ?? "memory"
        isInMemory = path == nil
        (self.seal, self.random) = (seal, random)
        self.announce = announce
        opening = try Opening(path: self.path, isInMemory: isInMemory, seal, random: random)
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

    package func emptyLog() async throws(CentralError) {
        let opening = try current()
        do throws(DatabaseError) { try opening.database.checkpoint() } catch { throw CentralError(error) }
    }

    private func perform<R>(
        _ kind: Database.TransactionKind, _ body: (any CentralTransaction) throws(CentralError) -> R
    ) throws(CentralError) -> R {
        if let opening, !opening.database.isAtItsPath { close() }
        if let damage, opening != nil, kind == .immediate { throw CentralError.store(damage) }
        let opening = try current()
        let result: R
        do {
            result = try opening.session.transaction(kind, body)
        } catch {
            if case .store(let failure) = error { note(failure) }
            throw error
        }
        // What is committed to a file that has lost its name is lost with it, and must not be acknowledged.
        guard opening.database.isAtItsPath else {
            throw CentralError.store(StoreFailure(kind: .busy, description: "the database file was replaced"))
        }
        for (hospital, position) in opening.session.takeGrown() { announce(hospital, position) }
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
        case .full, .busy, .unknown, .foreign: break
        }
    }

    private func current() throws(CentralError) -> Opening {
        if let opening { return opening }
        let opening: Opening
        do throws(CentralError) {
            opening = try Opening(path: path, isInMemory: isInMemory, seal, random: random)
        } catch {
            if case .store(let failure) = error { note(failure) }
            throw error
        }
        (self.opening, damage) = (opening, nil)
        return opening
    }

    /// Before another opening: SQLite removes the log by its name when it closes a file, also the log of a new one.
    private func close() {
        if !isInMemory { opening = nil }
    }
}

/// One opening of the file.
private struct Opening {
    let database: Database
    let session: StoreSession

    init(
        path: String, isInMemory: Bool, _ seal: SealKey, random: @escaping StoreSession.RandomNumber
    ) throws(CentralError) {
        let (database, isSealed): (Database, Bool)
        do throws(DatabaseError) {
            database = try Database(
                path: path, mode: isInMemory ? .memory : .create, applicationID: Schema.applicationID)
            isSealed = try SQLConnection.file(database).isSealed()
        } catch {
            throw CentralError(error)
        }
        let secret = try seal.secret(isSealed: isSealed)
        self.database = database
        do throws(DatabaseError) {
            try Schema.migrator.migrate(database, secret: secret)
            try SQLConnection.file(database).openSeals(secret)
            session = StoreSession(.file(database), random: random)
            try session.mintEpoch()
        } catch {
            throw CentralError(error)
        }
    }
}
