import Persistence
import SyncProtocol

/// What waits for a person.
extension SQLiteTransaction {
    func put(_ entries: [DeskEntry], of caseID: CaseID) throws(CentralError) {
        let (old, new) = (Set(try deskEntries(of: caseID)), Set(entries))
        guard old != new else { return }
        try run { database throws(DatabaseError) in
            for gone in old.subtracting(new) {
                try database.execute(
                    "DELETE FROM desk_entry WHERE case_id = ? AND kind = ? AND subject = ?",
                    SQLiteValue(caseID), .text(gone.kind.rawValue), SQLiteValue(hiding: gone.subject))
            }
            for entry in new.subtracting(old) {
                try database.execute(
                    """
                    INSERT INTO desk_entry (case_id, kind, subject, since, precedence, group_id, hospital, assignee, policy)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    SQLiteValue(caseID), .text(entry.kind.rawValue), SQLiteValue(hiding: entry.subject),
                    SQLiteValue(entry.sinceMilliseconds), .integer(Int64(-entry.waitingCount)),
                    .integer(Int64(entry.group?.rawValue ?? 0)), .blob(entry.hospital?.bytes ?? []),
                    .text(entry.assignee), .text(entry.policy))
            }
        }
    }

    func deskEntries(of caseID: CaseID) throws(CentralError) -> [DeskEntry] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT case_id, kind, subject, since, precedence, group_id, hospital, assignee, policy FROM desk_entry
                WHERE case_id = ? ORDER BY kind, subject
                """, SQLiteValue(caseID)
            ) { row throws(DatabaseError) in try row.deskEntry() }
        }
    }

    func deskEntries(
        _ filter: DeskFilter, after: DeskEntry?, byWaiting: Bool, countMax: Int
    ) throws(CentralError) -> [DeskEntry] {
        let place = [
            SQLiteValue(after?.sinceMilliseconds ?? 0), .blob(after?.caseID.bytes ?? []),
            .text(after?.kind.rawValue ?? ""), SQLiteValue(hiding: after?.subject ?? []),
        ]
        let wanted = filter.values
        let count = SQLiteValue.integer(Int64(countMax))
        return try run { database throws(DatabaseError) in
            if byWaiting {
                return try database.rows(
                    """
                    SELECT case_id, kind, subject, since, precedence, group_id, hospital, assignee, policy FROM desk_entry
                    WHERE (precedence, since, case_id, kind, subject) > (?, ?, ?, ?, ?)
                        AND (? = 1 OR kind = ?) AND (? = 1 OR hospital = ?) AND (? = 1 OR group_id = ?)
                        AND (? = 1 OR assignee = ?) AND (? = 1 OR policy = ?) AND (? = 1 OR since <= ?)
                    ORDER BY precedence, since, case_id, kind, subject LIMIT ?
                    """, .integer(after.map { Int64(-$0.waitingCount) } ?? .min), place[0], place[1],
                    place[2], place[3], wanted[0], wanted[1], wanted[2], wanted[3], wanted[4], wanted[5],
                    wanted[6], wanted[7], wanted[8], wanted[9], wanted[10], wanted[11], count
                ) { row throws(DatabaseError) in try row.deskEntry() }
            }
            return try database.rows(
                """
                SELECT case_id, kind, subject, since, precedence, group_id, hospital, assignee, policy FROM desk_entry
                WHERE (since, case_id, kind, subject) > (?, ?, ?, ?)
                    AND (? = 1 OR kind = ?) AND (? = 1 OR hospital = ?) AND (? = 1 OR group_id = ?)
                    AND (? = 1 OR assignee = ?) AND (? = 1 OR policy = ?) AND (? = 1 OR since <= ?)
                ORDER BY since, case_id, kind, subject LIMIT ?
                """, place[0], place[1], place[2], place[3], wanted[0], wanted[1], wanted[2], wanted[3],
                wanted[4], wanted[5], wanted[6], wanted[7], wanted[8], wanted[9], wanted[10], wanted[11],
                count
            ) { row throws(DatabaseError) in try row.deskEntry() }
        }
    }

    func deskCounts(bands: [UInt64]) throws(CentralError) -> [DeskCount] {
        precondition(bands.count == 3, "three bounds make four bands")
        let bounds = bands.map { SQLiteValue($0) }
        return try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT kind, hospital, assignee,
                    CASE WHEN since > ? THEN 0 WHEN since > ? THEN 1 WHEN since > ? THEN 2 ELSE 3 END AS band, count(*)
                FROM desk_entry GROUP BY kind, hospital, assignee, band
                """, bounds[0], bounds[1], bounds[2]
            ) { row throws(DatabaseError) in
                DeskCount(
                    kind: try row.deskKind(0), hospital: try row.deskHospital(1), assignee: try row.text(2),
                    band: try row.count(3), count: try row.count(4))
            }
        }
    }

    func sharedNumbers(of caseID: CaseID) throws(CentralError) -> [NumberRecord] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT kind, number FROM case_number WHERE case_id = ? AND shared = 1", SQLiteValue(caseID)
            ) { row throws(DatabaseError) in try row.numberRecord() }
        }.sorted()
    }

    func holders(of number: NumberRecord, countMax: Int) throws(CentralError) -> [CaseID] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT case_id FROM case_number WHERE kind = ? AND number = ? ORDER BY case_id LIMIT ?",
                .text(number.kind.rawValue), HiddenNumber.stored(number), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.caseID(0) }
        }
    }
}

/// What entered no case, one by one.
extension SQLiteTransaction {
    func strays(of hospital: HospitalID, countMax: Int) throws(CentralError) -> [StrayName] {
        let arguments = (SQLiteValue(hospital), SQLiteValue.integer(Int64(countMax)))
        let (waiting, unreadable) = try run { database throws(DatabaseError) in
            (
                try database.rows(
                    """
                    SELECT content, received FROM waiting WHERE hospital = ? AND settled = 0
                    ORDER BY received, content LIMIT ?
                    """, arguments.0, arguments.1
                ) { row throws(DatabaseError) in
                    StrayName(kind: .stray, id: try row.contentID(0), milliseconds: try row.number(1))
                },
                try database.rows(
                    """
                    SELECT content, received FROM unreadable WHERE hospital = ? AND settled = 0
                    ORDER BY received, content LIMIT ?
                    """, arguments.0, arguments.1
                ) { row throws(DatabaseError) in
                    StrayName(kind: .unreadable, id: try row.contentID(0), milliseconds: try row.number(1))
                }
            )
        }
        let all = (waiting + unreadable).sorted { ($0.milliseconds, $0.id) < ($1.milliseconds, $1.id) }
        return Array(all.prefix(countMax))
    }

    func waiting(_ id: ContentID) throws(CentralError) -> WaitingRecord? {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT replica, sequence, content, hospital, device, received, body FROM waiting WHERE content = ?
                """, SQLiteValue(id)
            ) { row throws(DatabaseError) in try row.waiting() }
        }
    }

    func remove(waiting id: ContentID) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM waiting WHERE content = ?", SQLiteValue(id))
        }
    }

    func unreadable(_ id: ContentID) throws(CentralError) -> UnreadableRecord? {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT replica, sequence, content, chain, hospital, reason, received, body FROM unreadable
                WHERE content = ?
                """, SQLiteValue(id)
            ) { row throws(DatabaseError) in try row.unreadable() }
        }
    }

    func settle(stray id: ContentID) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "UPDATE waiting SET settled = 1 WHERE content = ? AND settled = 0", SQLiteValue(id))
            try database.execute(
                "UPDATE unreadable SET settled = 1 WHERE content = ? AND settled = 0", SQLiteValue(id))
        }
    }
}

extension DeskFilter {
    /// For each condition whether it is none, and its value.
    fileprivate var values: [SQLiteValue] {
        func any(_ isAny: Bool) -> SQLiteValue { .integer(isAny ? 1 : 0) }
        return [
            any(kind == nil), .text(kind?.rawValue ?? ""), any(hospital == nil),
            .blob(hospital?.bytes ?? []),
            any(group == nil), .integer(Int64(group?.rawValue ?? 0)), any(assignee == nil),
            .text(assignee ?? ""),
            any(policy == nil), .text(policy ?? ""), any(sinceAtMost == nil), SQLiteValue(sinceAtMost ?? 0),
        ]
    }
}

extension Row {
    /// All columns of `desk_entry`, in its order.
    fileprivate func deskEntry() throws(DatabaseError) -> DeskEntry {
        var entry = DeskEntry(
            caseID: try caseID(0), kind: try deskKind(1), subject: try hidden(2),
            sinceMilliseconds: try number(3))
        entry.waitingCount = -(try count(4))
        let group = UInt32(truncatingIfNeeded: try number(5))
        entry.group = group == 0 ? nil : GroupID(rawValue: group)
        entry.hospital = try deskHospital(6)
        (entry.assignee, entry.policy) = (try text(7), try text(8))
        return entry
    }

    fileprivate func deskKind(_ column: Int32) throws(DatabaseError) -> DeskEntry.Kind {
        guard let kind = DeskEntry.Kind(rawValue: try text(column)) else {
            throw unexpected(column, wanted: "a kind of entry")
        }
        return kind
    }

    /// Empty for none.
    fileprivate func deskHospital(_ column: Int32) throws(DatabaseError) -> HospitalID? {
        try blob(column).isEmpty ? nil : try hospital(column)
    }
}
