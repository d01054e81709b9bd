import Casework
import Persistence
import SyncProtocol

/// The numbers that cases hold. `shared` is kept at every change of a case's numbers, so that looking for collisions reads
/// nothing but collisions.
extension SQLiteTransaction {
    /// Replaces the numbers of a case. Most changes leave them as they are: then nothing is written.
    ///
    /// - Returns: those that it holds now and did not, or the reverse.
    func put(_ numbers: [NumberRecord], of caseID: CaseID) throws(CentralError) -> Set<NumberRecord> {
        let (old, new) = (Set(try self.numbers(of: caseID)), Set(numbers))
        guard old != new else { return [] }
        try run { database throws(DatabaseError) in
            for gone in old.subtracting(new) {
                try database.execute(
                    "DELETE FROM case_number WHERE kind = ? AND number = ? AND case_id = ?",
                    .text(gone.kind.rawValue), .text(gone.number), SQLiteValue(caseID))
            }
            for added in new.subtracting(old) {
                try database.execute(
                    "INSERT INTO case_number (kind, number, case_id) VALUES (?, ?, ?)",
                    .text(added.kind.rawValue), .text(added.number), SQLiteValue(caseID))
            }
            for number in old.symmetricDifference(new) { try Self.mark(number, in: database) }
        }
        return old.symmetricDifference(new)
    }

    /// Notes on all holders of a number whether there are several.
    private static func mark(_ number: NumberRecord, in database: SQLConnection) throws(DatabaseError) {
        try database.execute(
            """
            UPDATE case_number SET shared = 1 - shared WHERE kind = ?1 AND number = ?2 AND shared <> (
                SELECT CASE WHEN count(*) > 1 THEN 1 ELSE 0 END FROM case_number WHERE kind = ?1 AND number = ?2
            )
            """, .text(number.kind.rawValue), .text(number.number))
    }

    func numbers(of caseID: CaseID) throws(CentralError) -> [NumberRecord] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT kind, number FROM case_number WHERE case_id = ? ORDER BY kind, number",
                SQLiteValue(caseID)
            ) { row throws(DatabaseError) in
                guard let kind = NumberRecord.Kind(rawValue: try row.text(0)) else {
                    throw row.unexpected(0, wanted: "a kind of number")
                }
                return NumberRecord(kind: kind, number: try row.text(1))
            }
        }
    }

    func uses(
        from first: CertificateNumber, through last: CertificateNumber
    ) throws(CentralError) -> [NumberUse] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT number, case_id FROM case_number WHERE kind = 'certificate' AND number BETWEEN ? AND ?
                ORDER BY number, case_id
                """, .text(first.description), .text(last.description)
            ) { row throws(DatabaseError) in try row.numberUse() }
        }
    }

    func certificateUses(after: NumberUse?, countMax: Int) throws(CentralError) -> [NumberUse] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT number, case_id FROM case_number
                WHERE kind = 'certificate' AND (number, case_id) > (?, ?) ORDER BY number, case_id LIMIT ?
                """,
                .text(after?.number ?? ""), .blob(after?.caseID.bytes ?? []), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.numberUse() }
        }
    }

    func voids(after: HeldVoid?, countMax: Int) throws(CentralError) -> [HeldVoid] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT number, record FROM voided_certificate WHERE (number, record) > (?, ?)
                ORDER BY number, record LIMIT ?
                """,
                .text(after?.number.description ?? ""), .blob(after?.record.bytes ?? []),
                .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                guard let number = CertificateNumber(try row.text(0)) else {
                    throw row.unexpected(0, wanted: "a certificate's number")
                }
                return HeldVoid(number: number, record: try row.caseID(1))
            }
        }
    }

    func sharedNumbers(
        of kind: NumberRecord.Kind, after: NumberUse?, countMax: Int
    ) throws(CentralError) -> [NumberUse] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT number, case_id FROM case_number INDEXED BY case_number_shared
                WHERE shared = 1 AND kind = ? AND (number, case_id) > (?, ?) ORDER BY number, case_id LIMIT ?
                """,
                .text(kind.rawValue), .text(after?.number ?? ""), .blob(after?.caseID.bytes ?? []),
                .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.numberUse() }
        }
    }
}

extension Row {
    /// `number, case_id`.
    fileprivate func numberUse() throws(DatabaseError) -> NumberUse {
        NumberUse(number: try text(0), caseID: try caseID(1))
    }
}
