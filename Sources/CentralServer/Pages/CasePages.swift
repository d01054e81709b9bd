import Accounts
import Casework
import Cryptography
import Pages
import SyncProtocol
import Web

/// `/cases/{id}`: one case as central has it.
extension CentralPages {
    func addCases(to router: inout Router) {
        page(&router, "/cases/{id}", .readCase, .case, showCase)
        form(&router, "/cases/{id}/move", .moveCase, .case, moveCase)
        gate.other(
            &router, .get, "/cases/{id}/attachments/{hash}", .allowed(.readCase), confined(.case)
        ) { request, _ in try await attachment(request) }
    }

    @Sendable private func showCase(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let id = try request.caseID()
        let (view, changes) = (try await api.caseDesk.view(id), try await changes(of: id))
        let waiting = viewer.may(.settle) ? try await deskQueue.items(of: id).count : 0
        let names = try await names()
        let calendar = try await api.store.read { transaction throws(CentralError) in
            try transaction.workCalendar(of: view.hospitals.first?.id.record ?? .centralRecord)
        }
        let shown = CaseFullView(
            view: view, changes: changes,
            life: api.books.casebook.life(
                of: view.state, api.books.casebook.progress(of: view.state), calendar: calendar,
                milliseconds: api.environment.now()),
            waiting: waiting, names: names, viewer: viewer, casebook: api.books.casebook, times: times)
        return Page(view.state.title(dictionary), under: "/", content: shown.html)
    }

    @Sendable private func moveCase(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let (id, code) = (try request.caseID(), fields["hospital"] ?? "")
        guard viewer.serves(hospital: code) else { throw CentralError.refused(.unknownHospital) }
        try await api.scopeDesk.move(
            ScopeDesk.Move(id, to: code, reason: try reason(fields), by: request.operatorName))
        return .seeOther("/cases/\(id.description)")
    }

    /// A page of a paper that the case shows, and no other.
    private func attachment(_ request: Request) async throws -> Response {
        let state = try await api.caseDesk.view(try request.caseID()).state
        let pages = CasePage.all(of: Answers(state: state, dictionary: dictionary))
        guard let attachments = api.attachments,
            let hash = [UInt8](hexadecimal: try request.parameter("hash")).flatMap({ Digest(bytes: $0) }),
            let page = pages.first(where: { $0.hash == hash.bytes })
        else { throw CentralError.refused(.unknownAttachment) }
        return try await api.resource(hash, in: attachments, type: page.format.mediaType, for: request)
    }
}
