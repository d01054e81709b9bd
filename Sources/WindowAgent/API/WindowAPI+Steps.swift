import Accounts
import Casework
import Foundation
import SyncProtocol
import Web

extension WindowAPI {
    /// `POST /api/v1/cases/{id}/steps`: `{"step": "accept", …}`, as `StepOrder` describes it.
    ///
    /// A decision names as its basis every answer that it relies on, and the submission that it judges. While the policy, or anything
    /// else on which nothing may be decided, is in conflict, it is refused (DESIGN section 5).
    @Sendable func takeStep(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let id = try caseID(request)
        let order = try StepOrder(request.body)
        try Permit.allowed(order.step.action).require(of: viewer)
        let saved = try await store.take(order, on: id, try await saving(request))
        await exchanger.noteSaved()
        return try .json(SaveAnswer(saved, warnings: []))
    }

    /// `GET /api/v1/due?department=D&limit=N`: what is promised by a day and not done, the soonest first, and the
    /// next handover of second pages.
    @Sendable func listDue(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let limit = min(request.query["limit"].flatMap { Int($0) } ?? 100, Self.listMax)
        let today = CalendarDate(milliseconds: environment.milliseconds())
        let due = try await store.dueItems(department: request.query["department"], limit: max(0, limit))
            .filter { viewer.applies(policy: $0.summary.policy) }
        let rules = try await store.rules()
        return try .json(
            DueShape(
                due: due.map { DueLine($0, rules.policies, today: today) },
                handovers: rules.nextHandovers(from: today).map {
                    .init(quarter: $0.quarter.description, due: $0.due.description)
                }))
    }
}

extension CaseStep {
    /// What who takes it must be allowed: to decide, to issue a certificate, or to edit.
    var action: Action {
        switch self {
        case .accept, .correct, .refuse, .close, .reopen: .decideCase
        case .issue: .issueCertificate
        case .submit, .withdraw, .resubmit, .vaccinate, .handOver, .post, .evaluate: .editCase
        }
    }
}

private struct DueShape: Encodable {
    struct Handover: Encodable {
        let quarter: String
        let due: String
    }

    let due: [DueLine]
    /// The next handover of second pages; none in a region without.
    let handovers: [Handover]
}

private struct DueLine: Encodable {
    let caseID: String
    let number: String?
    let childName: String?
    let item: String
    let name: String
    let department: String
    let due: String
    let isLate: Bool
    /// Calendar days, negative once it is late.
    let daysLeft: Int

    init(_ item: DueItem, _ policies: PolicyLibrary, today: CalendarDate) {
        caseID = item.caseID.description
        (number, childName) = (item.summary.number, item.summary.childName)
        (self.item, department) = (item.item, item.department)
        name = item.summary.policy.flatMap { policies[$0]?.item(item.item)?.name } ?? item.item
        due = item.due.description
        isLate = item.due < today
        daysLeft = item.due.dayNumber - today.dayNumber
    }
}
