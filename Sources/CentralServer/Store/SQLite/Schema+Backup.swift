import Persistence

extension Schema {
    /// How far each replica is in a verified backup, and which backup that was. A copy of the file takes both with it, and
    /// they are true of the copy: they speak of an earlier backup, and of no more than the copy holds.
    static let backup: [StaticString] = [
        "ALTER TABLE replica ADD COLUMN backed_up INTEGER NOT NULL DEFAULT 0 CHECK (backed_up BETWEEN 0 AND length)",
        """
        CREATE TABLE verified_backup (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL, made INTEGER NOT NULL,
            verified INTEGER NOT NULL
        ) STRICT
        """,
    ]
}
