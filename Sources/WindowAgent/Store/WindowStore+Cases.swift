package import Casework
import Foundation
import Persistence
package import SyncProtocol

/// A line of the work list. It is a cache of the case, kept as JSON.
package struct CaseSummary: Hashable, Sendable, Codable {
    package let number: String?
    package let policy: String?
    package let childName: String?
    package let motherName: String?
    package let birthDate: String?
    /// A word of ``Casework/CaseStage``.
    package let stage: String?
    /// The first day by which something is to be done, `YYYY-MM-DD`.
    package let due: String?
    /// Item code to `waiting`, `held`, `ready`, `done`, `failed` or `returned`.
    package let items: [String: String]
}

/// A case of the work list.
package struct ListedCase: Hashable, Sendable {
    package let id: CaseID
    package let summary: CaseSummary
    package let conflicts: Int
    package let asides: Int
    package let changedAt: UInt64
    /// It belongs to another hospital by now.
    package let isDeparted: Bool
}

/// A row of the work list before its summary is read.
struct ListedRow {
    /// Where summaries are sealed.
    static let place = "case_cache.summary"

    let id: CaseID
    let summary: [UInt8]
    let conflicts: Int
    let asides: Int
    let changedAt: UInt64
    let isDeparted: Bool

    init(_ row: borrowing Row) throws(DatabaseError) {
        (id, summary) = (try row.caseID(0), try row.sealed(1, Self.place))
        (conflicts, asides) = (Int(try row.integer(2)), Int(try row.integer(3)))
        (changedAt, isDeparted) = (UInt64(try row.integer(4)), try row.integer(5) == 1)
    }

    var listed: ListedCase {
        get throws {
            ListedCase(
                id: id, summary: try JSONDecoder().decode(CaseSummary.self, from: Data(summary)),
                conflicts: conflicts, asides: asides, changedAt: changedAt, isDeparted: isDeparted)
        }
    }
}

extension WindowStore {
    /// This hospital's cases, the last changed first; those of one stage, if it is given. Neither the hospital's record nor
    /// central's own is one.
    ///
    /// - Parameter isArchived: those that central has put away, or the others.
    package func cases(
        stage: CaseStage? = nil, isArchived: Bool = false, limit: Int, offset: Int = 0
    ) throws -> [ListedCase] {
        try freshen()
        let page: [SQLiteValue] = [
            .integer(isArchived ? 1 : 0), .blob(CaseID.centralRecord.bytes), .integer(Int64(limit)),
            .integer(Int64(offset)),
        ]
        guard let stage else {
            return try database.rows(
                """
                SELECT case_id, summary, conflicts, asides, changed_at, 0 FROM case_cache
                WHERE archived = ? AND case_id IS NOT (SELECT hospital FROM enrolment) AND case_id <> ?
                    AND case_id NOT IN (SELECT case_id FROM departed)
                ORDER BY changed_at DESC, case_id LIMIT ? OFFSET ?
                """, page[0], page[1], page[2], page[3], decode: ListedRow.init
            ).map { try $0.listed }
        }
        return try database.rows(
            """
            SELECT case_id, summary, conflicts, asides, changed_at, 0 FROM case_cache
            WHERE stage = ? AND archived = ? AND case_id IS NOT (SELECT hospital FROM enrolment)
                AND case_id <> ? AND case_id NOT IN (SELECT case_id FROM departed)
            ORDER BY changed_at DESC, case_id LIMIT ? OFFSET ?
            """, .text(stage.rawValue), page[0], page[1], page[2], page[3], decode: ListedRow.init
        ).map { try $0.listed }
    }

    /// A case as its changes make it.
    package func state(of caseID: CaseID) throws -> CaseState {
        let state = CaseState(folding: try changes(of: caseID))
        guard state.count > 0 else { throw StoreError.unknownCase(caseID) }
        return state
    }

