import CSQLite

extension Database {
    /// How SQLite carries out one statement.
    struct Plan: Hashable {
        let sql: String
        /// SQLite's own words, one for each step: `SEARCH change USING INDEX …`, `SCAN change`.
        let steps: [String]
    }

    /// The plans of all statements that this connection has run and keeps prepared, for tests that refuse slow ones.
    func plans() throws(DatabaseError) -> [Plan] {
        var texts: Set<String> = []
        var statement = sqlite3_next_stmt(connection.handle, nil)
        while let next = statement {
            if let text = sqlite3_sql(next) { texts.insert(String(cString: text)) }
            statement = sqlite3_next_stmt(connection.handle, next)
        }
        var plans: [Plan] = []
        for text in texts.sorted() { plans.append(Plan(sql: text, steps: try steps(of: text))) }
        return plans
    }

    private func steps(of text: String) throws(DatabaseError) -> [String] {
        var prepared: OpaquePointer?
        let sql = "EXPLAIN QUERY PLAN " + text
        try connection.check(sqlite3_prepare_v2(connection.handle, sql, -1, &prepared, nil), sql: sql)
        defer { sqlite3_finalize(prepared) }
        var steps: [String] = []
        while sqlite3_step(prepared) == SQLITE_ROW {
            guard let detail = sqlite3_column_text(prepared, 3) else { continue }
            steps.append(String(cString: detail))
        }
        return steps
    }
}
