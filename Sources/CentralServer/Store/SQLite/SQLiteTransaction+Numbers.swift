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
                    .text(gone.kind.rawValue), HiddenNumber.stored(gone), SQLiteValue(caseID))
            }
            for added in new.subtracting(old) {
                try database.execute(
                    "INSERT INTO case_number (kind, number, case_id) VALUES (?, ?, ?)",
                    .text(added.kind.rawValue), HiddenNumber.stored(added), SQLiteValue(caseID))
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
            """, .text(number.kind.rawValue), HiddenNumber.stored(number))
    }

    func numbers(of caseID: CaseID) throws(CentralError) -> [NumberRecord] {
        try run { database throws(DatabaseError) in
            try database.rows("SELECT kind, number FROM case_number WHERE case_id = ?", SQLiteValue(caseID)) {
                row throws(DatabaseError) in try row.numberRecord()
            }
        }.sorted()
    }

    func uses(
        from first: CertificateNumber, through last: CertificateNumber
    ) throws(CentralError) -> [NumberUse] {
        let bounds = HiddenNumber.bounds(first, last)
        return try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT number, case_id FROM case_number WHERE kind = 'certificate' AND number BETWEEN ? AND ?
                """, bounds.0, bounds.1
            ) { row throws(DatabaseError) in try row.numberUse() }
        }.filter { first.description <= $0.number && $0.number <= last.description }
            .sorted { ($0.number, $0.caseID) < ($1.number, $1.caseID) }
    }

    func certificateUses(after: NumberUse?, countMax: Int) throws(CentralError) -> [NumberUse] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT number, case_id FROM case_number
                WHERE kind = 'certificate' AND (number, case_id) > (?, ?) ORDER BY number, case_id LIMIT ?
                """,
                after.map { HiddenNumber.stored(NumberRecord(kind: .certificate, number: $0.number)) } ?? "",
                .blob(after?.caseID.bytes ?? []), .integer(Int64(countMax))
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
                after.map { HiddenNumber.stored($0.number) } ?? "", .blob(after?.record.bytes ?? []),
                .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                guard let number = CertificateNumber(try row.name(0)) else {
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
                .text(kind.rawValue),
                after.map { HiddenNumber.stored(NumberRecord(kind: kind, number: $0.number)) } ?? "",
                .blob(after?.caseID.bytes ?? []),
                .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.numberUse() }
        }
    }
}

extension Row {
    /// `kind, number`.
    func numberRecord() throws(DatabaseError) -> NumberRecord {
        guard let kind = NumberRecord.Kind(rawValue: try text(0)) else {
            throw unexpected(0, wanted: "a kind of number")
        }
        return NumberRecord(kind: kind, number: try name(1))
    }

    /// `number, case_id`.
    fileprivate func numberUse() throws(DatabaseError) -> NumberUse {
        NumberUse(number: try name(0), caseID: try caseID(1))
    }
}
