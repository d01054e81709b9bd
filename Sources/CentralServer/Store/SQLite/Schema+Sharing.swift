import Persistence

extension Schema {
    /// What processes over one database know each other by: a number for what is published, and a code of each key file.
    static let sharing: [StaticString] = [
        """
        CREATE TABLE rules_mark (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), mark INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE key_mark (
            name TEXT NOT NULL PRIMARY KEY, mark BLOB NOT NULL CHECK (length(mark) = 32)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
