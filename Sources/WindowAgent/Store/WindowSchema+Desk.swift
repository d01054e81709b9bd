import Persistence

extension WindowSchema {
    /// Which cases a clerk has to look at because several values stand or a change was set aside, so that these lists and their counts
    /// walk nothing else.
    static let addDeskLists = Migration(
        "0027-desk-lists",
        [
            "CREATE INDEX case_cache_disputed ON case_cache (changed_at DESC, case_id) WHERE conflicts > 0",
            "CREATE INDEX case_cache_aside ON case_cache (changed_at DESC, case_id) WHERE asides > 0",
        ])
}
