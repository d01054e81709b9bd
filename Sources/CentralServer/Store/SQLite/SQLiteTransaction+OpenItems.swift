import Casework
import Persistence
import SyncProtocol

/// What is late or due.
extension SQLiteTransaction {
    /// Before every day that a limit can end on.
    private static let beforeAllDays: Int64 = -1_000_000

    func openItems(
        _ query: OpenItemQuery, after: OpenItemRecord.Place?, countMax: Int
    ) throws(CentralError) -> [OpenItemRecord] {
        let through = SQLiteValue.integer(Int64(query.through))
        let place: [SQLiteValue] = [
            .integer(after.map { Int64($0.due) } ?? Self.beforeAllDays), .blob(after?.caseID.bytes ?? []),
            .text(after?.item ?? ""),
        ]
        let count = SQLiteValue.integer(Int64(countMax))
        return try run { database throws(DatabaseError) in
            if let hospital = query.hospital {
                // An empty department stands for all of them.
                let department = SQLiteValue.text(query.department ?? "")
                return try database.rows(
                    """
                    SELECT case_id, item, department, hospital, due, since, waits FROM open_item
                    WHERE hospital = ? AND due <= ? AND (due, case_id, item) > (?, ?, ?)
                        AND (CAST(? AS TEXT) = '' OR department = ?)
                    ORDER BY due, case_id, item LIMIT ?
                    """, SQLiteValue(hospital), through, place[0], place[1], place[2], department, department,
                    count
                ) { row throws(DatabaseError) in try row.openItem() }
            }
            if let department = query.department {
                return try database.rows(
                    """
                    SELECT case_id, item, department, hospital, due, since, waits FROM open_item
                    WHERE department = ? AND due <= ? AND (due, case_id, item) > (?, ?, ?)
                    ORDER BY due, case_id, item LIMIT ?
                    """, .text(department), through, place[0], place[1], place[2], count
                ) { row throws(DatabaseError) in try row.openItem() }
            }
            return try database.rows(
                """
                SELECT case_id, item, department, hospital, due, since, waits FROM open_item
                WHERE due <= ? AND (due, case_id, item) > (?, ?, ?) ORDER BY due, case_id, item LIMIT ?
                """, through, place[0], place[1], place[2], count
            ) { row throws(DatabaseError) in try row.openItem() }
        }
    }

    func openItemCounts(
        through day: Int, lateBefore: Int
    ) throws(CentralError) -> [OpenItemCount] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT department, hospital, sum(CASE WHEN due < ? THEN 1 ELSE 0 END), count(*) FROM open_item
                WHERE due BETWEEN ? AND ? GROUP BY department, hospital
                """, .integer(Int64(lateBefore)), .integer(Self.beforeAllDays), .integer(Int64(day))
            ) { row throws(DatabaseError) in
                let (late, all) = (try row.count(2), try row.count(3))
                return OpenItemCount(
                    department: try row.text(0), hospital: try row.hospital(1), late: late, due: all - late)
            }
        }
    }
}

extension Row {
    /// All columns of `open_item`, in its order.
    fileprivate func openItem() throws(DatabaseError) -> OpenItemRecord {
        guard let waits = OpenItem.Waits(rawValue: try text(6)) else {
            throw unexpected(6, wanted: "on whom it waits")
        }
        return OpenItemRecord(
            place: OpenItemRecord.Place(due: try count(4), caseID: try caseID(0), item: try text(1)),
            department: try text(2), hospital: try hospital(3), since: try count(5), waits: waits)
    }
}
