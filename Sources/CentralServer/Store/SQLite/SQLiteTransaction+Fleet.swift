import Persistence
import SyncProtocol

extension SQLiteTransaction {
    func hospitals() throws(CentralError) -> [HospitalRecord] {
        try run { database throws(DatabaseError) in
            try database.rows("SELECT id, code, name, added FROM hospital ORDER BY code") {
                row throws(DatabaseError) in try row.hospitalRecord()
            }
        }
    }

    func hospital(_ id: HospitalID) throws(CentralError) -> HospitalRecord? {
        try run { database throws(DatabaseError) in
            try database.first("SELECT id, code, name, added FROM hospital WHERE id = ?", SQLiteValue(id)) {
                row throws(DatabaseError) in try row.hospitalRecord()
            }
        }
    }

    func hospital(code: String) throws(CentralError) -> HospitalRecord? {
        try run { database throws(DatabaseError) in
            try database.first("SELECT id, code, name, added FROM hospital WHERE code = ?", .text(code)) {
                row throws(DatabaseError) in try row.hospitalRecord()
            }
        }
    }

    func put(_ hospital: HospitalRecord) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO hospital (id, code, name, added, position, chain, fingerprint) VALUES (?, ?, ?, ?, 0, ?, ?)
                ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name
                """,
                SQLiteValue(hospital.id), .text(hospital.code),
                .sealedText(hospital.name, .store(SealedColumn.hospital)),
                SQLiteValue(hospital.addedMilliseconds), SQLiteValue(Chain.start),
                SQLiteValue(Fingerprint.empty))
        }
    }

    func device(_ id: DeviceID) throws(CentralError) -> DeviceRecord? {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT id, hospital, public_key, enrolled, revoked, next_public_key, last_replica FROM device
                WHERE id = ?
                """, SQLiteValue(id)
            ) { row throws(DatabaseError) in try row.deviceRecord() }
        }
    }

    func isPublicKeyKnown(_ publicKey: [UInt8]) throws(CentralError) -> Bool {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT 1 FROM device WHERE public_key = ?1 OR next_public_key = ?1", .blob(publicKey)
            ) {
                row throws(DatabaseError) in true
            } ?? false
        }
    }

    func devices(of hospital: HospitalID) throws(CentralError) -> [DeviceRecord] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT id, hospital, public_key, enrolled, revoked, next_public_key, last_replica FROM device
                WHERE hospital = ? ORDER BY id
                """,
                SQLiteValue(hospital)
            ) { row throws(DatabaseError) in try row.deviceRecord() }
        }
    }

    func put(_ device: DeviceRecord) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO device (id, hospital, public_key, enrolled, revoked, next_public_key, last_replica)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET public_key = excluded.public_key, revoked = excluded.revoked,
                    next_public_key = excluded.next_public_key, last_replica = excluded.last_replica
                """,
                SQLiteValue(device.id), SQLiteValue(device.hospital), .blob(device.publicKey),
                SQLiteValue(device.enrolledMilliseconds), .integer(device.isRevoked ? 1 : 0),
                SQLiteValue(device.nextPublicKey),
                SQLiteValue(device.lastReplica.map { Int64(bitPattern: $0.rawValue) }))
        }
    }

    func put(_ token: EnrolmentToken) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO enrolment_token (hash, hospital, expires, device) VALUES (?, ?, ?, ?)
                ON CONFLICT (hash) DO UPDATE SET device = excluded.device
                """,
                .blob(token.hash), SQLiteValue(token.hospital), SQLiteValue(token.expiresMilliseconds),
                SQLiteValue(token.device?.bytes))
        }
    }

    func enrolmentToken(hash: [UInt8]) throws(CentralError) -> EnrolmentToken? {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT hospital, expires, device FROM enrolment_token WHERE hash = ?", .blob(hash)
            ) {
                row throws(DatabaseError) in
                EnrolmentToken(
                    hash: hash, hospital: try row.hospital(0), expiresMilliseconds: try row.number(1),
                    device: try row.optionalBlob(2) == nil ? nil : try row.device(2))
            }
        }
    }
}

extension Row {
    fileprivate func hospitalRecord() throws(DatabaseError) -> HospitalRecord {
        HospitalRecord(
            id: try hospital(0), code: try text(1), name: try sealedText(2, SealedColumn.hospital),
            addedMilliseconds: try number(3))
    }

    fileprivate func deviceRecord() throws(DatabaseError) -> DeviceRecord {
        var record = DeviceRecord(
            id: try device(0), hospital: try hospital(1), publicKey: try blob(2),
            enrolledMilliseconds: try number(3), isRevoked: try integer(4) == 1)
        record.nextPublicKey = try optionalBlob(5)
        record.lastReplica = try optionalInteger(6).map { ReplicaID(rawValue: UInt64(bitPattern: $0)) }
        return record
    }
}
