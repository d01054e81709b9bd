import PostgresCluster

@testable import CentralServer

#if Postgres
    import CentralPostgres
#endif

/// The store that the suites run on: SQLite, or PostgreSQL where that was asked for and a test needs no file.
enum TestStore {
    struct NoPostgres: Error {}

    static func open(
        path: String? = nil, announce: @escaping StoreSession.Announce = { _, _ in },
        random: @escaping StoreSession.RandomNumber
    ) throws -> any CentralStore {
        guard path == nil, PostgresCluster.isWanted else {
            return try SQLiteCentralStore(path: path, announce: announce, random: random)
        }
        #if Postgres
            let database = try PostgresCluster.shared.get().newDatabase()
            guard let address = PostgresAddress(database) else { throw NoPostgres() }
            return try PostgresCentralStore(address, announce: announce, random: random)
        #else
            throw NoPostgres()
        #endif
    }
}
