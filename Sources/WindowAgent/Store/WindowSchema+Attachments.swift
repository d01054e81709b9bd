import Persistence

extension WindowSchema {
    /// Which cases name an attachment in any of their changes, set-aside ones too, so that neither showing a photo nor
    /// clearing up folds anything. What was cached before is made anew.
    static let nameAttachments = Migration(
        "0011-attachments",
        [
            "UPDATE case_cache SET is_stale = 1",
            """
            CREATE TABLE attachment_name (
                hash BLOB NOT NULL CHECK (length(hash) = 32),
                case_id BLOB NOT NULL CHECK (length(case_id) = 16),
                PRIMARY KEY (hash, case_id)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX attachment_name_by_case ON attachment_name (case_id, hash)",
        ])
}
