import Casework
import Persistence
import SyncProtocol

/// What is cached for administration.
extension SQLiteTransaction {
    func withdrawals(in record: CaseID) throws(CentralError) -> [PolicyName] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT id, version FROM withdrawn_policy WHERE record = ? ORDER BY id, version",
                SQLiteValue(record)
            ) { row throws(DatabaseError) in PolicyName(id: try row.text(0), version: try row.count(1)) }
        }
    }

    func records(withdrawing policy: PolicyName) throws(CentralError) -> [CaseID] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT record FROM withdrawn_policy WHERE id = ? AND version = ? ORDER BY record",
                .text(policy.id), .integer(Int64(policy.version))
            ) { row throws(DatabaseError) in try row.caseID(0) }
        }
    }

    /// - Returns: whether they differ from those that were there.
    func put(withdrawals: [PolicyName], of record: CaseID) throws(CentralError) -> Bool {
        guard Set(try self.withdrawals(in: record)) != Set(withdrawals) else { return false }
        try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM withdrawn_policy WHERE record = ?", SQLiteValue(record))
            for policy in withdrawals {
                try database.execute(
                    "INSERT INTO withdrawn_policy (id, version, record) VALUES (?, ?, ?)", .text(policy.id),
                    .integer(Int64(policy.version)), SQLiteValue(record))
            }
        }
        return true
    }

    func caseCount(under policy: PolicyName) throws(CentralError) -> Int {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT count(*) FROM case_course WHERE policy = ? AND version = ?", .text(policy.id),
                .integer(Int64(policy.version))
            ) { row throws(DatabaseError) in try row.count(0) } ?? 0
        }
    }

    func put(_ course: CourseRecord, of caseID: CaseID) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            guard !course.isEmpty else {
                return try database.execute("DELETE FROM case_course WHERE case_id = ?", SQLiteValue(caseID))
            }
            return try database.execute(
                """
                INSERT INTO case_course (case_id, policy, version, ended, archived) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (case_id) DO UPDATE SET policy = excluded.policy, version = excluded.version,
                    ended = excluded.ended, archived = excluded.archived
                """,
                SQLiteValue(caseID), .text(course.policy?.id ?? ""),
                .integer(Int64(course.policy?.version ?? 0)), SQLiteValue(course.endedMilliseconds),
                .integer(course.isArchived ? 1 : 0))
        }
    }

    func endedCases(
        isArchived: Bool, after: EndedCase?, countMax: Int
    ) throws(CentralError) -> [EndedCase] {
        // Cases that go on have 0: the first place lies behind all of them.
        let place = (
            SQLiteValue(after?.endedMilliseconds ?? 0),
            SQLiteValue.blob(after?.caseID.bytes ?? [UInt8](repeating: 0xFF, count: 17))
        )
        return try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT case_id, ended FROM case_course WHERE archived = ? AND (ended, case_id) > (?, ?)
                ORDER BY ended, case_id LIMIT ?
                """, .integer(isArchived ? 1 : 0), place.0, place.1, .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                EndedCase(caseID: try row.caseID(0), endedMilliseconds: try row.number(1))
            }
        }
    }

    func noteAct(_ number: ChangeNumber) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "INSERT INTO act (number) VALUES (?) ON CONFLICT (number) DO NOTHING",
                .integer(number.rawValue))
        }
    }

    func acts(before: ChangeNumber?, countMax: Int) throws(CentralError) -> [NumberedChange] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT c.number, replica, sequence, content, body, received
                FROM act AS a CROSS JOIN change AS c ON c.number = a.number
                WHERE a.number < ? ORDER BY a.number DESC LIMIT ?
                """, .integer(before?.rawValue ?? .max), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                NumberedChange(
                    number: ChangeNumber(rawValue: try row.integer(0)), change: try row.change(1),
                    milliseconds: try row.number(5))
            }
        }
    }

    func cases(
        of hospital: HospitalID, after last: CaseID?, countMax: Int
    ) throws(CentralError) -> [CaseID] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT case_id FROM scope WHERE hospital = ? AND case_id > ? AND "left" IS NULL
                ORDER BY case_id LIMIT ?
                """, SQLiteValue(hospital), .blob(last?.bytes ?? []), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.caseID(0) }
        }
    }
}
