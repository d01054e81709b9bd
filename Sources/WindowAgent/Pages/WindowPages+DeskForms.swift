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
            try await answer(request, action) { viewer in
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
                    try check(form.fields, viewer)
                    return try await done(whole, form, viewer)
                }
            }
        }
    }

    /// The reason that a form gives: one of those offered, and in the person's own words. It must not be empty.
    func reason(_ fields: FormFields, for what: String) throws -> String {
        let words = [fields["basis"], fields["reason"]].compactMap(\.self)
            .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
        guard !words.isEmpty else { throw Web.Problem(status: 422, title: "请填写\(what)", detail: "未保存。") }
        let reason = words.joined(separator: "：")
        guard reason.utf8.count <= SyncProtocol.Limits.reasonBytesMax else {
            throw Web.Problem(status: 422, title: "\(what)过长，未保存", detail: "请缩短后再保存。")
        }
        return reason
    }

    /// Back to the page on which a form stood, as the browser names it; only to one of this server's.
    func back(_ request: Request, otherwise address: String) -> Response {
        guard let host = request.headers["Host"], let from = request.headers["Referer"],
            let rest = ["http://\(host)/", "https://\(host)/"].first(where: { from.hasPrefix($0) })
        else { return .seeOther(address) }
        let way = "/" + from.dropFirst(rest.count)
        // Two slashes, or one that leans the other way, begin the name of another server.
        let isOwn = !way.hasPrefix("//") && !way.hasPrefix("/\\")
        let isPlain = way.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0.value != 0x7F }
        return .seeOther(isOwn && isPlain ? way : address)
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

extension HTML {
    static func hidden(_ name: String, _ value: String) -> HTML {
        "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
    }
}

extension HTML.Interpolation {
    /// A case's name, of which nothing needs escaping.
    mutating func appendInterpolation(_ id: CaseID) { appendInterpolation(id.description) }
}
