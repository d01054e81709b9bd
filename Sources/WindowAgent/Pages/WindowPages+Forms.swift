import Accounts
import Casework
import Pages
import Web

/// What all forms of the window share.
extension WindowPages {
    /// The hidden fields of a form that saves: by them the form is known to come from here, and a repeat to be one.
    func hidden(_ viewer: Viewer) -> HTML {
        let environment = api.environment
        let id = String(environment.random(), radix: 16) + String(environment.random(), radix: 16)
        return """
            \(FormToken.field(viewer.formToken))<input type="hidden" name="saveID" value="\(id)">
            """
    }

    /// Who saves by a form.
    func saving(_ viewer: Viewer, _ fields: FormFields, reason: String? = nil) async throws -> Saving {
        let saveID = fields["saveID"].flatMap { $0.isEmpty ? nil : $0 }
        guard (saveID?.utf8.count ?? 0) <= Saving.saveIDBytesMax else {
            throw Web.Problem(status: 400, title: "页面内容无法读取", remedy: "请刷新页面后再提交。")
        }
        return Saving(
            user: viewer.name, saveID: saveID, isDoubtful: await api.exchanger.isClockDoubtful, reason: reason
        )
    }
}
