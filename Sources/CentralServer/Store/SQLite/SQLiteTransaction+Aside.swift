import Persistence
import SyncProtocol

/// What could not become a change, and alarms.
extension SQLiteTransaction {
    func insert(_ unreadable: UnreadableRecord) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO unreadable (replica, sequence, content, chain, hospital, reason, received, body)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                SQLiteValue(unreadable.replica), SQLiteValue(unreadable.sequence), SQLiteValue(unreadable.id),
                SQLiteValue(unreadable.chain), SQLiteValue(unreadable.hospital), .text(unreadable.reason),
                SQLiteValue(unreadable.milliseconds), .sealed(unreadable.body, .store(SealedColumn.stray)))
        }
    }

    func insert(_ waiting: WaitingRecord) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO waiting (content, replica, sequence, hospital, device, received, body)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """,
                SQLiteValue(waiting.id), SQLiteValue(waiting.replica), SQLiteValue(waiting.sequence),
                SQLiteValue(waiting.hospital), SQLiteValue(waiting.device), SQLiteValue(waiting.milliseconds),
                .sealed(waiting.body, .store(SealedColumn.stray)))
        }
    }

    func unreadables(countMax: Int) throws(CentralError) -> [UnreadableRecord] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT replica, sequence, content, chain, hospital, reason, received, body FROM unreadable
                ORDER BY received DESC, replica DESC, sequence DESC LIMIT ?
                """, .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.unreadable() }
        }
    }

    func waiting(countMax: Int) throws(CentralError) -> [WaitingRecord] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT replica, sequence, content, hospital, device, received, body FROM waiting
                ORDER BY received DESC, content DESC LIMIT ?
                """, .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.waiting() }
        }
    }

    func raise(_ alarm: Alarm, milliseconds: UInt64) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO alarm (kind, subject, count, first, last) VALUES (?, ?, 1, ?, ?)
                ON CONFLICT (kind, subject) DO UPDATE SET count = alarm.count + 1, last = excluded.last
                """,
                .text(alarm.kind.rawValue), .text(alarm.subject), SQLiteValue(milliseconds),
                SQLiteValue(milliseconds))
        }
    }

    func alarms(countMax: Int) throws(CentralError) -> [AlarmRecord] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT kind, subject, count, first, last FROM alarm ORDER BY kind, subject LIMIT ?",
                .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                guard let kind = Alarm.Kind(rawValue: try row.text(0)) else {
                    throw row.unexpected(0, wanted: "an alarm's kind")
                }
                return AlarmRecord(
                    alarm: Alarm(kind: kind, subject: try row.text(1)), count: try row.number(2),
                    firstMilliseconds: try row.number(3), lastMilliseconds: try row.number(4))
            }
        }
    }
}

extension Row {
    /// The columns of `unreadable`, in its order, without `settled`.
    func unreadable() throws(DatabaseError) -> UnreadableRecord {
        UnreadableRecord(
            replica: try replica(0), sequence: try number(1), id: try contentID(2), chain: try chain(3),
            hospital: try hospital(4), reason: try text(5), milliseconds: try number(6),
            body: try sealed(7, SealedColumn.stray))
    }

    /// `replica, sequence, content, hospital, device, received, body`.
    func waiting() throws(DatabaseError) -> WaitingRecord {
        WaitingRecord(
            replica: try replica(0), sequence: try number(1), id: try contentID(2), hospital: try hospital(3),
            device: try device(4), milliseconds: try number(5),
            body: try sealed(6, SealedColumn.stray))
    }
}
