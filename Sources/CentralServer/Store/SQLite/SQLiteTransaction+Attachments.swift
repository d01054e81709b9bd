import Cryptography
import Persistence
import SyncProtocol

extension SQLiteTransaction {
    func name(_ attachments: [Digest], in caseID: CaseID) throws(CentralError) {
        try run { database throws(DatabaseError) in
            for hash in attachments {
                try database.execute(
                    "INSERT INTO attachment_name (hash, case_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    .digest(hash.bytes), SQLiteValue(caseID))
            }
        }
    }

    func attachments(of caseID: CaseID) throws(CentralError) -> [Digest] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT hash FROM attachment_name WHERE case_id = ?", SQLiteValue(caseID)
            ) { row throws(DatabaseError) in try row.digest(0) }.sorted()
        }
    }

    func attachments(after: Digest?, countMax: Int) throws(CentralError) -> [Digest] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT DISTINCT hash FROM attachment_name WHERE hash > ? ORDER BY hash LIMIT ?",
                after.map { .digest($0.bytes) } ?? .blob([]), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.digest(0) }
        }
    }

    func isNamed(_ attachment: Digest, inScopeOf hospital: HospitalID) throws(CentralError) -> Bool {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT 1 FROM attachment_name AS n CROSS JOIN scope AS s ON s.case_id = n.case_id AND s.hospital = ?
                WHERE n.hash = ? LIMIT 1
                """, SQLiteValue(hospital), .digest(attachment.bytes)
            ) { row throws(DatabaseError) in try row.integer(0) } != nil
        }
    }

    func want(_ attachment: Digest) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO attachment_want (device, hash, asked)
                SELECT DISTINCT d.id, n.hash, 0
                FROM attachment_name AS n
                CROSS JOIN scope AS s ON s.case_id = n.case_id AND s."left" IS NULL
                CROSS JOIN device AS d ON d.hospital = s.hospital AND d.revoked = 0
                WHERE n.hash = ? ON CONFLICT DO NOTHING
                """, .digest(attachment.bytes))
        }
    }

    func unwant(_ attachment: Digest) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM attachment_want WHERE hash = ?", .digest(attachment.bytes))
        }
    }

    func wants(of device: DeviceID, askedBefore: UInt64, countMax: Int) throws(CentralError) -> [Digest] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT hash FROM attachment_want WHERE device = ? AND asked < ? ORDER BY asked, hash LIMIT ?
                """, SQLiteValue(device), SQLiteValue(askedBefore), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.digest(0) }
        }
    }

    func noteAsked(
        _ attachments: [Digest], of device: DeviceID, milliseconds: UInt64
    ) throws(CentralError) {
        try run { database throws(DatabaseError) in
            for hash in attachments {
                try database.execute(
                    "UPDATE attachment_want SET asked = ? WHERE device = ? AND hash = ?",
                    SQLiteValue(milliseconds), SQLiteValue(device), .digest(hash.bytes))
            }
        }
    }
}
