import Casework
import Foundation
import SyncProtocol
import Web

extension WindowAPI {
    /// `POST /api/v1/cases?policy=P`: a case file, as `CaseFile` describes it.
    @Sendable func newCase(_ request: Request) async throws -> Response {
        let policy = try self.policy(request.query["policy"] ?? "")
        let today = CalendarDate(milliseconds: environment.milliseconds())
        let file = try CaseFile(request.body, policy: policy, today: today, dictionary: dictionary)
        let saved = try await store.newCases(file.newborns, policy: policy, try await saving(request))
        await exchanger.noteSaved()
        return try .json(SaveAnswer(saved, warnings: file.warnings), status: 201)
    }

    /// `PATCH /api/v1/cases/{id}`: `{"set": {key: value}, "seen": {group: [dot]}, "reason": text}`.
    @Sendable func editCase(_ request: Request) async throws -> Response {
        let id = try caseID(request)
        let edit = try EditOrder(request.body)
        let state = try await store.state(of: id)
        let answers = Answers(state: state, dictionary: dictionary)
        let policy = try self.policy(answers.text("policyID") ?? "")
        let changes = try AnswerChanges(
            edit.set, to: answers, policy: policy,
            today: CalendarDate(milliseconds: environment.milliseconds()),
            dictionary: dictionary)
        let saved = try await store.edit(
            id, changes.values, seen: edit.seen, try await saving(request, reason: edit.reason))
        await exchanger.noteSaved()
        return try .json(SaveAnswer(saved, warnings: changes.warnings))
    }

    /// `GET /api/v1/cases/{id}`
    @Sendable func showCase(_ request: Request) async throws -> Response {
        let id = try caseID(request)
        let state = try await store.state(of: id)
        let view = CaseView(id: id, state: state, dictionary: dictionary)
        let progress = CaseProgress(state, policies: policies, dictionary: dictionary)
        guard case .object(var members) = view.json else { return .noContent }
        members["items"] = .list(progress.items.map(\.json))
        return try .json(JSON.object(members))
    }

    /// `GET /api/v1/cases?limit=N&offset=N`
    @Sendable func listCases(_ request: Request) async throws -> Response {
        let limit = min(request.query["limit"].flatMap { Int($0) } ?? 100, Self.listMax)
        let offset = request.query["offset"].flatMap { Int($0) } ?? 0
        let lines = try await store.cases(limit: max(0, limit), offset: max(0, offset)).map(CaseLine.init)
        return try .json(["cases": lines])
    }

    func policy(_ id: String) throws -> Policy {
        guard let policy = policies[id] else {
            throw Web.Problem(
                status: 422, title: "There is no such policy",
                remedy: "Known here: \(policies.policies.map(\.id).joined(separator: ", ")).")
        }
        return policy
    }

    func decode<Value: Decodable>(_ type: Value.Type, _ request: Request) throws -> Value {
        do { return try JSONDecoder().decode(type, from: Data(request.body)) } catch {
            throw Web.Problem(
                status: 400, title: "The body is not the JSON that this route takes",
                remedy: "See the API's description.")
        }
    }
}

/// What a save answers.
struct SaveAnswer: Encodable {
    let cases: [Saved.Case]
    let warnings: [String]

    init(_ saved: Saved, warnings: [Fault]) {
        cases = saved.cases
        self.warnings = warnings.map(\.chinese)
    }
}

private struct CaseLine: Encodable {
    let id: String
    let summary: CaseSummary
    let conflicts: Int
    let asides: Int
    let changedAt: UInt64
    let isDeparted: Bool

    init(_ line: ListedCase) {
        id = line.id.description
        summary = line.summary
        (conflicts, asides) = (line.conflicts, line.asides)
        (changedAt, isDeparted) = (line.changedAt, line.isDeparted)
    }
}
