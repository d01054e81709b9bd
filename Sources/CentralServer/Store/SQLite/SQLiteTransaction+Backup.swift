import Cryptography
import Persistence
import SyncProtocol

extension SQLiteTransaction {
    func note(_ backup: VerifiedBackup, reaching watermarks: [Watermark]) throws(CentralError) {
        try run { database throws(DatabaseError) in
            for watermark in watermarks {
                // A replica that is shorter here is not the one of the backup: the file was replaced meanwhile.
                try database.execute(
                    "UPDATE replica SET backed_up = ?1 WHERE id = ?2 AND length >= ?1 AND backed_up < ?1",
                    SQLiteValue(watermark.sequence), SQLiteValue(watermark.replica))
            }
            try database.execute(
                """
                INSERT INTO verified_backup (id, name, made, verified) VALUES (1, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, made = excluded.made, verified = excluded.verified
                """,
                .text(backup.name), SQLiteValue(backup.madeMilliseconds),
                SQLiteValue(backup.verifiedMilliseconds))
        }
    }

    func verifiedBackup() throws(CentralError) -> VerifiedBackup? {
        try run { database throws(DatabaseError) in
            try database.first("SELECT name, made, verified FROM verified_backup WHERE id = 1") {
                row throws(DatabaseError) in
                VerifiedBackup(
                    name: try row.text(0), madeMilliseconds: try row.number(1),
                    verifiedMilliseconds: try row.number(2))
            }
        }
    }

    func backedUp(_ replica: ReplicaID) throws(CentralError) -> UInt64 {
        try run { database throws(DatabaseError) in
            try database.first("SELECT backed_up FROM replica WHERE id = ?", SQLiteValue(replica)) {
                row throws(DatabaseError) in try row.number(0)
            } ?? 0
        }
    }

    func noteBackup(of hospital: HospitalID, through point: FeedPoint) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            // As a manifest has it: hidden, as it is stored.
            try database.execute(
                """
                INSERT INTO feed_backup (hospital, position)
                SELECT hospital, position FROM feed WHERE hospital = ? AND position = ? AND chain = ?
                ON CONFLICT (hospital) DO UPDATE SET position = excluded.position
                WHERE feed_backup.position < excluded.position
                """, SQLiteValue(hospital), SQLiteValue(point.position), .blob(point.chain.bytes))
        }
    }

    func backedUpPosition(of hospital: HospitalID) throws(CentralError) -> UInt64 {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT position FROM feed_backup WHERE hospital = ?", SQLiteValue(hospital)
            ) { row throws(DatabaseError) in try row.number(0) } ?? 0
        }
    }

    func attachmentBackups(
        after: Digest?, countMax: Int
    ) throws(CentralError) -> [AttachmentBackup] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT n.hash, max(CASE WHEN b.hash IS NULL THEN 0 ELSE 1 END)
                FROM attachment_name AS n LEFT JOIN attachment_backup AS b ON b.hash = n.hash
                WHERE n.hash > ? GROUP BY n.hash ORDER BY n.hash LIMIT ?
                """, after.map { .digest($0.bytes) } ?? .blob([]), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                AttachmentBackup(hash: try row.digest(0), isBackedUp: try row.integer(1) == 1)
            }
        }
    }

    func note(_ attachment: AttachmentBackup) throws(CentralError) {
        let hash = SQLiteValue.digest(attachment.hash.bytes)
        _ = try run { database throws(DatabaseError) in
            if attachment.isBackedUp {
                try database.execute(
                    "INSERT INTO attachment_backup (hash) VALUES (?) ON CONFLICT DO NOTHING", hash)
            } else {
                try database.execute("DELETE FROM attachment_backup WHERE hash = ?", hash)
            }
        }
    }

    func isBackedUp(_ attachment: Digest) throws(CentralError) -> Bool {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT 1 FROM attachment_backup WHERE hash = ?", .digest(attachment.bytes)
            ) { row throws(DatabaseError) in try row.integer(0) } != nil
        }
    }
}
