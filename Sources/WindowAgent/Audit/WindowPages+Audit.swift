import Accounts
import Pages
import Web

/// The audit log for supervisors, and the reason for looking at what is over.
extension WindowPages {
    func addAudit(to router: inout Router) {
        let view = AuditView(api.auditSite)
        page(&router, AuditView.address, .readAudit) { request, _ in
            try await view.show(request, people: try await people())
        }
        page(&router, "/cases/{id}/reason", .readCase, recorded: AuditRule.nothing) { request, viewer in
            ReasonView.page(
                of: try api.caseID(request).description, next: try next(request, request.query["next"]),
                formToken: viewer.formToken)
        }
        // The line of what is then looked at has the reason.
        form(&router, "/cases/{id}/reason", .readCase, recorded: AuditRule.nothing, giveReason)
    }

    @Sendable private func giveReason(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let (id, next) = (try api.caseID(request), try next(request, fields["next"]))
        let words = [fields["basis"], fields["reason"]].compactMap(\.self).filter { !$0.isEmpty }
        guard let reason = ReasonMemory.usable(words.joined(separator: "：")) else {
            let page = ReasonView.page(
                of: id.description, next: next, formToken: viewer.formToken, problem: "请选择或填写理由。")
            return page.response(in: try await frame(for: viewer, request), status: 422)
        }
        api.reasons.keep(reason, of: viewer, for: id, now: api.environment.milliseconds())
        return .seeOther(next)
    }

    /// Only back into the same case.
    private func next(_ request: Request, _ given: String?) throws -> String {
        let own = "/cases/\(try api.caseID(request))"
        guard let path = SeeOther.path(given), path == own || path.hasPrefix(own + "/") else { return own }
        return path
    }
}
