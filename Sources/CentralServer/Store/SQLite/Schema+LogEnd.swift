import Persistence

extension Schema {
    /// The highest number that a change was ever given. Feeds name changes by their numbers: one that a damaged log has lost must
    /// not become another's.
    static let logEnd: [StaticString] = [
        """
        CREATE TABLE log_end (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        INSERT INTO log_end (id, number) SELECT 1, max(number) FROM (
            SELECT max(number) AS number FROM change UNION ALL SELECT max(change) FROM feed
        ) AS known HAVING max(number) IS NOT NULL
        """,
    ]
}
