import Persistence

extension Schema {
    /// `attachment_name` is made of the log, like every cache; the caches of cases go, so that it is filled. `attachment_want`
    /// is what central lacks and of whom it is wanted (`asked`: when that was last told to the computer, 0 for never).
    static let attachments: [StaticString] = [
        "DELETE FROM case_cache",
        """
        CREATE TABLE attachment_name (
            hash BLOB NOT NULL CHECK (length(hash) = 32), case_id BLOB NOT NULL CHECK (length(case_id) = 16),
            PRIMARY KEY (hash, case_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX attachment_name_by_case ON attachment_name (case_id, hash)",
        """
        CREATE TABLE attachment_want (
            device BLOB NOT NULL REFERENCES device (id), hash BLOB NOT NULL CHECK (length(hash) = 32),
            asked INTEGER NOT NULL CHECK (asked >= 0), PRIMARY KEY (device, hash)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX attachment_want_by_time ON attachment_want (device, asked, hash)",
        "CREATE INDEX attachment_want_by_name ON attachment_want (hash)",
    ]
}
