import Casework
import SyncProtocol
import Web

extension WindowAPI {
    /// `POST /api/v1/cases/{id}/decisions`: `{"kind": "accept" | …, "date": "YYYY-MM-DD", "reasons": [text]}`.
    ///
    /// The decision names as its basis every answer that it relies on. While the policy, or anything else on which nothing
    /// may be decided, is in conflict, it is refused (DESIGN section 5).
    @Sendable func decide(_ request: Request) async throws -> Response {
        let id = try caseID(request)
        let order = try decode(DecisionOrder.self, request)
        let state = try await store.state(of: id)
        let policy = try await policy(of: state)
        let disputed = Set(state.conflicts(by: dictionary.mergeRules))
        for key in policy.needs where key != "decisionKind" {
            guard let place = dictionary.place(of: key), disputed.contains(place.group.id) else { continue }
            throw EditError.inConflict(key: key, label: place.field.label)
        }
        // With a clock in doubt a person confirms the day, and that is what is recorded.
        if order.date == nil, await exchanger.isClockDoubtful {
            throw Web.Problem(
                status: 409, title: "本机时钟有疑", detail: "请先确认今天的日期，再作出决定。",
                remedy: "Give the date: --date YYYY-MM-DD")
        }
        let today = CalendarDate(milliseconds: environment.milliseconds())
        guard let date = CalendarDate(order.date ?? today.description), date <= today else {
            throw Web.Problem(status: 422, title: "决定日期有误", detail: "决定日期须为 YYYY-MM-DD，且不晚于今天。")
        }
        guard CodeLists.standard.code(order.kind, in: "decision") != nil else {
            throw Web.Problem(
                status: 422, title: "There is no such decision",
                remedy: "Known: \(CodeLists.standard["decision"].map(\.code).joined(separator: ", ")).")
        }
        var answers: [String: CBOR] = [
            "decisionKind": .text(order.kind), "decisionDate": .text(date.description),
        ]
        if let reasons = order.reasons { answers["decisionReasons"] = .array(reasons.map { .text($0) }) }
        if order.kind == "accept" {
            answers["acceptanceDate"] = .text(date.description)
            // From now on the case is judged by this version, whatever comes later (DESIGN section 7).
            answers["policyVersion"] = .unsigned(UInt64(policy.version))
        }
        let saved = try await store.edit(id, answers, try await saving(request))
        await exchanger.noteSaved()
        return try .json(SaveAnswer(saved, warnings: []))
    }
}

private struct DecisionOrder: Decodable {
    let kind: String
    let date: String?
    let reasons: [String]?
}
