import Persistence

extension WindowSchema {
    /// When a case left; up to where the feed, and which attachments, are in a verified backup of central's; and what was removed here
    /// because it is. All local. Cases that had left before count from the upgrade.
    static let addKeeping = Migration(
        "0016-keeping",
        [
            "ALTER TABLE departed ADD COLUMN departed_at INTEGER NOT NULL DEFAULT 0",
            "UPDATE departed SET departed_at = unixepoch() * 1000",
            "CREATE INDEX departed_by_time ON departed (departed_at, case_id)",
            """
            CREATE TABLE feed_backup (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL CHECK (position > 0)
            ) STRICT
            """,
            """
            CREATE TABLE attachment_backup (
                hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE kept_less (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                cases INTEGER NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL
            ) STRICT
            """,
        ])
}
