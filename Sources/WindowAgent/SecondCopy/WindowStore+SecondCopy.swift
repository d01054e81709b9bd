import Persistence
import SyncProtocol

/// Where the second copy is to be.
package struct JournalSetting: Hashable, Sendable {
    /// A directory on another medium.
    package let path: String
    /// It may be on the disk of the database: for tests and trials.
    package let allowsSameDisk: Bool

    package init(path: String, allowsSameDisk: Bool = false) {
        (self.path, self.allowsSameDisk) = (path, allowsSameDisk)
    }
}

/// What is known of a journal that this store has written to.
struct KnownJournal: Hashable, Sendable {
    let id: [UInt8]
    /// Every change up to this number is in it.
    let through: Int64
    let place: JournalPlace
}

/// Changes for a journal.
struct JournalPage: Hashable, Sendable {
    let entries: [JournalEntry]
    /// The number of the last.
    let through: Int64
    /// No change is behind them.
    let isLast: Bool
}

extension WindowStore {
    /// Bytes of bodies that are read for a journal at a time.
    static let journalPageBytesMax = 1 << 20

    /// Where the second copy is to be; nil if there is to be none.
    package func journalSetting() throws -> JournalSetting? {
        try database.first("SELECT path, allows_same_disk FROM second_copy_place") {
            row throws(DatabaseError) in
            JournalSetting(path: try row.text(0), allowsSameDisk: try row.integer(1) == 1)
        }
    }

    /// Chooses where the second copy is to be, or that there is none. What is known of journals stays: one that is found again goes on.
    package func choose(_ setting: JournalSetting?) throws {
        try write {
            guard let setting else {
                try database.execute("DELETE FROM second_copy_place")
                return
            }
            try database.execute(
                "INSERT OR REPLACE INTO second_copy_place (id, path, allows_same_disk) VALUES (1, ?, ?)",
                .text(setting.path), .integer(setting.allowsSameDisk ? 1 : 0))
        }
    }

    /// The journals that this store has written to, the latest first.
    func knownJournals() throws -> [KnownJournal] {
        try database.rows(
            "SELECT journal, through, segment, records, bytes FROM second_copy ORDER BY begun_at DESC"
        ) { row throws(DatabaseError) in
            KnownJournal(
                id: try row.blob(0), through: try row.integer(1),
                place: JournalPlace(
                    segment: try row.optionalBlob(2), records: UInt64(try row.integer(3)),
                    bytes: Int(try row.integer(4))))
        }
    }

    /// Notes a new journal before anything of it is there.
    func beginJournal(_ id: [UInt8]) throws {
        try writeQuietly {
            try database.execute(
                "INSERT INTO second_copy (journal, begun_at) VALUES (?, ?)", .blob(id),
                .integer(Int64(environment.milliseconds())))
        }
    }

    /// Notes that the changes of a page are in a journal, synced, and where the journal ends. If its last change has gone meanwhile
    /// (the tail of a fork), or the mark was taken back below it, the changes behind the mark are appended once more.
    func noteJournaled(_ page: JournalPage, from: Int64, in id: [UInt8], _ place: JournalPlace) throws {
        guard let last = page.entries.last else { return }
        try writeQuietly {
            try database.execute(
                """
                UPDATE second_copy SET segment = ?1, records = ?2, bytes = ?3,
                    through = CASE WHEN through = ?4 AND EXISTS (
                        SELECT 1 FROM change WHERE number = ?5 AND replica = ?6 AND sequence = ?7) THEN ?5 ELSE through END
                WHERE journal = ?8
                """,
                SQLiteValue(place.segment), .integer(Int64(place.records)), .integer(Int64(place.bytes)),
                .integer(from), .integer(page.through), .blob(last.replica.bytes),
                .integer(Int64(last.sequence)), .blob(id))
        }
    }

    /// The next changes after a number, as many as ``journalPageBytesMax`` bytes and one at least.
    ///
    /// - Throws: ``StoreError/damaged(_:)`` if one is not what was saved: a second copy of damage would be none.
    func journalPage(after number: Int64) throws -> JournalPage {
        var (entries, through, bytes, isLast): ([JournalEntry], Int64, Int, Bool) = ([], number, 0, true)
        var stored: [StoredChange] = []
        try database.forEach(
            """
            SELECT number, replica, sequence, body, content, receipt, saved_at, own_replica IS NOT NULL
            FROM change WHERE number > ? ORDER BY number
            """, .integer(number)
        ) { row throws(DatabaseError) in
            if bytes >= Self.journalPageBytesMax {
                isLast = false
                return .enough
            }
            let change = try StoredChange(row, from: 1)
            bytes += change.body.count
            stored.append(change)
            entries.append(try JournalEntry(change, row))
            through = try row.integer(0)
            return .more
        }
        for change in stored { try change.verify() }
        return JournalPage(entries: entries, through: through, isLast: isLast)
    }

    /// How many changes a journal lacks; of none, all. (Numbers that were given up count as well.)
    func lackingCount(through number: Int64?) throws -> Int {
        let last = try database.first("SELECT max(number) FROM change") { row throws(DatabaseError) in
            try row.optionalInteger(0) ?? 0
        }
        return Int(max(0, (last ?? 0) - (number ?? 0)))
    }

    /// Names and times of the drafts.
    func draftTimes() throws -> [String: UInt64] {
        let rows = try database.rows("SELECT id, kept_at FROM draft") { row throws(DatabaseError) in
            (try row.text(0), UInt64(clamping: try row.integer(1)))
        }
        return Dictionary(rows, uniquingKeysWith: max)
    }

    /// The wrap of the store's key for the recovery sheet made last, and when that was.
    func recoverySheet() throws -> (sheet: RecoveryHeader.Sheet, madeAt: UInt64)? {
        try database.first("SELECT salt, sealed, made_at FROM recovery_sheet") { row throws(DatabaseError) in
            (
                RecoveryHeader.Sheet(salt: try row.blob(0), sealed: try row.blob(1)),
                UInt64(clamping: try row.integer(2))
            )
        }
    }

    /// Keeps the wrap for a new sheet; journals are given it with the next append.
    func keep(_ sheet: RecoveryHeader.Sheet) throws {
        try write {
            try database.execute(
                "INSERT OR REPLACE INTO recovery_sheet (id, salt, sealed, made_at) VALUES (1, ?, ?, ?)",
                .blob(sheet.salt), .blob(sheet.sealed), .integer(Int64(environment.milliseconds())))
        }
    }
}

extension JournalEntry {
    /// The change of a row, and the three columns behind it.
    fileprivate init(_ change: StoredChange, _ row: borrowing Row) throws(DatabaseError) {
        let receipt = try row.optionalBlob(5)
        self.init(
            replica: change.replica, sequence: change.sequence, body: change.body,
            receipt: receipt.flatMap { Receipt(bytes: $0) }, savedAt: UInt64(clamping: try row.integer(6)),
            isOwn: try row.integer(7) == 1)
    }
}
