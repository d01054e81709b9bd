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

    func dropCache(of caseID: CaseID) throws(CentralError) {
        let id = SQLiteValue(caseID)
        try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM case_cache WHERE case_id = ?", id)
            try database.execute("DELETE FROM conflict WHERE case_id = ?", id)
            try database.execute("DELETE FROM aside WHERE case_id = ?", id)
            try database.execute("DELETE FROM task WHERE case_id = ?", id)
            try database.execute("DELETE FROM result WHERE case_id = ?", id)
        }
    }

    func lostEntries(of hospital: HospitalID) throws(CentralError) -> [LostEntry] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT f.change, p.chain, f.chain FROM feed AS f
                LEFT JOIN feed AS p ON p.hospital = f.hospital AND p.position = f.position - 1
                WHERE f.hospital = ? AND f.kind IN (1, 6) AND NOT EXISTS (SELECT 1 FROM change WHERE number = f.change)
                """, SQLiteValue(hospital)
            ) { row throws(DatabaseError) in
                LostEntry(
                    number: ChangeNumber(rawValue: try row.integer(0)),
                    before: try row.optionalChain(1) ?? .start, after: try row.chain(2))
            }
        }
    }
}
