import Casework
import SyncProtocol
import Web

extension CentralAPI {
    /// `GET /api/v1/cases?hospital=&before=&limit=`: newest first. A hospital's own record is none.
    func listCases(_ request: Request) async throws(CentralError) -> Response {
        let summaries = try await caseDesk.cases(
            before: request.query["before"].flatMap { CaseID($0) }, in: request.query["hospital"],
            countMax: request.limit)
        var cases: [SummaryShape] = []
        for summary in summaries {
            if summary.caseID == .centralRecord { continue }
            // The caches hold no names: each case of the page is folded for them.
            let state = try await caseDesk.view(summary.caseID).state
            if books.casebook.hospitalIdentity(in: state) != nil { continue }
            cases.append(SummaryShape(summary, state, books.casebook.dictionary))
        }
        return try json(["cases": cases])
    }

    /// `GET /api/v1/cases/{id}`: what ``Casework/CaseView`` shows, with the hospitals and where the items stand.
    func showCase(_ request: Request) async throws(CentralError) -> Response {
        let view = try await caseDesk.view(try request.caseID())
        let casebook = books.casebook
        var members =
            CaseView(id: view.caseID, state: view.state, dictionary: casebook.dictionary).json.members ?? [:]
        let progress = CaseProgress(view.state, policies: casebook.policies, dictionary: casebook.dictionary)
        members["items"] = .list(progress.items.map(\.json))
        members["hospitals"] = .list(view.hospitals.map { .text($0.code) })
        return try json(JSON.object(members))
    }

    private struct SaveShape: Encodable {
        struct Case: Encodable {
            let id: String
            let isChanged: Bool
        }

        let cases: [Case]
        let warnings: [String]
    }

    /// `PATCH /api/v1/cases/{id}`: an ``Casework/EditOrder``.
    func editCase(_ request: Request) async throws(CentralError) -> Response {
        let (caseID, casebook) = (try request.caseID(), books.casebook)
        let order: EditOrder
        do { order = try EditOrder(request.body) } catch {
            throw CentralError.refused(.malformed(error.description))
        }
        guard !order.alsoLinked else {
            throw CentralError.refused(.malformed("Only a window writes to linked cases, too: alsoLinked."))
        }
        let state = try await caseDesk.view(caseID).state
        let existing = Answers(state: state, dictionary: casebook.dictionary)
        guard let policy = casebook.policy(of: state) else {
            throw CentralError.refused(.malformed("The case has no policy that is known here, or several."))
        }
        let changes: AnswerChanges
        do throws(CaseFileError) {
            changes = try AnswerChanges(
                order.set, to: existing, policy: policy, today: CalendarDate(milliseconds: environment.now()),
                dictionary: casebook.dictionary)
        } catch {
            throw CentralError.refused(.wrongAnswers(error))
        }
        let change = try await caseDesk.edit(
            CaseDesk.Edit(
                caseID: caseID, answers: changes.values, seen: order.seen, reason: order.reason,
                user: try request.operatorName))
        return try json(
            SaveShape(
                cases: [SaveShape.Case(id: caseID.description, isChanged: change != nil)],
                warnings: changes.warnings.map(\.chinese)))
    }

    private struct ChangeShape: Encodable {
        let change: String
        let dot: String

        init(_ change: Change) {
            self.change = change.id.description
            dot = change.dot.description
        }
    }

    private struct SettlementBody: Decodable {
        let reason: String
        let group: UInt32
        let seen: [String]
        let dot: String?
        let value: [String: JSONValue]?
    }

    /// `POST /api/v1/cases/{id}/settlements`: `{reason, group, seen: [dot], dot | value}`
    func settle(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: SettlementBody.self)
        let (caseID, group) = (try request.caseID(), GroupID(rawValue: body.group))
        let choice: MergeDesk.Settlement.Choice
        switch (body.dot, body.value) {
        case (let dot?, nil): choice = .standing(try Dot(reading: dot))
        case (nil, let value?): choice = .value(try books.casebook.value(value.mapValues(\.json), of: group))
        default: throw CentralError.refused(.malformed("Give either dot or value."))
        }
        let settlement = MergeDesk.Settlement(
            caseID: caseID, group: group, seen: try Dot.list(body.seen), choice: choice, reason: body.reason,
            user: try request.operatorName)
        do throws(CentralError) {
            return try json(ChangeShape(try await mergeDesk.settle(settlement)), status: 201)
        } catch {
            guard case .refused(.stale) = error else { throw error }
            return try await staleAnswer(error, caseID, group)
        }
    }

    /// The refusal with what stands now, so that the person can decide again at once.
    private func staleAnswer(
        _ error: CentralError, _ caseID: CaseID, _ group: GroupID
    ) async throws(CentralError) -> Response {
        var problem = CentralProblem(error)
        let state = try await caseDesk.view(caseID).state
        let view = CaseView(id: caseID, state: state, dictionary: books.casebook.dictionary)
        problem.standing = view.standing(in: group)
        return problem.response
    }

    /// `GET /api/v1/conflicts?case=&group=&limit=`: those after the place named.
    func listConflicts(_ request: Request) async throws(CentralError) -> Response {
        var place: (CaseID, GroupID)?
        if let caseID = request.query["case"].flatMap({ CaseID($0) }) {
            place = (caseID, GroupID(rawValue: UInt32(request.query["group"] ?? "") ?? .max))
        }
        let dictionary = books.casebook.dictionary
        let conflicts = try await mergeDesk.conflicts(after: place, countMax: request.limit).map { conflict in
            let view = CaseView(id: conflict.caseID, state: conflict.state, dictionary: dictionary)
            var members = view.conflict(in: conflict.group).members ?? [:]
            members["caseID"] = .text(conflict.caseID.description)
            members["hospitals"] = .list(conflict.hospitals.map { .text($0.code) })
            return JSON.object(members)
        }
        return try json(["conflicts": conflicts])
    }
}
