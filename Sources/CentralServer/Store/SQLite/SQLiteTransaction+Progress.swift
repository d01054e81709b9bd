import Casework
import Persistence
import SyncProtocol

/// How the cases stand.
extension SQLiteTransaction {
    func put(_ digest: ProgressDigest) throws(CentralError) {
        let (id, hospital) = (SQLiteValue(digest.caseID), SQLiteValue(digest.hospital))
        let days = digest.facts.days
        try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO case_fact (case_id, hospital, first_day, last_day, last_due, facts) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (case_id) DO UPDATE SET hospital = excluded.hospital, first_day = excluded.first_day,
                    last_day = excluded.last_day, last_due = excluded.last_due, facts = excluded.facts
                """, id, hospital, .integer(Int64(days.min() ?? 0)), .integer(Int64(days.max() ?? 0)),
                .integer(Int64(digest.lastDue)),
                .sealed(digest.facts.encoded, .of(digest.caseID.bytes, SealedColumn.facts)))
            try database.execute("DELETE FROM open_item WHERE case_id = ?", id)
            for item in digest.open {
                try database.execute(
                    """
                    INSERT INTO open_item (case_id, item, department, hospital, due, since, waits)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """, id, .text(item.item), .text(item.department), hospital,
                    .integer(Int64(item.due.dayNumber)), .integer(Int64(item.since.dayNumber)),
                    .text(item.waits.rawValue))
            }
        }
    }

    func dropProgress(of caseID: CaseID) throws(CentralError) {
        try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM case_fact WHERE case_id = ?", SQLiteValue(caseID))
            try database.execute("DELETE FROM open_item WHERE case_id = ?", SQLiteValue(caseID))
        }
    }

    func facts(
        _ query: FactQuery, after: FactPlace?, countMax: Int
    ) throws(CentralError) -> [FactRecord] {
        let (first, last) = (Int64(query.days.lowerBound), Int64(query.days.upperBound))
        let day = SQLiteValue.integer(after.map { Int64($0.lastDay) } ?? first)
        let place = SQLiteValue.blob(after?.caseID.bytes ?? [])
        return try run { database throws(DatabaseError) in
            guard let hospital = query.hospital else {
                return try database.rows(
                    """
                    SELECT f.case_id, f.last_day, f.hospital, f.facts, coalesce(a.lag, -1)
                    FROM case_fact AS f LEFT JOIN case_arrival AS a ON a.case_id = f.case_id
                    WHERE (f.last_day, f.case_id) > (?, ?) AND f.first_day <= ?
                    ORDER BY f.last_day, f.case_id LIMIT ?
                    """, day, place, .integer(last), .integer(Int64(countMax))
                ) { row throws(DatabaseError) in try row.fact() }
            }
            return try database.rows(
                """
                SELECT f.case_id, f.last_day, f.hospital, f.facts, coalesce(a.lag, -1)
                FROM case_fact AS f LEFT JOIN case_arrival AS a ON a.case_id = f.case_id
                WHERE f.hospital = ? AND (f.last_day, f.case_id) > (?, ?) AND f.first_day <= ?
                ORDER BY f.last_day, f.case_id LIMIT ?
                """, SQLiteValue(hospital), day, place, .integer(last), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.fact() }
        }
    }

    func cases(of hospital: HospitalID, dueFrom day: Int) throws(CentralError) -> [CaseID] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT case_id FROM case_fact WHERE hospital = ? AND last_due >= ?", SQLiteValue(hospital),
                .integer(Int64(day))
            ) { row throws(DatabaseError) in try row.caseID(0) }
        }
    }

    func voidCounts(on days: ClosedRange<Int>) throws(CentralError) -> [VoidCount] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT record, day, count(*) FROM voided_certificate WHERE day BETWEEN ? AND ? GROUP BY day, record
                """, .integer(Int64(days.lowerBound)), .integer(Int64(days.upperBound))
            ) { row throws(DatabaseError) in
                VoidCount(record: try row.caseID(0), day: try row.count(1), count: try row.count(2))
            }
        }
    }

    func noteArrival(of caseID: CaseID, lagSeconds: UInt64) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "INSERT INTO case_arrival (case_id, lag) VALUES (?, ?) ON CONFLICT (case_id) DO NOTHING",
                SQLiteValue(caseID), .integer(Int64(clamping: lagSeconds)))
        }
    }
}

extension Row {
    fileprivate func fact() throws(DatabaseError) -> FactRecord {
        let bytes = try sealed(3, SealedColumn.facts)
        let facts: CaseFacts
        do throws(CBORError) { facts = try CaseFacts(decoding: bytes) } catch {
            throw unexpected(3, wanted: "the facts of a case")
        }
        let lag = try count(4)
        return FactRecord(
            place: FactPlace(lastDay: try count(1), caseID: try caseID(0)), hospital: try hospital(2),
            facts: facts, lagSeconds: lag < 0 ? nil : lag)
    }
}
