import Persistence
import SyncProtocol

/// What was last heard of devices, and the departments.
extension SQLiteTransaction {
    func put(_ contact: Contact) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO contact
                    (device, at, clock_error, cursor, repair, outbox, oldest, software, sent_at, bundle)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (device) DO UPDATE SET at = excluded.at, clock_error = excluded.clock_error,
                    cursor = excluded.cursor, repair = excluded.repair, outbox = excluded.outbox,
                    oldest = excluded.oldest, software = excluded.software, sent_at = excluded.sent_at,
                    bundle = excluded.bundle
                """,
                SQLiteValue(contact.device), SQLiteValue(contact.milliseconds),
                .integer(contact.clockErrorMilliseconds), SQLiteValue(contact.cursor),
                .integer(contact.isRepair ? 1 : 0),
                SQLiteValue(contact.report.map { Int64(bitPattern: $0.outboxCount) }),
                SQLiteValue(contact.report.map { Int64(bitPattern: $0.oldestMilliseconds) }),
                SQLiteValue(contact.report?.softwareVersion), SQLiteValue(contact.sentMilliseconds),
                SQLiteValue(contact.bundle?.bytes))
        }
    }

    func asideCount(in hospital: HospitalID) throws(CentralError) -> Int {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT CAST(coalesce(sum(c.asides), 0) AS BIGINT)
                FROM scope AS s CROSS JOIN case_cache AS c ON c.case_id = s.case_id
                WHERE s.hospital = ? AND s."left" IS NULL
                """, SQLiteValue(hospital)
            ) { row throws(DatabaseError) in try row.count(0) } ?? 0
        }
    }

    func contacts(of hospital: HospitalID) throws(CentralError) -> [Contact] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT c.device, c.at, c.clock_error, c.cursor, c.repair, c.outbox, c.oldest, c.software, c.sent_at,
                    c.bundle
                FROM device AS d JOIN contact AS c ON c.device = d.id WHERE d.hospital = ? ORDER BY d.id
                """, SQLiteValue(hospital)
            ) { row throws(DatabaseError) in try row.contact() }
        }
    }

    func contact(of device: DeviceID) throws(CentralError) -> Contact? {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT device, at, clock_error, cursor, repair, outbox, oldest, software, sent_at, bundle
                FROM contact WHERE device = ?
                """, SQLiteValue(device)
            ) { row throws(DatabaseError) in try row.contact() }
        }
    }

    func departments() throws(CentralError) -> [DepartmentRecord] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT code, name, token_hash, disabled, old_hash, old_until FROM department ORDER BY code
                """
            ) { row throws(DatabaseError) in try row.department() }
        }
    }

    func department(_ code: String) throws(CentralError) -> DepartmentRecord? {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT code, name, token_hash, disabled, old_hash, old_until FROM department WHERE code = ?
                """, .text(code)
            ) { row throws(DatabaseError) in try row.department() }
        }
    }

    func put(_ department: DepartmentRecord) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO department (code, name, token_hash, disabled, old_hash, old_until)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (code) DO UPDATE SET name = excluded.name, token_hash = excluded.token_hash,
                    disabled = excluded.disabled, old_hash = excluded.old_hash, old_until = excluded.old_until
                """, .text(department.code),
                .sealedText(department.name, .store(SealedColumn.department)), .blob(department.tokenHash),
                .integer(department.isDisabled ? 1 : 0), .blob(department.oldHash),
                SQLiteValue(department.oldUntil))
        }
    }
}

extension Row {
    fileprivate func contact() throws(DatabaseError) -> Contact {
        var contact = Contact(
            device: try device(0), milliseconds: try number(1), clockErrorMilliseconds: try integer(2),
            cursor: try number(3), isRepair: try integer(4) == 1, report: try report(5))
        contact.sentMilliseconds = try number(8)
        contact.bundle = try optionalBlob(9).flatMap { BundleID(bytes: $0) }
        return contact
    }

    fileprivate func report(_ first: Int32) throws(DatabaseError) -> ExchangeRequest.Report? {
        guard let outbox = try optionalInteger(first) else { return nil }
        return ExchangeRequest.Report(
            outboxCount: UInt64(bitPattern: outbox), oldestMilliseconds: try number(first + 1),
            softwareVersion: try text(first + 2))
    }

    fileprivate func department() throws(DatabaseError) -> DepartmentRecord {
        var department = DepartmentRecord(
            code: try text(0), name: try sealedText(1, SealedColumn.department), tokenHash: try blob(2))
        department.isDisabled = try integer(3) == 1
        (department.oldHash, department.oldUntil) = (try blob(4), try number(5))
        return department
    }
}
