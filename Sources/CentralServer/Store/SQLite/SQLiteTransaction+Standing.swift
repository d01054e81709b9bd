import Casework
import Persistence
import SyncProtocol

/// How hospitals stand.
extension SQLiteTransaction {
    func put(_ condition: DeviceCondition) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO device_condition (device, at, protocol, condition, rules) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (device) DO UPDATE SET at = excluded.at, protocol = excluded.protocol,
                    condition = excluded.condition, rules = excluded.rules
                """, SQLiteValue(condition.device), SQLiteValue(condition.milliseconds),
                .integer(Int64(clamping: condition.version)),
                .sealed(condition.condition.encoded, .store(SealedColumn.condition)),
                .sealed(
                    ExchangeRequest.HeldPolicy.encode(condition.policies), .store(SealedColumn.rules)))
        }
    }

    func conditions(of hospital: HospitalID) throws(CentralError) -> [DeviceCondition] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT c.device, c.at, c.protocol, c.condition, c.rules
                FROM device AS d JOIN device_condition AS c ON c.device = d.id WHERE d.hospital = ? ORDER BY d.id
                """, SQLiteValue(hospital)
            ) { row throws(DatabaseError) in try row.condition() }
        }
    }

    func strayCounts(of hospital: HospitalID) throws(CentralError) -> (unreadable: Int, waiting: Int) {
        try run { database throws(DatabaseError) in
            let unreadable = try database.first(
                "SELECT count(*) FROM unreadable WHERE hospital = ?", SQLiteValue(hospital)
            ) { row throws(DatabaseError) in try row.count(0) }
            let waiting = try database.first(
                "SELECT count(*) FROM waiting WHERE hospital = ?", SQLiteValue(hospital)
            ) { row throws(DatabaseError) in try row.count(0) }
            return (unreadable ?? 0, waiting ?? 0)
        }
    }

    func conflictCount(in hospital: HospitalID) throws(CentralError) -> Int {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT CAST(coalesce(sum(c.conflicts), 0) AS BIGINT)
                FROM scope AS s CROSS JOIN case_cache AS c ON c.case_id = s.case_id
                WHERE s.hospital = ? AND s."left" IS NULL
                """, SQLiteValue(hospital)
            ) { row throws(DatabaseError) in try row.count(0) } ?? 0
        }
    }

    func takenCount(of range: CertificateRange, in record: CaseID) throws(CentralError) -> Int {
        let (first, last) = HiddenNumber.bounds(range.first, range.last)
        let found = try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT number FROM case_number WHERE kind = 'certificate' AND number BETWEEN ? AND ?
                UNION SELECT number FROM voided_certificate WHERE number BETWEEN ? AND ? AND record = ?
                """, first, last, first, last, SQLiteValue(record)
            ) { row throws(DatabaseError) in try row.name(0) }
        }
        return found.count { CertificateNumber($0).map(range.contains) ?? false }
    }

    func openItemCounts(
        of hospital: HospitalID, lateBefore day: Int
    ) throws(CentralError) -> (late: Int, open: Int) {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT coalesce(sum(CASE WHEN due < ? THEN 1 ELSE 0 END), 0), count(*) FROM open_item WHERE hospital = ?
                """, .integer(Int64(day)), SQLiteValue(hospital)
            ) { row throws(DatabaseError) in (try row.count(0), try row.count(1)) } ?? (0, 0)
        }
    }

    func queueSizes() throws(CentralError) -> QueueSizes {
        try run { database throws(DatabaseError) in
            let sizes = try database.first(
                """
                SELECT (SELECT count(*) FROM conflict), (SELECT count(*) FROM aside), (SELECT count(*) FROM waiting),
                    (SELECT count(*) FROM unreadable), (SELECT coalesce(max(number), 0) FROM change),
                    (SELECT count(*) FROM attachment_want)
                """
            ) { row throws(DatabaseError) in
                QueueSizes(
                    conflicts: try row.count(0), asides: try row.count(1), waiting: try row.count(2),
                    unreadable: try row.count(3), changes: try row.count(4), wants: try row.count(5))
            }
            return sizes
                ?? QueueSizes(conflicts: 0, asides: 0, waiting: 0, unreadable: 0, changes: 0, wants: 0)
        }
    }
}

/// The samples of each hour.
extension SQLiteTransaction {
    func put(_ sample: LagSample) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO lag_sample (hospital, hour, lag, outbox, oldest, silent) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (hospital, hour) DO NOTHING
                """, SQLiteValue(sample.hospital), .integer(Int64(sample.hour)), SQLiteValue(sample.lag),
                SQLiteValue(sample.outbox), SQLiteValue(sample.oldestSeconds),
                SQLiteValue(sample.silentSeconds))
        }
    }

    func dropSamples(before hour: Int) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM lag_sample WHERE hour < ?", .integer(Int64(hour)))
        }
    }

    func samples(of hospital: HospitalID, from hour: Int) throws(CentralError) -> [LagSample] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT hospital, hour, lag, outbox, oldest, silent FROM lag_sample WHERE hospital = ? AND hour >= ?
                ORDER BY hospital, hour
                """, SQLiteValue(hospital), .integer(Int64(hour))
            ) { row throws(DatabaseError) in try row.sample() }
        }
    }

    func hasSample(at hour: Int) throws(CentralError) -> Bool {
        try run { database throws(DatabaseError) in
            try database.first("SELECT hour FROM lag_sample WHERE hour = ? LIMIT 1", .integer(Int64(hour))) {
                row throws(DatabaseError) in try row.count(0)
            } != nil
        }
    }
}

extension Row {
    fileprivate func condition() throws(DatabaseError) -> DeviceCondition {
        let bytes = (
            condition: try sealed(3, SealedColumn.condition), policies: try sealed(4, SealedColumn.rules)
        )
        let (condition, policies): (ExchangeRequest.Condition, [ExchangeRequest.HeldPolicy])
        do throws(CBORError) {
            condition = try ExchangeRequest.Condition(decoding: bytes.condition)
            policies = try ExchangeRequest.HeldPolicy.decode(bytes.policies)
        } catch {
            throw unexpected(3, wanted: "what a computer told of itself")
        }
        return DeviceCondition(
            device: try device(0), milliseconds: try number(1), version: try number(2), condition: condition,
            policies: policies)
    }
}

extension Row {
    /// A sample from all the columns of its table.
    func sample() throws(DatabaseError) -> LagSample {
        LagSample(
            hospital: try hospital(0), hour: try count(1), lag: try number(2), outbox: try number(3),
            oldestSeconds: try number(4), silentSeconds: try number(5))
    }
}
