import Casework
import Foundation
package import SyncProtocol

/// What the work list shows of a case beside its ``CaseSummary``, and by what it is found. It is kept in the same place.
package struct CaseDetail: Hashable, Sendable, Codable {
    /// A code of the list `sex`.
    package let sex: String?
    package let time: String?
    package let phone: String?
    /// The item that is due first.
    package let dueItem: String?
    /// How many newborns the delivery had, and which one this is, from 1; nil for one alone.
    package let siblings: [Int]?
    /// Who changed it last: a user's name, or a department's code.
    package let by: String?
    /// As what: a word of ``SyncProtocol/Role``.
    package let role: String?
    /// Who worked on it last at a window.
    package let worker: String?
    /// See ``Casework/SearchText``.
    package let find: String?

    init(_ state: CaseState, _ life: CaseLife, of caseID: CaseID, _ changes: [Change]) {
        let answers = life.answers
        (sex, time, phone) = (
            answers.text("childSex"), answers.text("birthTime"), answers.text("motherPhone")
        )
        dueItem =
            life.dueItems.filter { $0.due != nil }.min {
                ($0.due ?? life.now.date) < ($1.due ?? life.now.date)
            }?
            .code
        siblings = Self.siblings(answers, caseID)
        let authors = changes.compactMap { $0.content?.author }
        let last = authors.last
        by = last.map { $0.role == .department ? $0.unit : $0.user }
        role = last?.role.name
        worker = authors.last { $0.role == .window }?.user
        find = SearchText(answers).text
    }

    /// Of linked cases the one that was registered first is the first newborn.
    private static func siblings(_ answers: Answers, _ caseID: CaseID) -> [Int]? {
        guard case .array(let linked)? = answers["linkedCases"] else { return nil }
        let others = linked.compactMap {
            if case .bytes(let bytes) = $0 { CaseID(bytes: bytes) } else { nil }
        }
        let all = Set(others).union([caseID]).sorted()
        guard all.count > 1, let place = all.firstIndex(of: caseID) else { return nil }
        return [all.count, place + 1]
    }
}

/// A summary as it is kept: what everybody reads, and what only the work list does.
struct KeptSummary: Encodable {
    let summary: CaseSummary
    let detail: CaseDetail

    func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        try detail.encode(to: encoder)
    }
}

/// A line of the work list as a page shows it.
package struct WorkLine: Hashable, Sendable {
    package let id: CaseID
    package let summary: CaseSummary
    package let detail: CaseDetail
    package let conflicts: Int
    package let asides: Int
    package let changedAt: UInt64

    init(_ row: ListedRow) throws {
        let listed = try row.listed
        (id, summary, conflicts) = (listed.id, listed.summary, listed.conflicts)
        (asides, changedAt) = (listed.asides, listed.changedAt)
        detail = try JSONDecoder().decode(CaseDetail.self, from: Data(row.summary))
    }
}

extension WorkIndex.Detail {
    /// The part of a summary that is kept in memory: reading it all would take twice as long.
    private struct Kept: Decodable {
        let policy, worker, find: String?
    }

    init(summary: [UInt8]) throws {
        let kept = try JSONDecoder().decode(Kept.self, from: Data(summary))
        self.init(policy: kept.policy ?? "", worker: kept.worker ?? "", text: SearchText(kept.find ?? ""))
    }
}
