@testable import CentralServer
@testable import Persistence

/// Central's file as the programs kept it before stores were sealed.
actor PlainStore: CentralStore {
    static let migrations = Migrator(
        Array(Schema.migrator.migrations.prefix { $0.identifier.description < "0022" }))

    private let database: Database
    private let session: StoreSession
    private let announce: StoreSession.Announce

    init(
        path: String, announce: @escaping StoreSession.Announce, random: @escaping StoreSession.RandomNumber
    ) throws {
        database = try Database(path: path, mode: .create, applicationID: Schema.applicationID)
        try Self.migrations.migrate(database)
        // What today's statements count with; it goes when the file is closed.
        try database.execute("CREATE TEMP TABLE log_end (id INTEGER NOT NULL PRIMARY KEY, number INTEGER)")
        try SQLConnection.file(database).openSealsIfSealed(nil)
        session = StoreSession(.file(database), random: random)
        try session.mintEpoch()
        self.announce = announce
    }

    func write<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R {
        let result = try session.transaction(.immediate, body)
        for (hospital, position) in session.takeGrown() { announce(hospital, position) }
        return result
    }

    func read<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R {
        try session.transaction(.deferred, body)
    }
}

extension World {
    /// Central before stores were sealed.
    static func plain(seed: UInt64 = 1, path: String) throws -> World {
        try World(seed: seed) { try PlainStore(path: path, announce: $0, random: $1) }
    }
}
