package import Casework

/// A part of the work list that a clerk looks at.
package enum WorkShelf: String, Hashable, Sendable, CaseIterable {
    /// Everything that is not over.
    case open
    case draft, submitted, correcting, running, delivering
    case today, late, returned, conflict
    case done, over, archived
    /// Everything, wherever it stands: where a search looks.
    case all

    package var title: String {
        switch self {
        case .open: "全部在办"
        case .draft: "草稿"
        case .submitted: "已提交，待审核"
        case .correcting: "待补正"
        case .running: "已受理，办理中"
        case .delivering: "待送达"
        case .today: "今天到期"
        case .late: "已超期"
        case .returned: "退回补正"
        case .conflict: "有不一致"
        case .done: "已办结"
        case .over: "不予受理、撤回"
        case .archived: "已归档"
        case .all: "全部办件"
        }
    }

    /// Stages that are over: nothing is left to do for the window.
    private static let ended: Set<CaseStage> = [
        .delivered, .evaluated, .closed, .refused, .offline, .withdrawn, .merged,
        .erased,
    ]

    /// - Parameter today: the day by which what is due is late.
    func holds(_ entry: WorkIndex.Entry, today: Int) -> Bool {
        if self == .all { return true }
        if entry.isArchived || self == .archived { return entry.isArchived && self == .archived }
        switch self {
        case .open: return !Self.ended.contains(entry.stage)
        case .draft: return entry.stage == .draft
        case .submitted: return entry.stage == .submitted
        case .correcting: return entry.stage == .correcting
        case .running: return [.accepted, .blocked, .refusedReturning].contains(entry.stage)
        case .delivering: return entry.stage == .delivering
        case .today: return entry.due == today
        case .late: return entry.due.map { $0 < today } ?? false
        case .returned: return entry.isReturned
        case .conflict: return entry.hasConflict
        case .done: return [.delivered, .evaluated, .closed].contains(entry.stage)
        case .over: return [.refused, .offline, .withdrawn, .merged, .erased].contains(entry.stage)
        case .archived, .all: return true
        }
    }
}

/// What a clerk asks the work list for.
package struct WorkQuery: Hashable, Sendable {
    package var shelf = WorkShelf.open
    /// The ID of a policy; nil for all.
    package var policy: String?
    /// By whom a case was last worked on here; nil for all.
    package var worker: String?
    package var terms = SearchTerms("")
    /// The last line of the page before; nil for the first page.
    package var after: WorkPlace?
    package var today: CalendarDate

    package init(today: CalendarDate) { self.today = today }
}
