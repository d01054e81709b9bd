import Persistence

extension Schema {
    /// By what program the caches were made.
    static let orders: [StaticString] = [
        """
        CREATE TABLE cache_maker (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32)
        ) STRICT
        """
    ]
}
