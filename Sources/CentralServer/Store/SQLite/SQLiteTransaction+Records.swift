import Casework
import Persistence
import SyncProtocol

/// What is cached of hospitals' records.
extension SQLiteTransaction {
    func put(_ digest: RecordDigest) throws(CentralError) -> Bool {
        let record = SQLiteValue(digest.record)
        let isOther = try policies(of: digest.record) != Set(digest.policies)
        let isWithdrawnElsewise = try put(withdrawals: digest.withdrawn, of: digest.record)
        try run { database throws(DatabaseError) in
            if isOther {
                try database.execute("DELETE FROM published_policy WHERE record = ?", record)
                for policy in digest.policies {
                    try database.execute(
                        "INSERT INTO published_policy (id, version, record) VALUES (?, ?, ?)",
                        .text(policy.id),
                        .integer(Int64(policy.version)), record)
                }
            }
            try database.execute("DELETE FROM certificate_range WHERE record = ?", record)
            for range in digest.ranges {
                try database.execute(
                    "INSERT INTO certificate_range (record, first, last, assigned) VALUES (?, ?, ?, ?)",
                    record,
                    HiddenNumber.stored(range.first), HiddenNumber.stored(range.last),
                    .text(range.date?.description ?? ""))
            }
            try database.execute("DELETE FROM voided_certificate WHERE record = ?", record)
            for number in digest.voids {
                try database.execute(
                    "INSERT INTO voided_certificate (number, record, day) VALUES (?, ?, ?)",
                    HiddenNumber.stored(number), record, .integer(Int64(digest.voidDays[number] ?? 0)))
            }
        }
        // What one hospital may not go by, others may.
        return isOther || isWithdrawnElsewise && digest.record == .centralRecord
    }

    private func policies(of record: CaseID) throws(CentralError) -> Set<PolicyName> {
        Set(
            try run { database throws(DatabaseError) in
                try database.rows(
                    "SELECT id, version FROM published_policy WHERE record = ?", SQLiteValue(record)
                ) { row throws(DatabaseError) in
                    PolicyName(id: try row.text(0), version: try row.count(1))
                }
            })
    }

    func publishedPolicies() throws(CentralError) -> [PublishedPlace] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT id, version, record FROM published_policy AS p WHERE NOT EXISTS (
                    SELECT 1 FROM published_policy AS o
                    WHERE o.id = p.id AND o.version = p.version AND o.record < p.record
                ) ORDER BY id, version
                """
            ) { row throws(DatabaseError) in
                PublishedPlace(id: try row.text(0), version: try row.count(1), record: try row.caseID(2))
            }
        }
    }

    func records(holding policy: PolicyName) throws(CentralError) -> [CaseID] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT record FROM published_policy WHERE id = ? AND version = ? ORDER BY record",
                .text(policy.id), .integer(Int64(policy.version))
            ) { row throws(DatabaseError) in try row.caseID(0) }
        }
    }

    func ranges(of record: CaseID) throws(CentralError) -> [CertificateRange] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT record, first, last, assigned FROM certificate_range WHERE record = ?
                """, SQLiteValue(record)
            ) { row throws(DatabaseError) in try row.heldRange().range }
        }.sorted { ($0.first, $0.last) < ($1.first, $1.last) }
    }

    func ranges(overlapping range: CertificateRange) throws(CentralError) -> [HeldRange] {
        // No range is longer than `countMax`, so that none which begins further before reaches the first number.
        let before =
            range.first.advanced(by: 1 - CertificateRange.countMax).map { HiddenNumber.floor($0) }
            ?? .text(String(range.first.description.prefix(1)))
        return try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT record, first, last, assigned FROM certificate_range
                WHERE first BETWEEN ? AND ? AND last >= ?
                """, before, HiddenNumber.ceiling(range.last), HiddenNumber.floor(range.first)
            ) { row throws(DatabaseError) in try row.heldRange() }
        }.filter { $0.range.overlaps(range) }
            .sorted { ($0.range.first, $0.range.last) < ($1.range.first, $1.range.last) }
    }

    func ranges(after: HeldRange?, countMax: Int) throws(CentralError) -> [HeldRange] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT record, first, last, assigned FROM certificate_range
                WHERE (record, first, last, assigned) > (?, ?, ?, ?)
                ORDER BY record, first, last, assigned LIMIT ?
                """,
                .blob(after?.record.bytes ?? []), after.map { HiddenNumber.stored($0.range.first) } ?? "",
                after.map { HiddenNumber.stored($0.range.last) } ?? "",
                .text(after?.range.date?.description ?? ""),
                .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.heldRange() }
        }
    }
}

extension Row {
    /// `record, first, last, assigned`.
    fileprivate func heldRange() throws(DatabaseError) -> HeldRange {
        guard let first = CertificateNumber(try name(1)), let last = CertificateNumber(try name(2)),
            // Only ranges are put here.
            let range = try? CertificateRange(first: first, last: last, date: CalendarDate(try text(3)))
        else { throw unexpected(1, wanted: "a range of certificates") }
        return HeldRange(record: try caseID(0), range: range)
    }
}
