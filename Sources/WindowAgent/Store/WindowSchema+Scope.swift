import Persistence

extension WindowSchema {
    /// When a scope that differed agreed again; and what is left of a case that was wiped after it had left: names, no content.
    static let addScope = Migration(
        "0013-scope",
        [
            "ALTER TABLE sync_state ADD COLUMN mended_at INTEGER",
            """
            CREATE TABLE wiped_change (
                content BLOB NOT NULL PRIMARY KEY CHECK (length(content) = 32),
                case_id BLOB NOT NULL CHECK (length(case_id) = 16),
                replica BLOB NOT NULL CHECK (length(replica) = 8),
                sequence INTEGER NOT NULL CHECK (sequence > 0),
                edition INTEGER NOT NULL CHECK (edition > 0),
                position INTEGER CHECK (position > 0)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX wiped_change_by_case ON wiped_change (case_id)",
        ])
}
