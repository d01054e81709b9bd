import Persistence

extension WindowSchema {
    /// The order of central's that is being carried out, with what it came to so far; the version of the protocol that was
    /// agreed with central; and by what program the caches were made. All local.
    static let addOrders = Migration(
        "0012-orders",
        [
            """
            CREATE TABLE order_run (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                order_id TEXT NOT NULL,
                begun_at INTEGER NOT NULL,
                differing INTEGER NOT NULL DEFAULT 0 CHECK (differing >= 0),
                sent INTEGER NOT NULL DEFAULT 0 CHECK (sent >= 0),
                received INTEGER NOT NULL DEFAULT 0 CHECK (received >= 0)
            ) STRICT
            """,
            """
            CREATE TABLE agreed_version (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                version INTEGER NOT NULL CHECK (version > 0),
                epoch BLOB CHECK (length(epoch) = 8),
                software TEXT NOT NULL,
                agreed_at INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE cache_maker (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32)
            ) STRICT
            """,
        ])
}
