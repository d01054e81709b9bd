import Persistence
import SyncProtocol

/// What bundles were answered.
extension SQLiteTransaction {
    func keep(_ answer: [UInt8], to message: BundlePlace, of device: DeviceID) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            if message.number == 0 {
                try database.execute("DELETE FROM bundle_answer WHERE device = ?", SQLiteValue(device))
            }
            return try database.execute(
                """
                INSERT INTO bundle_answer (device, number, answer) VALUES (?, ?, ?)
                ON CONFLICT (device, number) DO UPDATE SET answer = excluded.answer
                """,
                SQLiteValue(device), .integer(Int64(message.number)),
                .sealed(answer, .store(SealedColumn.answer)))
        }
    }

    func answers(to device: DeviceID) throws(CentralError) -> [[UInt8]] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT answer FROM bundle_answer WHERE device = ? ORDER BY number", SQLiteValue(device)
            ) { row throws(DatabaseError) in try row.sealed(0, SealedColumn.answer) }
        }
    }
}
