import Persistence

extension Schema {
    /// Who is signed in at central: in the store, so that any process behind a load balancer knows. A session is known by the hash of its
    /// token; `password` is a hash of the kept password, so that another password ends it.
    static let sessions: [StaticString] = [
        """
        CREATE TABLE session (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32), account TEXT NOT NULL,
            password BLOB NOT NULL CHECK (length(password) = 32), began INTEGER NOT NULL, seen INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX session_by_account ON session (account, began)",
        "CREATE INDEX session_by_began ON session (began)",
    ]
}
