import Casework
import Foundation
import Persistence
import SyncProtocol

extension WindowStore {
    /// Items of this hospital's cases with a day by which they are promised, the soonest first; those of one department, if it is given.
    package func dueItems(department: String? = nil, limit: Int) throws -> [DueItem] {
        try freshen()
        guard let department else {
            return try database.rows(
                """
                SELECT due_item.case_id, item, department, due, summary
                FROM due_item INDEXED BY due_item_by_day CROSS JOIN case_cache USING (case_id)
                WHERE due_item.case_id NOT IN (SELECT case_id FROM departed)
                ORDER BY due, due_item.case_id, item LIMIT ?
                """, .integer(Int64(limit)), decode: DueRow.init
            ).map { try $0.item }
        }
        return try database.rows(
            """
            SELECT due_item.case_id, item, department, due, summary
            FROM due_item INDEXED BY due_item_by_department CROSS JOIN case_cache USING (case_id)
            WHERE department = ? AND due_item.case_id NOT IN (SELECT case_id FROM departed)
            ORDER BY due, due_item.case_id, item LIMIT ?
            """, .text(department), .integer(Int64(limit)), decode: DueRow.init
        ).map { try $0.item }
    }

    /// Keeps what is due of a case while its cache is written, inside the caller's transaction.
    func refreshDueItems(of caseID: CaseID, _ life: CaseLife) throws {
        try database.execute("DELETE FROM due_item WHERE case_id = ?", .blob(caseID.bytes))
        for item in life.dueItems {
            guard let due = item.due else { continue }
            try database.execute(
                "INSERT INTO due_item (case_id, item, department, due) VALUES (?, ?, ?, ?)",
                .blob(caseID.bytes), .text(item.code), .text(item.status.item.department),
                .text(due.description))
        }
    }
}

/// A row of what is due before its parts are read.
private struct DueRow {
    let caseID: CaseID
    let words: (item: String, department: String, due: String)
    let summary: [UInt8]

    init(_ row: borrowing Row) throws(DatabaseError) {
        caseID = try row.caseID(0)
        words = (try row.text(1), try row.text(2), try row.text(3))
        summary = try row.sealed(4, ListedRow.place)
    }

    var item: DueItem {
        get throws {
            guard let due = CalendarDate(words.due) else { throw StoreError.damaged("a day in due_item") }
            return DueItem(
                caseID: caseID, item: words.item, department: words.department, due: due,
                summary: try JSONDecoder().decode(CaseSummary.self, from: Data(summary)))
        }
    }
}
