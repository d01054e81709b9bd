import Persistence

extension WindowSchema {
    /// How many items of a case its departments have sent back, so that the list of them folds nothing. What was cached before is made
    /// anew.
    static let addReturns = Migration(
        "0019-returns",
        [
            "ALTER TABLE case_cache ADD COLUMN returned INTEGER NOT NULL DEFAULT 0",
            "UPDATE case_cache SET is_stale = 1",
            "CREATE INDEX case_cache_returned ON case_cache (changed_at DESC, case_id) WHERE returned > 0",
        ])
}
