import Accounts
import Pages
import SyncProtocol
import Web

/// The audit log, and why somebody looks at a case that is over.
extension CentralPages {
    func addAudit(to router: inout Router) {
        let view = AuditView(api.auditSite, beside: "<a class=\"button push\" href=\"/acts\">管理操作</a>")
        page(&router, AuditView.address, .readAudit, .everything) { request, _ in
            try await view.show(request, people: try await people())
        }
        page(&router, "/cases/{id}/reason", .readCase, .case, recorded: AuditRule.nothing) {
            request, viewer in
            ReasonView.page(
                of: try request.caseID().description, next: try next(request, request.query["next"]),
                formToken: viewer.formToken)
        }
        // The line of what is then looked at has the reason.
        form(&router, "/cases/{id}/reason", .readCase, .case, recorded: AuditRule.nothing) {
            request, fields, viewer in
            let (id, next) = (try request.caseID(), try next(request, fields["next"]))
            let words = [fields["basis"], fields["reason"]].compactMap(\.self).filter { !$0.isEmpty }
            guard let reason = ReasonMemory.usable(words.joined(separator: "：")) else {
                throw Web.Problem(status: 422, title: "请选择或填写理由", remedy: "请返回上一页。")
            }
            api.reasons.keep(reason, of: viewer, for: id, now: api.environment.now())
            return SeeOther(next).response
        }
    }

    /// Only back into the same case.
    private func next(_ request: Request, _ given: String?) throws -> String {
        let own = "/cases/\(try request.caseID())"
        guard let path = SeeOther.path(given), path == own || path.hasPrefix(own + "/") else { return own }
        return path
    }
}
