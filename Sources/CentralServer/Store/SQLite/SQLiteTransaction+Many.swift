import Persistence
import SyncProtocol

/// Reading what a list shows of many cases: some cases with one statement, so that a page costs as many for two lines as for fifty.
extension SQLiteTransaction {
    /// Cases that one statement names.
    static let casesPerStatement = 64

    func changes(of cases: [CaseID]) throws(CentralError) -> [CaseID: [NumberedChange]] {
        var changes: [CaseID: [NumberedChange]] = [:]
        for names in Self.names(cases) {
            let page = try run { database throws(DatabaseError) in
                try database.rows(
                    """
                    SELECT number, replica, sequence, content, body, received FROM change WHERE case_id IN (
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                    ) ORDER BY number
                    """, with: names
                ) { row throws(DatabaseError) in
                    NumberedChange(
                        number: ChangeNumber(rawValue: try row.integer(0)), change: try row.change(1),
                        milliseconds: try row.number(5))
                }
            }
            for item in page { changes[item.change.caseID, default: []].append(item) }
        }
        return changes
    }

    func scopes(of cases: [CaseID]) throws(CentralError) -> [CaseID: [Scope]] {
        var scopes: [CaseID: [Scope]] = [:]
        for names in Self.names(cases) {
            let page = try run { database throws(DatabaseError) in
                try database.rows(
                    """
                    SELECT case_id, hospital, entered, "left" FROM scope WHERE case_id IN (
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                    ) ORDER BY case_id, hospital
                    """, with: names
                ) { row throws(DatabaseError) in
                    Scope(
                        hospital: try row.hospital(1), caseID: try row.caseID(0), entered: try row.number(2),
                        left: try row.optionalInteger(3).map(UInt64.init(bitPattern:)))
                }
            }
            for scope in page { scopes[scope.caseID, default: []].append(scope) }
        }
        return scopes
    }

    func caseNumbers(of cases: [CaseID]) throws(CentralError) -> [CaseID: String] {
        var numbers: [CaseID: String] = [:]
        for names in Self.names(cases) {
            let page = try run { database throws(DatabaseError) in
                try database.rows(
                    """
                    SELECT kind, number, case_id FROM case_number WHERE kind = 'case' AND case_id IN (
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                    )
                    """, with: names
                ) { row throws(DatabaseError) in (try row.caseID(2), try row.numberRecord().number) }
            }
            for (id, number) in page { numbers[id] = min(numbers[id] ?? number, number) }
        }
        return numbers
    }

    func claims(of department: String) throws(CentralError) -> [ClaimedTask: TaskClaim] {
        let claims = try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT case_id, item, holder, expires FROM task_claim WHERE department = ?",
                .text(department)
            ) { row throws(DatabaseError) in
                (
                    ClaimedTask(caseID: try row.caseID(0), item: try row.text(1)),
                    TaskClaim(holder: try row.text(2), expires: try row.number(3))
                )
            }
        }
        return Dictionary(claims, uniquingKeysWith: { first, _ in first })
    }

    func openTaskCounts(of department: String) throws(CentralError) -> [TaskRecord.State: Int] {
        let counts = try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT state, count(*) FROM task WHERE department = ? AND state IN ('ready', 'held') GROUP BY state
                """, .text(department)
            ) { row throws(DatabaseError) in (TaskRecord.State(rawValue: try row.text(0)), try row.count(1)) }
        }
        var known: [TaskRecord.State: Int] = [:]
        for (state, count) in counts { if let state { known[state] = count } }
        return known
    }

    func caseCounts(since milliseconds: UInt64) throws(CentralError) -> [HospitalID: Int] {
        let first = CaseID(milliseconds: milliseconds, random: (0, 0))
        let hospitals = try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT hospital FROM scope WHERE case_id >= ? AND \"left\" IS NULL", SQLiteValue(first)
            ) { row throws(DatabaseError) in try row.hospital(0) }
        }
        return hospitals.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    func samples(from hour: Int) throws(CentralError) -> [HospitalID: [LagSample]] {
        let samples = try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT hospital, hour, lag, outbox, oldest, silent FROM lag_sample WHERE hour >= ? ORDER BY hour",
                .integer(Int64(hour))
            ) { row throws(DatabaseError) in try row.sample() }
        }
        return Dictionary(grouping: samples, by: \.hospital)
    }
}
