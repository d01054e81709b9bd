import Persistence
import SyncProtocol

/// What a list shows of many cases beside the cases themselves: as ``SQLiteTransaction/changes(of:)``, some with one statement.
extension SQLiteTransaction {
    func summaries(of cases: [CaseID]) throws(CentralError) -> [CaseID: CaseSummary] {
        var summaries: [CaseID: CaseSummary] = [:]
        for names in Self.names(cases) {
            let page = try run { database throws(DatabaseError) in
                try database.rows(
                    """
                    SELECT case_id, changes, fingerprint, conflicts, asides, forked, last FROM case_cache
                    WHERE case_id IN (
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                    )
                    """, with: names
                ) { row throws(DatabaseError) in try row.summary() }
            }
            for summary in page { summaries[summary.caseID] = summary }
        }
        return summaries
    }

    func sharedNumbers(of cases: [CaseID]) throws(CentralError) -> [CaseID: [NumberRecord]] {
        var numbers: [CaseID: [NumberRecord]] = [:]
        for names in Self.names(cases) {
            let page = try run { database throws(DatabaseError) in
                try database.rows(
                    """
                    SELECT kind, number, case_id FROM case_number WHERE shared = 1 AND case_id IN (
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                    )
                    """, with: names
                ) { row throws(DatabaseError) in (try row.caseID(2), try row.numberRecord()) }
            }
            for (id, number) in page { numbers[id, default: []].append(number) }
        }
        return numbers.mapValues { $0.sorted() }
    }

    func holders(
        of numbers: [NumberRecord], countMax: Int
    ) throws(CentralError) -> [NumberRecord: [CaseID]] {
        var holders: [NumberRecord: [CaseID]] = [:]
        for (kind, alike) in Dictionary(grouping: numbers, by: \.kind) {
            for names in Self.padded(alike.map { HiddenNumber.stored($0) }) {
                let count = SQLiteValue.integer(Int64(names.count * countMax))
                let page = try run { database throws(DatabaseError) in
                    try database.rows(
                        """
                        SELECT kind, number, case_id FROM case_number WHERE kind = ? AND number IN (
                        ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                        ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                        ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                        ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                        ) ORDER BY number, case_id LIMIT ?
                        """, with: [.text(kind.rawValue)] + names + [count]
                    ) { row throws(DatabaseError) in (try row.caseID(2), try row.numberRecord()) }
                }
                for (id, number) in page { holders[number, default: []].append(id) }
            }
        }
        return holders.mapValues { Array($0.prefix(countMax)) }
    }

    func waiting(_ ids: [ContentID]) throws(CentralError) -> [ContentID: WaitingRecord] {
        var records: [ContentID: WaitingRecord] = [:]
        for names in Self.padded(ids.map { SQLiteValue($0) }) {
            let page = try run { database throws(DatabaseError) in
                try database.rows(
                    """
                    SELECT replica, sequence, content, hospital, device, received, body FROM waiting WHERE content IN (
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                    )
                    """, with: names
                ) { row throws(DatabaseError) in try row.waiting() }
            }
            for record in page { records[record.id] = record }
        }
        return records
    }

    func unreadable(_ ids: [ContentID]) throws(CentralError) -> [ContentID: UnreadableRecord] {
        var records: [ContentID: UnreadableRecord] = [:]
        for names in Self.padded(ids.map { SQLiteValue($0) }) {
            let page = try run { database throws(DatabaseError) in
                try database.rows(
                    """
                    SELECT replica, sequence, content, chain, hospital, reason, received, body FROM unreadable
                    WHERE content IN (
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                    )
                    """, with: names
                ) { row throws(DatabaseError) in try row.unreadable() }
            }
            for record in page { records[record.id] = record }
        }
        return records
    }

    func voidedUses(countMax: Int) throws(CentralError) -> [NumberUse] {
        let uses = try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT n.number, n.case_id FROM voided_certificate AS v CROSS JOIN case_number AS n
                ON n.kind = 'certificate' AND n.number = v.number
                WHERE v.number > ? ORDER BY v.number, v.record, n.case_id LIMIT ?
                """, "", .integer(Int64(countMax))
            ) { row throws(DatabaseError) in NumberUse(number: try row.name(0), caseID: try row.caseID(1)) }
        }
        // A number may be voided in two records.
        return Array(Set(uses)).sorted { ($0.number, $0.caseID) < ($1.number, $1.caseID) }
    }

    /// Arguments for statements that name ``casesPerStatement`` values each; fewer are filled up with the first.
    static func padded(_ values: [SQLiteValue]) -> [[SQLiteValue]] {
        stride(from: 0, to: values.count, by: casesPerStatement).map { start in
            let some = Array(values[start..<min(start + casesPerStatement, values.count)])
            return some + Array(repeating: some[0], count: casesPerStatement - some.count)
        }
    }

    static func names(_ cases: [CaseID]) -> [[SQLiteValue]] { padded(cases.map { SQLiteValue($0) }) }
}
