import Accounts
import Casework
import Foundation
import SyncProtocol
import Web

extension WindowAPI {
    /// `POST /api/v1/cases?policy=P`: a case file, as `CaseFile` describes it.
    @Sendable func newCase(_ request: Request) async throws -> Response {
        let policy = try await policy(named: request.query["policy"] ?? "")
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
        let (saved, warnings) = try await self.edit(
            id, edit.set, seen: edit.seen, alsoLinked: edit.alsoLinked,
            try await saving(request, reason: edit.reason))
        return try .json(SaveAnswer(saved, warnings: warnings))
    }

    /// Judges answers and saves them as one change, and for linked cases what siblings have in common.
    ///
    /// - Throws: ``Casework/CaseFileError`` with everything that is wrong with them.
    func edit(
        _ id: CaseID, _ set: [String: JSON], seen: [GroupID: [Dot]], alsoLinked: Bool, _ saving: Saving
    ) async throws -> (saved: Saved, warnings: [Fault]) {
        let state = try await store.state(of: id)
        let answers = Answers(state: state, dictionary: dictionary)
        let policy = try await policy(toJudge: state)
        let changes = try AnswerChanges(
            set, to: answers, policy: policy, today: CalendarDate(milliseconds: environment.milliseconds()),
            dictionary: dictionary)
        if alsoLinked { try await checkSiblings(of: id, set, policy) }
        let saved = try await store.edit(id, changes.values, seen: seen, alsoLinked: alsoLinked, saving)
        await exchanger.noteSaved()
        return (saved, changes.warnings)
    }

    /// What siblings have in common has to fit each of them.
    private func checkSiblings(
        of id: CaseID, _ set: [String: JSON], _ policy: Policy
    ) async throws {
        let shared = set.filter { dictionary.place(of: $0.key)?.group.isSharedBySiblings ?? false }
        for sibling in try await store.siblings(of: id) {
            let answers = Answers(state: try await store.state(of: sibling), dictionary: dictionary)
            _ = try AnswerChanges(
                shared, to: answers, policy: policy,
                today: CalendarDate(milliseconds: environment.milliseconds()), dictionary: dictionary)
        }
    }

    /// `GET /api/v1/cases/{id}`: the case, and under `life` where it stands, what is due and what may be done.
    @Sendable func showCase(_ request: Request) async throws -> Response {
        let id = try caseID(request)
        let state = try await store.state(of: id)
        let view = CaseView(id: id, state: state, dictionary: dictionary)
        let policies = try await store.rules().policies
        let progress = CaseProgress(state, policies: policies, dictionary: dictionary)
        guard case .object(var members) = view.json else { return .noContent }
        if let sentence = progress.rules.chinese { members["rules"] = .text(sentence) }
        members["items"] = .list(progress.items.map(\.json))
        if let departure = try await store.departure(of: id) {
            members["departed"] = .text(departure.chinese)
        }
        members["life"] = try await store.life(of: state).json
        return try .json(JSON.object(members))
    }

    /// `GET /api/v1/cases?stage=S&limit=N&offset=N`; with `departed=true`, those that left instead; with `returned=true`, those of
    /// which a department has sent an item back; with `archived=true`, those that central put away.
    @Sendable func listCases(_ request: Request, _ viewer: Viewer) async throws -> Response {
        // An account that is limited to policies gets pages that may be shorter than asked for.
        func answer(_ lines: [ListedCase]) throws -> Response {
            try .json([
                "cases": lines.filter { viewer.applies(policy: $0.summary.policy) }.map(CaseLine.init)
            ])
        }
        let limit = min(request.query["limit"].flatMap { Int($0) } ?? 100, Self.listMax)
        let offset = request.query["offset"].flatMap { Int($0) } ?? 0
        if request.query["departed"] == "true" {
            return try answer(try await store.departedCases(limit: max(0, limit)))
        }
        if request.query["returned"] == "true" {
            return try answer(
                try await store.returnedCases(limit: max(0, limit), offset: max(0, offset)))
        }
        let stage = try request.query["stage"].map { word in
            guard let stage = CaseStage(rawValue: word) else {
                throw Web.Problem(
                    status: 422, title: "There is no such stage",
                    remedy: "Known: \(CaseStage.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            return stage
        }
        return try answer(
            try await store.cases(
                stage: stage, isArchived: request.query["archived"] == "true", limit: max(0, limit),
                offset: max(0, offset)))
    }

    /// The newest version at hand of a policy that somebody names.
    func policy(named id: String) async throws -> Policy {
        let rules = try await store.rules()
        let policies = rules.policies
        guard let policy = policies[id] else {
            if let newest = policies.policies.first(where: { $0.id == id }),
                let reason = rules.record.withdrawn[newest.name]
            {
                throw Web.Problem(
                    status: 422, title: "政策包已停用，不能新建办件",
                    detail: "“\(newest.title)”已由中心停用：\(reason)",
                    remedy: "See: birthwindow policy list")
            }
            var known: [String] = []
            for policy in policies.policies where known.last != policy.id { known.append(policy.id) }
            throw Web.Problem(
                status: 422, title: "There is no such policy",
                remedy: "Known here: \(known.joined(separator: ", ")).")
        }
        return policy
    }

    /// The policy by which a decision on a case is made: the newest at hand, or the one that it was accepted under.
    func policy(of state: CaseState) async throws -> Policy {
        let rules = CaseRules(state, policies: try await store.rules().policies, dictionary: dictionary)
        if let policy = rules.policy { return policy }
        throw Web.Problem(
            status: 409, title: "暂不能办理", detail: rules.chinese, remedy: rules.english)
    }

    /// The policy by which answers are judged: where the version of the acceptance is not here, the newest has to do, so that
    /// nobody who has something to write down is turned away.
    private func policy(toJudge state: CaseState) async throws -> Policy {
        let policies = try await store.rules().policies
        let rules = CaseRules(state, policies: policies, dictionary: dictionary)
        if let policy = rules.policy { return policy }
        if case .missing(let id, _) = rules, let newest = policies[id] { return newest }
        return try await policy(of: state)
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
        self.warnings = warnings.map(\.chinese) + (saved.warnings ?? [])
    }
}

extension Departure {
    /// For clerk and technician.
    var chinese: String {
        let place = hospitalCode.map { "现由编码为 \($0) 的医院办理" } ?? "现由其他医院办理"
        let rest = unsentCount == 0 ? "" : "尚有 \(unsentCount) 项本院变更待发，联网后照常送达。"
        return "该办件已转出本院，\(place)，本院不能再修改。\(rest)"
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
