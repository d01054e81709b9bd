import Casework
import Persistence
import SyncProtocol

/// The days off and settings that records hold.
extension SQLiteTransaction {
    /// Replaces the days off and settings that are cached of a record.
    ///
    /// - Returns: the first year whose days off are others than before; nil if none are.
    func putRules(of digest: RecordDigest) throws(CentralError) -> Int? {
        let record = SQLiteValue(digest.record)
        let known = try calendars(of: digest.record)
        let isOther = known != digest.calendars
        try run { database throws(DatabaseError) in
            if isOther {
                try database.execute("DELETE FROM record_calendar WHERE record = ?", record)
                for calendar in digest.calendars {
                    try database.execute(
                        "INSERT INTO record_calendar (record, year, days) VALUES (?, ?, ?)", record,
                        .integer(Int64(calendar.year)),
                        .sealed(calendar.encoded, .of(digest.record.bytes, SealedColumn.calendar)))
                }
            }
            try database.execute("DELETE FROM record_setting WHERE record = ?", record)
            for (name, content) in digest.settings.sorted(by: { $0.key < $1.key }) {
                try database.execute(
                    "INSERT INTO record_setting (record, name, content) VALUES (?, ?, ?)", record,
                    .text(name),
                    .sealedText(content, .of(digest.record.bytes, SealedColumn.setting)))
            }
        }
        return isOther ? Set(known).symmetricDifference(digest.calendars).map(\.year).min() : nil
    }

    func calendars(of record: CaseID) throws(CentralError) -> [CalendarYear] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT days FROM record_calendar WHERE record = ? ORDER BY year", SQLiteValue(record)
            ) { row throws(DatabaseError) in
                guard let calendar = CalendarYear(decoding: try row.sealed(0, SealedColumn.calendar)) else {
                    throw row.unexpected(0, wanted: "the days off of a year")
                }
                return calendar
            }
        }
    }

    func settings(of record: CaseID) throws(CentralError) -> [String: String] {
        let pairs = try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT name, content FROM record_setting WHERE record = ?", SQLiteValue(record)
            ) { row throws(DatabaseError) in
                (
                    try row.text(0), try row.sealedText(1, SealedColumn.setting)
                )
            }
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }
}
