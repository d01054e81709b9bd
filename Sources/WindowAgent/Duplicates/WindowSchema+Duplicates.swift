import Persistence

extension WindowSchema {
    /// Where the same child is looked for in other cases: keyed tokens. Made of the log.
    static let findDuplicates = Migration(
        "0017-duplicates",
        [
            """
            CREATE TABLE duplicate_key (
                token BLOB NOT NULL CHECK (length(token) = 16),
                case_id BLOB NOT NULL CHECK (length(case_id) = 16),
                PRIMARY KEY (token, case_id)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX duplicate_key_by_case ON duplicate_key (case_id, token)",
        ])
}
