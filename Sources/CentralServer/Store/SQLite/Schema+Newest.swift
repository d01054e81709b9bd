import Persistence

extension Schema {
    /// Lists that show the newest first, by a column: PostgreSQL numbers no rows.
    static let newestFirst: [StaticString] = [
        "CREATE INDEX unreadable_by_time ON unreadable (received, replica, sequence)",
        "CREATE INDEX waiting_by_time ON waiting (received, content)",
    ]
}
