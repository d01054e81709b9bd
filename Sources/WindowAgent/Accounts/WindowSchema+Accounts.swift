import Persistence

extension WindowSchema {
    /// Who is signed in here, and when central last answered: of this machine only, and never sent. A session is known by the hash of its
    /// token; `password` is a hash of the kept password, so that another password ends it.
    static let addSessions = Migration(
        "0024-sessions",
        [
            """
            CREATE TABLE session (
                id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
                account TEXT NOT NULL,
                password BLOB NOT NULL CHECK (length(password) = 32),
                began INTEGER NOT NULL,
                seen INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX session_by_account ON session (account, began)",
            "CREATE INDEX session_by_began ON session (began)",
            """
            CREATE TABLE contact (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL
            ) STRICT
            """,
        ])
}
