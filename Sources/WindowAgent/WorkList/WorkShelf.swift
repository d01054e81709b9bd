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
    private static let ended: [CaseStage] = [
        .delivered, .evaluated, .closed, .refused, .offline, .withdrawn, .merged,
        .erased,
    ]

    /// Several shelves, a ``bit`` each.
    typealias Set = UInt16
    /// Sets that there are.
    static let setCount = 1 << allCases.count

    var bit: Set { Self.bits[self] ?? 0 }

    private static let bits = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($1, Set(1) << $0) })

    /// The shelves that hold a case whatever day it is. An archived one is due no more.
    static func holding(_ entry: WorkIndex.Entry) -> Set {
        if entry.isArchived { return all.bit | archived.bit }
        return (byStage[entry.stage] ?? 0) | (entry.isReturned ? returned.bit : 0)
            | (entry.hasConflict ? conflict.bit : 0)
    }

    /// The shelves of today that hold what is due on a day.
    static func holding(due: Int32, today: Int32) -> Set { due > today ? 0 : due == today ? isToday : isLate }

    private static let (isToday, isLate) = (today.bit, late.bit)

    private static let byStage = Dictionary(
        uniqueKeysWithValues: CaseStage.allCases.map { stage in
            (stage, allCases.filter { $0.holds(stage) }.reduce(0) { $0 | $1.bit })
        })

    private func holds(_ stage: CaseStage) -> Bool {
        switch self {
        case .all: true
        case .open: !Self.ended.contains(stage)
        case .draft: stage == .draft
        case .submitted: stage == .submitted
        case .correcting: stage == .correcting
        case .running: [.accepted, .blocked, .refusedReturning].contains(stage)
        case .delivering: stage == .delivering
        case .done: [.delivered, .evaluated, .closed].contains(stage)
        case .over: [.refused, .offline, .withdrawn, .merged, .erased].contains(stage)
        case .today, .late, .returned, .conflict, .archived: false
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
