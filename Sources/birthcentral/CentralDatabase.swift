import CentralServer
import Commands

#if Postgres
    import CentralPostgres
#endif

/// What `--database` names.
enum CentralDatabase {
    /// - Throws: a sentence that quotes nothing of the text, which may hold a password.
    static func shared(_ text: String) throws(CommandError) -> SharedDatabase {
        #if Postgres
            guard let address = PostgresAddress(text) else { throw unknown }
            return PostgresCentralStore.shared(at: address)
        #else
            throw text.hasPrefix("postgres:") ? notBuilt : unknown
        #endif
    }

    static var notBuilt: CommandError {
        CommandError(
            "this birthcentral was built without PostgreSQL: build it with swift build --traits Postgres",
            status: .configuration)
    }

    private static var unknown: CommandError {
        CommandError(
            "--database takes postgres:CONNINFO, as in: postgres:host=/run/postgresql dbname=birthcentral",
            status: .usage)
    }
}
