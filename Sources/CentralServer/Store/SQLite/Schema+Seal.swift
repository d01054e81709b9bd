import Persistence

extension Schema {
    /// What is personal, or tells of it, is sealed. Of the caches, which are made anew, nothing is kept.
    static let seal: [StaticString] =
        SQLConnection.sealTables + [
            "DELETE FROM cache_maker", "DELETE FROM case_cache", "DELETE FROM conflict", "DELETE FROM aside",
            "DELETE FROM result", "DELETE FROM desk_entry", "DELETE FROM case_number",
            "DELETE FROM attachment_name",
            "DELETE FROM certificate_range", "DELETE FROM voided_certificate", "DELETE FROM duplicate_case",
            "DELETE FROM case_fact", "DELETE FROM record_calendar", "DELETE FROM record_setting",
        ]

    static func sealOldRows(_ store: SQLConnection) throws(DatabaseError) -> Int {
        try sealLog(store) + sealFeeds(store) + sealOthers(store)
    }

    private static func sealLog(_ store: SQLConnection) throws(DatabaseError) -> Int {
        let changes = try store.resealByNumber(
            "SELECT number, content, chain, body, case_id FROM change WHERE number > ? ORDER BY number LIMIT ?",
            "UPDATE change SET content = ?, chain = ?, body = ? WHERE number = ?"
        ) {
            [$0[1].asDigest, $0[2].asDigest, $0[3].asSealed(.of($0[4].plainBytes, SealedColumn.body)), $0[0]]
        }
        let replicas = try store.reseal(
            "SELECT id, chain FROM replica", "UPDATE replica SET chain = ? WHERE id = ?"
        ) { [$0[1].asDigest, $0[0]] }
        let unreadable = try store.reseal(
            "SELECT replica, sequence, content, chain, body FROM unreadable",
            "UPDATE unreadable SET content = ?, chain = ?, body = ? WHERE replica = ? AND sequence = ?"
        ) { [$0[2].asDigest, $0[3].asDigest, $0[4].asSealed(.store(SealedColumn.stray)), $0[0], $0[1]] }
        let waiting = try store.reseal(
            "SELECT content, body FROM waiting", "UPDATE waiting SET content = ?, body = ? WHERE content = ?"
        ) { [$0[0].asDigest, $0[1].asSealed(.store(SealedColumn.stray)), $0[0]] }
        return changes + replicas + unreadable + waiting
    }

    private static func sealFeeds(_ store: SQLConnection) throws(DatabaseError) -> Int {
        var count = 0
        let hospitals = try store.rows("SELECT id FROM hospital ORDER BY id") {
            row throws(DatabaseError) in try row.blob(0)
        }
        for hospital in hospitals { count += try sealFeed(of: .blob(hospital), store) }
        let heads = try store.reseal(
            "SELECT id, chain, fingerprint, name FROM hospital",
            "UPDATE hospital SET chain = ?, fingerprint = ?, name = ? WHERE id = ?"
        ) { [$0[1].asDigest, $0[2].asDigest, $0[3].asSealed(.store(SealedColumn.hospital)), $0[0]] }
        return count + heads
    }

    private static func sealFeed(
        of hospital: SQLiteValue, _ store: SQLConnection
    ) throws(DatabaseError) -> Int {
        var (last, count): (Int64, Int) = (0, 0)
        while true {
            let page = try store.rows(
                """
                SELECT position, chain, fingerprint FROM feed WHERE hospital = ? AND position > ?
                ORDER BY position LIMIT 1000
                """, hospital, .integer(last)
            ) { row throws(DatabaseError) in
                (position: try row.integer(0), chain: try row.blob(1), sum: try row.blob(2))
            }
            for entry in page {
                try store.execute(
                    "UPDATE feed SET chain = ?, fingerprint = ? WHERE hospital = ? AND position = ?",
                    .digest(entry.chain), .digest(entry.sum), hospital, .integer(entry.position))
            }
            count += page.count
            guard let end = page.last else { return count }
            last = end.position
        }
    }

    private static func sealOthers(_ store: SQLConnection) throws(DatabaseError) -> Int {
        let departments = try store.reseal(
            "SELECT code, name FROM department", "UPDATE department SET name = ? WHERE code = ?"
        ) { [$0[1].asSealed(.store(SealedColumn.department)), $0[0]] }
        let tasks = try store.reseal(
            "SELECT department, case_id, item, reason, mark FROM task",
            "UPDATE task SET reason = ?, mark = ? WHERE department = ? AND case_id = ? AND item = ?"
        ) {
            [
                $0[3].asSealed(.of($0[1].plainBytes, SealedColumn.task)),
                SQLiteValue(hiding: $0[4].plainBytes),
                $0[0], $0[1], $0[2],
            ]
        }
        let answers = try store.reseal(
            "SELECT device, number, answer FROM bundle_answer",
            "UPDATE bundle_answer SET answer = ? WHERE device = ? AND number = ?"
        ) { [$0[2].asSealed(.store(SealedColumn.answer)), $0[0], $0[1]] }
        let conditions = try store.reseal(
            "SELECT device, condition, rules FROM device_condition",
            "UPDATE device_condition SET condition = ?, rules = ? WHERE device = ?"
        ) {
            [
                $0[1].asSealed(.store(SealedColumn.condition)), $0[2].asSealed(.store(SealedColumn.rules)),
                $0[0],
            ]
        }
        let wants = try store.reseal(
            "SELECT device, hash FROM attachment_want",
            "UPDATE attachment_want SET hash = ? WHERE device = ? AND hash = ?"
        ) { [$0[1].asDigest, $0[0], $0[1]] }
        let backups = try store.reseal(
            "SELECT hash FROM attachment_backup", "UPDATE attachment_backup SET hash = ? WHERE hash = ?"
        ) { [$0[0].asDigest, $0[0]] }
        return departments + tasks + answers + conditions + wants + backups
    }
}

/// Where central seals what.
enum SealedColumn {
    static let body = "change.body"
    /// Of what entered no case.
    static let stray = "stray.body"
    static let facts = "case_fact.facts"
    static let task = "task.reason"
    static let hospital = "hospital.name"
    static let department = "department.name"
    static let answer = "bundle_answer.answer"
    static let condition = "device_condition.condition"
    static let rules = "device_condition.rules"
    static let calendar = "record_calendar.days"
    static let setting = "record_setting.content"
    static let auditLine = "audit_line.line"
}
