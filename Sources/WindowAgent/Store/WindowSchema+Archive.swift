import Persistence

extension WindowSchema {
    /// Cases that central put away, made of the log: the lists of the others are as quick as if they were not there.
    static let addArchive = Migration(
        "0021-archive",
        [
            """
            ALTER TABLE case_cache ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1))
            """,
            "DROP INDEX case_cache_recent",
            "DROP INDEX case_cache_by_stage",
            "CREATE INDEX case_cache_recent ON case_cache (archived, changed_at DESC, case_id)",
            "CREATE INDEX case_cache_by_stage ON case_cache (stage, archived, changed_at DESC, case_id)",
        ])
}
