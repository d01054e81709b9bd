import Cryptography
import Persistence
import SyncProtocol

/// The same child in two cases.
extension SQLiteTransaction {
    func duplicateCase(_ caseID: CaseID) throws(CentralError) -> DuplicateCase? {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT fingerprint, merged_into FROM duplicate_case WHERE case_id = ?", SQLiteValue(caseID)
            ) { row throws(DatabaseError) in
                DuplicateCase(
                    caseID: caseID, fingerprint: try row.digest(0),
                    mergedInto: try row.optionalBlob(1) == nil ? nil : try row.caseID(1))
            }
        }
    }

    func put(_ record: DuplicateCase, tokens: [[UInt8]]) throws(CentralError) {
        let id = SQLiteValue(record.caseID)
        try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO duplicate_case (case_id, fingerprint, merged_into) VALUES (?, ?, ?)
                ON CONFLICT (case_id) DO UPDATE SET fingerprint = excluded.fingerprint,
                    merged_into = excluded.merged_into
                """, id, .digest(record.fingerprint.bytes), SQLiteValue(record.mergedInto?.bytes))
            let known = try database.rows("SELECT token FROM duplicate_key WHERE case_id = ?", id) {
                row throws(DatabaseError) in try row.blob(0)
            }
            for gone in Set(known).subtracting(tokens) {
                try database.execute(
                    "DELETE FROM duplicate_key WHERE token = ? AND case_id = ?", .blob(gone), id)
            }
            for added in Set(tokens).subtracting(known) {
                try database.execute(
                    "INSERT INTO duplicate_key (token, case_id) VALUES (?, ?)", .blob(added), id)
            }
        }
    }

    func cases(foundBy token: [UInt8], countMax: Int) throws(CentralError) -> [CaseID] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT case_id FROM duplicate_key WHERE token = ? ORDER BY case_id LIMIT ?", .blob(token),
                .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.caseID(0) }
        }
    }

    func duplicatePairs(of caseID: CaseID, countMax: Int) throws(CentralError) -> [DuplicatePair] {
        let (id, count) = (SQLiteValue(caseID), SQLiteValue.integer(Int64(countMax)))
        return try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT first_case, second_case, score, codes, state FROM duplicate_pair WHERE first_case = ?
                ORDER BY second_case LIMIT ?
                """, id, count
            ) { row throws(DatabaseError) in try row.duplicatePair() }
                + database.rows(
                    """
                    SELECT first_case, second_case, score, codes, state FROM duplicate_pair WHERE second_case = ?
                    ORDER BY first_case LIMIT ?
                    """, id, count
                ) { row throws(DatabaseError) in try row.duplicatePair() }
        }
    }

    func duplicatePair(_ cases: CasePair) throws(CentralError) -> DuplicatePair? {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT first_case, second_case, score, codes, state FROM duplicate_pair
                WHERE first_case = ? AND second_case = ?
                """, SQLiteValue(cases.first), SQLiteValue(cases.second)
            ) { row throws(DatabaseError) in try row.duplicatePair() }
        }
    }

    func put(_ pair: DuplicatePair) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO duplicate_pair (first_case, second_case, score, codes, state, since)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (first_case, second_case) DO UPDATE SET score = excluded.score, codes = excluded.codes,
                    state = excluded.state
                """, SQLiteValue(pair.cases.first), SQLiteValue(pair.cases.second),
                .integer(Int64(pair.score)), .text(pair.codes.joined(separator: " ")),
                .text(pair.state.rawValue), SQLiteValue(pair.sinceMilliseconds))
        }
    }

    func dropDuplicatePair(_ cases: CasePair) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "DELETE FROM duplicate_pair WHERE first_case = ? AND second_case = ?",
                SQLiteValue(cases.first),
                SQLiteValue(cases.second))
        }
    }

    func duplicatePairs(
        _ filter: DuplicateFilter, after: DuplicatePlace?, countMax: Int
    ) throws(CentralError) -> [DuplicatePair] {
        let (state, score) = (SQLiteValue.text(filter.state.rawValue), SQLiteValue(UInt64(filter.scoreMin)))
        let code = SQLiteValue.text(filter.code.map { "% \($0) %" } ?? "%")
        let since = SQLiteValue(after?.sinceMilliseconds ?? 0)
        let first = SQLiteValue.blob(after?.cases.first.bytes ?? [])
        let second = SQLiteValue.blob(after?.cases.second.bytes ?? [])
        let count = SQLiteValue.integer(Int64(countMax))
        return try run { database throws(DatabaseError) in
            guard let hospital = filter.hospital else {
                return try database.rows(
                    """
                    SELECT first_case, second_case, score, codes, state FROM duplicate_pair
                    WHERE state = ? AND (since, first_case, second_case) > (?, ?, ?) AND score >= ?
                        AND ' ' || codes || ' ' LIKE ?
                    ORDER BY since, first_case, second_case LIMIT ?
                    """, state, since, first, second, score, code, count
                ) { row throws(DatabaseError) in try row.duplicatePair() }
            }
            return try database.rows(
                """
                SELECT first_case, second_case, score, codes, state FROM duplicate_pair
                WHERE state = ? AND (since, first_case, second_case) > (?, ?, ?) AND score >= ?
                    AND ' ' || codes || ' ' LIKE ? AND EXISTS (
                        SELECT 1 FROM scope WHERE case_id IN (first_case, second_case) AND hospital = ?
                            AND "left" IS NULL)
                ORDER BY since, first_case, second_case LIMIT ?
                """, state, since, first, second, score, code, SQLiteValue(hospital), count
            ) { row throws(DatabaseError) in try row.duplicatePair() }
        }
    }
}

extension Row {
    /// `first_case, second_case, score, codes, state`.
    fileprivate func duplicatePair() throws(DatabaseError) -> DuplicatePair {
        guard let state = DuplicatePair.State(rawValue: try text(4)) else {
            throw unexpected(4, wanted: "a state of a pair")
        }
        return DuplicatePair(
            cases: CasePair(try caseID(0), try caseID(1)), score: try count(2),
            codes: try text(3).split(separator: " ").map(String.init), state: state)
    }
}
