import Accounts
import Casework
import SyncProtocol
import Web

extension CentralAPI {
    /// `GET /api/v1/cases?hospital=&before=&limit=`: newest first. A hospital's own record is none.
    func listCases(_ request: Request, _ viewer: Viewer) async throws(CentralError) -> Response {
        let page = try await caseDesk.listed(
            before: request.query["before"].flatMap { CaseID($0) }, in: request.query["hospital"],
            countMax: request.limit)
        var cases: [SummaryShape] = []
        for listed in page.cases {
            let policies = listed.state.texts("policyID", in: books.casebook.dictionary)
            guard policies.allSatisfy({ viewer.applies(policy: $0) }) else { continue }
            cases.append(SummaryShape(listed.summary, listed.state, books.casebook.dictionary))
        }
        return try json(["cases": cases])
    }

    /// `GET /api/v1/cases/{id}`: what ``Casework/CaseView`` shows, with the hospitals and where the items stand.
    func showCase(_ request: Request) async throws(CentralError) -> Response {
        let view = try await caseDesk.view(try request.caseID())
        let casebook = books.casebook
        var members =
            CaseView(id: view.caseID, state: view.state, dictionary: casebook.dictionary).json.members ?? [:]
        let progress = casebook.progress(of: view.state)
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
                user: request.operatorName))
        return try json(
            SaveShape(
                cases: [SaveShape.Case(id: caseID.description, isChanged: change != nil)],
                warnings: changes.warnings.map(\.chinese)))
    }
}
