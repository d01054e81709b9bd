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
}
