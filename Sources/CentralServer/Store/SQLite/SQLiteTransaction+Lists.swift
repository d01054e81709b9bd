import Persistence
import SyncProtocol

/// Reading the caches page by page.
extension SQLiteTransaction {
    func summaries(
        before: CaseID?, in hospital: HospitalID?, countMax: Int
    ) throws(CentralError) -> [CaseSummary] {
        let before = SQLiteValue.blob(before?.bytes ?? [UInt8](repeating: 0xFF, count: 17))
        let count = SQLiteValue.integer(Int64(countMax))
        return try run { database throws(DatabaseError) in
            guard let hospital else {
                return try database.rows(
                    """
                    SELECT case_id, changes, fingerprint, conflicts, asides, forked, last FROM case_cache
                    WHERE case_id < ? AND NOT EXISTS (
                        SELECT 1 FROM case_course AS k WHERE k.case_id = case_cache.case_id AND k.archived = 1
                    ) ORDER BY case_id DESC LIMIT ?
                    """, before, count
                ) { row throws(DatabaseError) in try row.summary() }
            }
            return try database.rows(
                """
                SELECT c.case_id, changes, fingerprint, conflicts, asides, forked, last
                FROM scope AS s CROSS JOIN case_cache AS c ON c.case_id = s.case_id
                WHERE s.hospital = ? AND s.case_id < ? AND s."left" IS NULL AND NOT EXISTS (
                    SELECT 1 FROM case_course AS k WHERE k.case_id = s.case_id AND k.archived = 1
                ) ORDER BY s.case_id DESC LIMIT ?
                """, SQLiteValue(hospital), before, count
            ) { row throws(DatabaseError) in try row.summary() }
        }
    }

    func conflicts(
        after: (caseID: CaseID, group: GroupID)?, countMax: Int
    ) throws(CentralError) -> [ConflictRecord] {
        let place = (
            SQLiteValue.blob(after?.caseID.bytes ?? []),
            SQLiteValue.integer(Int64(after?.group.rawValue ?? 0))
        )
        return try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT case_id, group_id, dots FROM conflict WHERE (case_id, group_id) > (?, ?)
                ORDER BY case_id, group_id LIMIT ?
                """, place.0, place.1, .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                ConflictRecord(
                    caseID: try row.caseID(0),
                    group: GroupID(rawValue: UInt32(truncatingIfNeeded: try row.number(1))),
                    dots: try row.dots(2))
            }
        }
    }

    func asides(
        after: (caseID: CaseID, id: ContentID)?, countMax: Int
    ) throws(CentralError) -> [AsideRecord] {
        let place = (
            SQLiteValue.blob(after?.caseID.bytes ?? []), after.map { SQLiteValue($0.id) } ?? .blob([])
        )
        return try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT case_id, content, reasons, dots FROM aside WHERE (case_id, content) > (?, ?)
                ORDER BY case_id, content LIMIT ?
                """, place.0, place.1, .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                AsideRecord(
                    caseID: try row.caseID(0), id: try row.contentID(1),
                    reasons: try row.text(2).split(separator: "\n").map(String.init), dots: try row.dots(3))
            }
        }
    }
}
