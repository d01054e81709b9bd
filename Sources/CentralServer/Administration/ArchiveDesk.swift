import Casework
import SyncProtocol

/// Puts away cases that have long been over (docs/decisions/0024): they leave the daily lists at central and at the windows. Nothing
/// is deleted: the certificates' records are kept for ever, and the log keeps every change.
///
/// Archiving is an ordinary change of the case, with a reason, and is taken back by another one. Who reopens a case at a
/// window brings it back, too. The erasure of a case's contents will begin here, with the archived cases whose term is over.
package struct ArchiveDesk: Sendable {
    /// Days after the last change of a case that is over, unless the hospital's setting says otherwise.
    static let daysDefault = 365
    static let daysMax = 36_500
    /// The setting of a hospital that says otherwise.
    static let daysSetting = "archiveAfterDays"
    /// Cases that one call archives.
    static let perCallMax = 500
    /// Cases of one transaction, and of one look.
    static let pageCount = 50

    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// A case that is over and due to be put away.
    struct Candidate: Hashable, Sendable {
        let ended: EndedCase
        /// Codes of the hospitals that have it.
        let hospitals: [String]
        /// Why it stays where it is; nil if it can go.
        let hindrance: Hindrance?
    }

    enum Hindrance: String, Hashable, Sendable {
        /// A field waits for a person.
        case conflict
        /// A change is set aside.
        case aside
    }

    /// What is to be put away.
    struct Order: Sendable {
        /// Days since the last change; nil for each hospital's own setting.
        var days: Int?
        /// Nil for all hospitals.
        var hospital: String?
        var countMax = ArchiveDesk.perCallMax
    }

    /// A list of cases, and whether there are more.
    struct Plan: Hashable, Sendable {
        var candidates: [Candidate] = []
        var hasMore = false
    }

    /// The cases that are due, those first that were over first.
    func plan(_ order: Order) async throws(CentralError) -> Plan {
        if let days = order.days, !(1...Self.daysMax ~= days) {
            throw CentralError.refused(.malformed("The period is 1 to \(Self.daysMax) days."))
        }
        let (books, milliseconds) = (books, now())
        return try await store.read { transaction throws(CentralError) in
            var terms = Terms(days: order.days, dictionary: books.casebook.dictionary)
            if let code = order.hospital, try transaction.hospital(code: code) == nil {
                throw CentralError.refused(.unknownHospital)
            }
            var plan = Plan()
            var last: EndedCase?
            while true {
                let page = try transaction.endedCases(
                    isArchived: false, after: last, countMax: Self.pageCount)
                let places = try CasePlaces(of: page.map(\.caseID), in: transaction)
                let summaries = try transaction.summaries(of: page.map(\.caseID))
                for ended in page {
                    let age = milliseconds - min(milliseconds, ended.endedMilliseconds)
                    let hospitals = places[ended.caseID]
                    guard try age >= terms.milliseconds(of: hospitals, in: transaction),
                        order.hospital.map({ code in hospitals.contains { $0.code == code } }) ?? true
                    else { continue }
                    guard plan.candidates.count < order.countMax else {
                        plan.hasMore = true
                        return plan
                    }
                    plan.candidates.append(
                        Candidate(
                            ended: ended, hospitals: hospitals.map(\.code).sorted(),
                            hindrance: summaries[ended.caseID].flatMap(Self.hindrance)))
                }
                guard let end = page.last, page.count == Self.pageCount else { return plan }
                last = end
            }
        }
    }

    /// What archiving came to.
    struct Archived: Hashable, Sendable {
        var cases: [CaseID] = []
        /// Those that stayed, and why.
        var stayed: [Candidate] = []
        var hasMore = false
    }

    /// Archives the cases that are due. What was interrupted is completed by repeating it.
    func run(_ order: Order, reason: String, by user: String) async throws(CentralError) -> Archived {
        try Self.check(reason)
        let plan = try await plan(order)
        var archived = Archived(stayed: plan.candidates.filter { $0.hindrance != nil }, hasMore: plan.hasMore)
        let due = plan.candidates.filter { $0.hindrance == nil }.map(\.ended.caseID)
        for start in stride(from: 0, to: due.count, by: Self.pageCount) {
            let page = Array(due[start..<min(start + Self.pageCount, due.count)])
            archived.cases += try await put(page, isArchived: true, reason: reason, by: user)
        }
        return archived
    }

    /// Brings an archived case back.
    func open(_ caseID: CaseID, reason: String, by user: String) async throws(CentralError) {
        try Self.check(reason)
        let opened = try await put([caseID], isArchived: false, reason: reason, by: user)
        guard !opened.isEmpty else { throw CentralError.refused(.unknownCase) }
    }

    /// Up to `countMax` archived cases after one, those first that were archived first.
    func list(after: EndedCase?, countMax: Int) async throws(CentralError) -> [Candidate] {
        try await store.read { transaction throws(CentralError) in
            let page = try transaction.endedCases(isArchived: true, after: after, countMax: countMax)
            let places = try CasePlaces(of: page.map(\.caseID), in: transaction)
            return page.map { ended in
                Candidate(ended: ended, hospitals: places[ended.caseID].map(\.code).sorted(), hindrance: nil)
            }
        }
    }

    /// Writes to those cases, of some, that are over and stand the other way: the others have changed meanwhile.
    private func put(
        _ cases: [CaseID], isArchived: Bool, reason: String, by user: String
    ) async throws(CentralError) -> [CaseID] {
        let (books, milliseconds) = (books, now())
        let day = CalendarDate(milliseconds: milliseconds).description
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let casebook = books.casebook
            let group = try casebook.group("archived")
            var written: [CaseID] = []
            for caseID in cases {
                let state = try ledger.state(of: caseID)
                let progress = casebook.progress(of: state)
                guard progress.stage.isOver, progress.isArchived != isArchived else { continue }
                let write = ChangeContent.Write(
                    value: [isArchived ? .text(day) : .null], replaces: state.registers[group]?.dots ?? [])
                try ledger.write(
                    Ledger.OwnChange(
                        writes: [group: write], author: Author(role: .central, unit: "", user: user),
                        reason: reason), on: caseID)
                written.append(caseID)
            }
            if !written.isEmpty { try ledger.finish() }
            return written
        }
    }

    private static func check(_ reason: String) throws(CentralError) {
        guard 1...SyncProtocol.Limits.reasonBytesMax ~= reason.utf8.count else {
            throw CentralError.refused(
                .malformed("A reason of 1 to \(SyncProtocol.Limits.reasonBytesMax) bytes is needed."))
        }
    }

    private static func hindrance(_ summary: CaseSummary) -> Hindrance? {
        summary.conflictCount > 0 ? .conflict : summary.asideCount > 0 ? .aside : nil
    }
}

/// How long hospitals keep cases that are over at hand, each asked once.
private struct Terms {
    let days: Int?
    let dictionary: FieldDictionary
    private var known: [HospitalID: UInt64] = [:]

    init(days: Int?, dictionary: FieldDictionary) { (self.days, self.dictionary) = (days, dictionary) }

    /// The longest of several.
    mutating func milliseconds(
        of hospitals: [HospitalRecord], in transaction: any CentralTransaction
    ) throws(CentralError) -> UInt64 {
        let day: UInt64 = 86_400_000
        if let days { return UInt64(days) * day }
        var longest: UInt64?
        for hospital in hospitals {
            if known[hospital.id] == nil {
                let view = try transaction.recordView(of: hospital.id.record, dictionary)
                let name = ArchiveDesk.daysSetting
                let setting = view.settings[name] ?? view.settingsForAll[name]
                let days = setting.flatMap { Int($0) }.map { min(max($0, 1), ArchiveDesk.daysMax) }
                known[hospital.id] = UInt64(days ?? ArchiveDesk.daysDefault) * day
            }
            longest = max(longest ?? 0, known[hospital.id] ?? 0)
        }
        return longest ?? UInt64(ArchiveDesk.daysDefault) * day
    }
}