    /// Folds a case and writes its cache, inside the caller's transaction.
    func refresh(_ caseID: CaseID) throws {
        let changes = try erased(caseID, changes(of: caseID))
        let state = CaseState(folding: changes)
        guard state.count > 0 else { throw StoreError.unknownCase(caseID) }
        let changedAt = try database.first(
            "SELECT max(saved_at) FROM change WHERE case_id = ?", .blob(caseID.bytes)
        ) { row throws(DatabaseError) in try row.optionalInteger(0) }
        let conflicts = state.conflicts(by: dictionary.mergeRules).count
        let asides = state.asides.values.count(where: \.isAside)
        try recount(caseID, conflicts: conflicts, asides: asides)
        noteWork(caseID)
        try refreshRules(caseID)
        try refreshUses(of: caseID, state)
        try refreshAttachments(of: caseID, changes)
        try refreshDuplicateKeys(of: caseID, state)
        let progress = CaseProgress(state, policies: try rules().policies, dictionary: dictionary)
        let openPolicy = progress.rules.dependsOnLibrary ? state.text("policyID", in: dictionary) : nil
        let life = try life(of: state, progress)
        try database.execute(
            """
            INSERT OR REPLACE INTO case_cache (case_id, fingerprint, changes, conflicts, asides, forked, changed_at,
                summary, is_stale, open_policy, stage, returned, archived)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)
            """,
            .blob(caseID.bytes), .digest(state.fingerprint.bytes), .integer(Int64(state.count)),
            .integer(Int64(conflicts)), .integer(Int64(asides)),
            .integer(Int64(state.forked.count)), SQLiteValue(changedAt ?? nil),
            .sealed(try summary(of: caseID, state, life, changes), .of(caseID.bytes, ListedRow.place)),
            SQLiteValue(openPolicy), .text(life.stage.rawValue),
            .integer(Int64(life.returned.count)), .integer(progress.isArchived ? 1 : 0))
        try refreshDueItems(of: caseID, life)
        try refreshIssued(of: caseID, life)
        try refreshLosses(of: caseID, changes, state)
    }

    /// Forgets the cache of a case that has no change any more, or folds it.
    func refreshOrDrop(_ caseID: CaseID) throws {
        do { try refresh(caseID) } catch StoreError.unknownCase {
            try database.execute("DELETE FROM case_cache WHERE case_id = ?", .blob(caseID.bytes))
            try database.execute("DELETE FROM due_item WHERE case_id = ?", .blob(caseID.bytes))
            try dropUses(of: caseID)
            try refreshAttachments(of: caseID, [])
            try refreshDuplicateKeys(of: caseID, CaseState())
            try dropIssued(of: caseID)
            try dropLosses(of: caseID)
            try refreshRules(caseID)
            noteWork(caseID)
            memory.tally = nil
        }
    }

    private func summary(
        of caseID: CaseID, _ state: CaseState, _ life: CaseLife, _ changes: [Change]
    ) throws -> [UInt8] {
        let view = CaseView(id: caseID, state: state, dictionary: dictionary)
        let summary = CaseSummary(
            number: view.text("caseNumber"), policy: view.text("policyID"), childName: view.text("childName"),
            motherName: view.text("motherName"), birthDate: view.text("birthDate"),
            stage: life.stage.rawValue, due: life.earliestDue?.description,
            items: Dictionary(
                life.items.map { ($0.code, $0.status.word) }, uniquingKeysWith: { first, _ in first }))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let detail = CaseDetail(state, life, of: caseID, changes)
        return Array(try encoder.encode(KeptSummary(summary: summary, detail: detail)))
    }

    /// Cases that are folded in one transaction of a rebuild; between two, saves and exchanges go on.
    static let casesPerRebuildPage: Int64 = 200

    /// Builds the caches anew from the log.
    ///
    /// - Returns: how many cases there are.
    package func rebuild(only: CaseID? = nil) async throws -> Int {
        if let only {
            try write { try refresh(only) }
            return 1
        }
        try write {
            try database.execute("DELETE FROM case_cache WHERE case_id NOT IN (SELECT case_id FROM change)")
            try database.execute("DELETE FROM due_item WHERE case_id NOT IN (SELECT case_id FROM change)")
            try database.execute(
                "DELETE FROM certificate_use WHERE case_id NOT IN (SELECT case_id FROM change)")
            try database.execute(
                "DELETE FROM issued_certificate WHERE case_id NOT IN (SELECT case_id FROM change)")
            try database.execute(
                "DELETE FROM attachment_name WHERE case_id NOT IN (SELECT case_id FROM change)")
            try database.execute("DELETE FROM loss WHERE case_id NOT IN (SELECT case_id FROM change)")
            try database.execute(
                "DELETE FROM duplicate_key WHERE case_id NOT IN (SELECT case_id FROM change)")
            (memory.tally, memory.rules, work) = (nil, nil, nil)
        }
        var count = 0
        var last: CaseID?
        while true {
            let page = try casesOfLog(after: last)
            guard let end = page.last else { return count }
            try write { for id in page { try refresh(id) } }
            (last, count) = (end, count + page.count)
            await Task.yield()
        }
    }

    private func casesOfLog(after last: CaseID?) throws -> [CaseID] {
        try database.rows(
            "SELECT DISTINCT case_id FROM change WHERE case_id > ? ORDER BY case_id LIMIT ?",
            .blob(last?.bytes ?? []), .integer(Self.casesPerRebuildPage)
        ) { row throws(DatabaseError) in try row.caseID(0) }
    }
}
