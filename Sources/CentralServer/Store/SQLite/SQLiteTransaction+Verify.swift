import Persistence
import SyncProtocol

extension SQLiteTransaction {
    func scopeCases(
        of hospital: HospitalID, after: CaseID?, countMax: Int
    ) throws(CentralError) -> [ScopeCase] {
        let first = SQLiteValue.blob(after?.bytes ?? [])
        let cached = try cachedCases(of: hospital, after: first, countMax: countMax)
        guard let last = cached.last else { return [] }
        let logged = try loggedSums(of: hospital, after: first, through: SQLiteValue(last.caseID))
        return cached.map { one in
            ScopeCase(
                caseID: one.caseID, logged: logged[one.caseID], cached: one.cached, lastTime: one.lastTime)
        }
    }

    private func cachedCases(
        of hospital: HospitalID, after: SQLiteValue, countMax: Int
    ) throws(CentralError) -> [ScopeCase] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT s.case_id, c.fingerprint, c.last_time
                FROM scope AS s LEFT JOIN case_cache AS c ON c.case_id = s.case_id
                WHERE s.hospital = ? AND s.case_id > ? AND s."left" IS NULL ORDER BY s.case_id LIMIT ?
                """, SQLiteValue(hospital), after, .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                ScopeCase(
                    caseID: try row.caseID(0), logged: nil,
                    cached: try row.optionalBlob(1) == nil ? nil : try row.fingerprint(1),
                    lastTime: try row.optionalInteger(2).map { HybridTime(rawValue: UInt64(bitPattern: $0)) })
            }
        }
    }

    /// Of the log itself, through the index that holds the content IDs: no body is read.
    private func loggedSums(
        of hospital: HospitalID, after: SQLiteValue, through last: SQLiteValue
    ) throws(CentralError) -> [CaseID: Fingerprint] {
        try run { database throws(DatabaseError) in
            var sums: [CaseID: Fingerprint] = [:]
            try database.forEach(
                """
                SELECT g.case_id, g.content
                FROM scope AS s CROSS JOIN change AS g INDEXED BY change_by_dot ON g.case_id = s.case_id
                WHERE s.hospital = ? AND s.case_id > ? AND s.case_id <= ? AND s."left" IS NULL
                """, SQLiteValue(hospital), after, last
            ) { row throws(DatabaseError) in
                sums[try row.caseID(0), default: .empty].add(try row.contentID(1))
                return .more
            }
            return sums
        }
    }
}
