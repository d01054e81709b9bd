import Accounts
import Casework
import Foundation
import Pages
import SyncProtocol
import Web

/// What forms of the desk share beside.
extension WindowPages {
    /// A form with files, for who works without script and for scripts alike. So many arrive at a time, and no more.
    func upload(
        _ router: inout Router, _ pattern: String, _ action: Action, bytesMax: Int,
        _ done: @escaping @Sendable (Request, MultipartForm, Viewer) async throws -> Response
    ) {
        router.onStream(.post, pattern, access: Permit.allowed(action).label) { request, body in
            try await gate.answer(request, .allowed(action), confined) { request, viewer in
                try await api.arrival {
                    var whole = request
                    while let piece = try await body.next() {
                        whole.body += piece
                        guard whole.body.count <= bytesMax else {
                            throw Web.Problem(
                                status: 413, title: "文件过大，未保存", detail: "一次最多 \(bytesMax >> 20) MB。")
                        }
                    }
                    let form = try MultipartForm(whole)
                    try PageGate.check(form.fields, from: viewer)
                    return try await done(whole, form, viewer)
                }
            }
        }
    }

    /// The reason that a form gives, as a change may hold it.
    func reason(_ fields: FormFields, for what: String) throws -> String {
        try fields.reason(what, bytesMax: SyncProtocol.Limits.reasonBytesMax)
    }

    /// The dots that a page showed of a group, as its form carries them.
    func dots(_ fields: FormFields) throws -> [Dot] {
        let texts = fields.all("seen")
        let dots = texts.prefix(SyncProtocol.Limits.dotsPerGroupMax).compactMap { Dot($0) }
        guard dots.count == texts.count else {
            throw Web.Problem(status: 400, title: "页面内容不完整，未保存", detail: "请刷新页面后再办理。")
        }
        return dots
    }

    /// The present moment, and how times are said at it.
    var times: TimeWords { TimeWords(now: api.environment.milliseconds()) }
}
