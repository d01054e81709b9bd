import Casework
import Foundation
import Persistence
import SyncProtocol

/// The work list, from memory: the tables are read once after opening, and then only what has changed.
extension WindowStore {
    /// Lines of one page; the statement that reads them has as many arguments.
    package static let workPageLines = 50
    /// Summaries that are read in one go, in some milliseconds; between two, pages, saves and exchanges go on.
    static let workSummariesPerPage: Int64 = 100
    /// Changed cases that are read one by one; beyond it all are read anew.
    static let workChangesMax = 5000

    /// One page of the work list.
    package func workPage(_ query: WorkQuery) throws -> WorkPage {
        try freshen()
        let index = try freshWork()
        let departed = Set(
            try database.rows("SELECT case_id FROM departed") { row throws(DatabaseError) in try row.caseID(0)
            })
        var page = index.page(query, but: departed, limit: Self.workPageLines)
        page.unread = workUnread
        page.lines = try workLines(page.ids)
        return page
    }

    /// Reads the summaries until all are in memory. A window does it in the background; without it a search says that it is not through.
    package func readWork() async throws {
        try freshen()
        _ = try freshWork()
        while workUnread > 0 {
            try readSummaries()
            await Task.yield()
        }
    }

    private func freshWork() throws -> WorkIndex {
        if work == nil {
            memory.changedCases = []
            work = WorkIndex(try allEntries())
            workRead = Self.lastCaseID
            workUnread = work?.count ?? 0
            try readSummaries()
        }
        for id in memory.changedCases { try readEntry(id) }
        memory.changedCases = []
        return work ?? WorkIndex([])
    }

    private func allEntries() throws -> [WorkIndex.Entry] {
        var due: [CaseID: Int] = [:]
        try database.forEach("SELECT case_id, min(due) FROM due_item GROUP BY case_id") {
            row throws(DatabaseError) in
            due[try row.caseID(0)] = CalendarDate(try row.text(1))?.dayNumber
            return .more
        }
        return try database.rows(
            """
            SELECT case_id, stage, archived, returned, conflicts, changed_at FROM case_cache
            WHERE case_id IS NOT (SELECT hospital FROM enrolment) AND case_id <> ?
            """, .blob(CaseID.centralRecord.bytes)
        ) { row throws(DatabaseError) in
            let id = try row.caseID(0)
            return WorkIndex.Entry(
                id: id, changedAt: UInt64(clamping: try row.integer(5)),
                stage: try row.optionalText(1).flatMap(CaseStage.init(rawValue:)) ?? .draft,
                isArchived: try row.integer(2) == 1, isReturned: try row.integer(3) > 0,
                hasConflict: try row.integer(4) > 0, due: due[id])
        }
    }

    /// Reads one case that has changed.
    private func readEntry(_ id: CaseID) throws {
        guard id != .centralRecord, try id != loadEnrolment()?.hospital.record else { return }
        let found = try database.first(
            """
            SELECT stage, archived, returned, conflicts, changed_at, summary,
                (SELECT min(due) FROM due_item WHERE due_item.case_id = case_cache.case_id)
            FROM case_cache WHERE case_id = ?
            """, .blob(id.bytes)
        ) { row throws(DatabaseError) in
            (
                entry: WorkIndex.Entry(
                    id: id, changedAt: UInt64(clamping: try row.integer(4)),
                    stage: try row.optionalText(0).flatMap(CaseStage.init(rawValue:)) ?? .draft,
                    isArchived: try row.integer(1) == 1, isReturned: try row.integer(2) > 0,
                    hasConflict: try row.integer(3) > 0,
                    due: try row.optionalText(6).flatMap { CalendarDate($0) }?.dayNumber),
                summary: try row.sealed(5, ListedRow.place)
            )
        }
        guard let found else {
            work?.remove(id)
            return
        }
        var entry = found.entry
        entry.detail = try WorkIndex.Detail(summary: found.summary)
        work?.put(entry)
    }

    /// Reads the next summaries, those of the newest cases first.
    private func readSummaries() throws {
        let rows = try database.rows(
            "SELECT case_id, summary FROM case_cache WHERE case_id < ? ORDER BY case_id DESC LIMIT ?",
            .blob(workRead), .integer(Self.workSummariesPerPage)
        ) { row throws(DatabaseError) in (id: try row.caseID(0), summary: try row.sealed(1, ListedRow.place))
        }
        for row in rows where work?.contains(row.id) ?? false {
            work?.detail(row.id, try WorkIndex.Detail(summary: row.summary))
        }
        workRead = rows.last?.id.bytes ?? []
        workUnread = rows.count < Self.workSummariesPerPage ? 0 : max(0, workUnread - rows.count)
        if workUnread == 0, rows.count == Self.workSummariesPerPage { workUnread = 1 }
    }

    private static let lastCaseID = [UInt8](repeating: 0xFF, count: CaseID.byteCount)

    /// The lines of these cases in this order: one statement, whose spare arguments repeat the last case.
    private func workLines(_ ids: [CaseID]) throws -> [WorkLine] {
        guard let last = ids.last else { return [] }
        let spare = [CaseID](repeating: last, count: max(0, Self.workPageLines - ids.count))
        let rows = try database.rows(
            """
            SELECT case_id, summary, conflicts, asides, changed_at, 0 FROM case_cache WHERE case_id IN (
                ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, with: (ids + spare).map { .blob($0.bytes) }, decode: ListedRow.init)
        let lines = try Dictionary(
            rows.map { try WorkLine($0) }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return ids.compactMap { lines[$0] }
    }

    /// Notes inside a transaction that a case is not what it was.
    func noteWork(_ caseID: CaseID) {
        guard work != nil else { return }
        if memory.changedCases.count >= Self.workChangesMax { work = nil }
        memory.changedCases.insert(caseID)
    }
}
