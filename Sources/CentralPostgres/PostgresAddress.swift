#if Postgres
    /// Where a PostgreSQL database is and how to come there: what follows `postgres:`, as libpq reads it (`host=… dbname=…`, or
    /// the rest of a `postgres://` address). It may hold a password, so it has no description.
    package struct PostgresAddress: Hashable, Sendable {
        let connectionString: String

        /// - Parameter text: begins with `postgres:`; nil if it does not.
        package init?(_ text: String) {
            let scheme = "postgres:"
            guard text.hasPrefix(scheme) else { return nil }
            let rest = text.dropFirst(scheme.count)
            connectionString = rest.hasPrefix("//") ? text : String(rest)
        }
    }

    extension PostgresAddress: CustomStringConvertible {
        package var description: String { "postgres:…" }
    }
#endif
