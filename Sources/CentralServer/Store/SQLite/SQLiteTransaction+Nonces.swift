import Persistence

/// The nonces of signed requests that had an effect.
extension SQLiteTransaction {
    func note(_ nonce: String, of device: DeviceID, milliseconds: UInt64) throws(CentralError) -> Bool {
        try run { database throws(DatabaseError) in
            let isKnown = try database.first(
                "SELECT 1 FROM signed_nonce WHERE device = ? AND nonce = ?", SQLiteValue(device), .text(nonce)
            ) { row throws(DatabaseError) in true }
            if isKnown != nil { return false }
            try database.execute(
                "INSERT INTO signed_nonce (device, nonce, at) VALUES (?, ?, ?)", SQLiteValue(device),
                .text(nonce), SQLiteValue(milliseconds))
            return true
        }
    }

    func forgetNonces(before milliseconds: UInt64) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM signed_nonce WHERE at < ?", SQLiteValue(milliseconds))
        }
    }

    func alarm(_ alarm: Alarm) throws(CentralError) -> AlarmRecord? {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT count, first, last FROM alarm WHERE kind = ? AND subject = ?",
                .text(alarm.kind.rawValue), .text(alarm.subject)
            ) { row throws(DatabaseError) in
                AlarmRecord(
                    alarm: alarm, count: try row.number(0), firstMilliseconds: try row.number(1),
                    lastMilliseconds: try row.number(2))
            }
        }
    }
}
