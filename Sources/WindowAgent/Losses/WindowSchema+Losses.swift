import Persistence

extension WindowSchema {
    /// In which cases a person at central has put a value of this hospital's aside, so that the list folds no other: a cache, as
    /// `case_cache` is, which is made anew.
    static let addLosses = Migration(
        "0018-losses",
        [
            "UPDATE case_cache SET is_stale = 1",
            """
            CREATE TABLE loss (
                case_id BLOB NOT NULL PRIMARY KEY CHECK (length(case_id) = 16),
                unseen INTEGER NOT NULL CHECK (unseen >= 0),
                decided_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX loss_unseen ON loss (decided_at DESC, case_id) WHERE unseen > 0",
            "CREATE INDEX loss_recent ON loss (decided_at DESC, case_id)",
        ])
}
