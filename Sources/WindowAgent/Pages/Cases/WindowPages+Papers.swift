import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// The notices and forms of a case, to print on A4.
extension WindowPages {
    /// Papers about more than one case: they are printed at the desk.
    private static let ofTheDesk: Set<PaperKind> = [.handover, .stock]

    func addPaperStyle(to router: inout Router) {
        router.on(.get, Paper.styleAddress, access: Permit.anyone.label) { _ in
            .bytes(Array(Paper.styleSheet.utf8), type: "text/css; charset=utf-8")
        }
    }

    /// `GET /cases/{id}/papers`
    @Sendable func showPapers(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let shown = try await shownCase(request, viewer)
        var lines: [HTML] = []
        if let policy = shown.life.policy {
            for kind in Paper(policy: policy).kinds where !Self.ofTheDesk.contains(kind) {
                lines.append(try await line(kind, policy, shown))
            }
        }
        let view: HTML = """
            <section class="card"><header><h2>文书与打印</h2><span class="push soft small">打开后按 Ctrl P 打印（A4）</span></header>\
            <table class="list"><caption class="hidden">文书</caption><thead><tr><th scope="col">文书</th><th scope="col">文号</th>\
            <th scope="col"></th></tr></thead><tbody>\(lines)</tbody></table></section>
            """
        return Page(
            "文书与打印 · \(shown.name)", under: "/",
            content: CaseChrome(shown: shown, place: .papers).html(
                view,
                aside: CaseAside(shown: shown, wording: times).html))
    }

    /// `GET /cases/{id}/papers/{kind}`: the paper itself, as it is printed.
    @Sendable func printPaper(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let shown = try await shownCase(request, viewer)
        guard let kind = PaperKind(rawValue: request.parameters["kind"] ?? ""),
            !Self.ofTheDesk.contains(kind),
            let policy = shown.life.policy
        else { throw Web.Problem(status: 404, title: "没有这种文书", remedy: "请从“文书与打印”页面打开。") }
        do throws(PaperError) {
            var response = Response.bytes(
                try Paper(policy: policy).html(kind, try await content(kind, shown)),
                type: "text/html; charset=utf-8")
            response.headers["Content-Security-Policy"] = HTML.contentPolicy
            response.headers["Referrer-Policy"] = "no-referrer"
            return response
        } catch {
            throw Web.Problem(status: 409, title: "不能出具文书", detail: error.description)
        }
    }

    private func content(_ kind: PaperKind, _ shown: ShownCase) async throws(PaperError) -> PaperContent {
        let enrolment = try? await api.store.loadEnrolment()  // without one there is no case either
        return shown.life.content(
            of: kind, hospitalName: enrolment?.name ?? "", hospitalCode: enrolment?.code ?? "",
            clerk: shown.viewer.displayName)
    }

    private func line(_ kind: PaperKind, _ policy: Policy, _ shown: ShownCase) async throws -> HTML {
        let paper = Paper(policy: policy)
        let outcome = shown.life.decision?.kind.rawValue
        let title =
            paper.papers.first { $0.kind == kind && ($0.outcome == nil || $0.outcome == outcome) }?.title
            ?? paper.papers.first { $0.kind == kind }?.title ?? kind.name
        let issued = shown.life.issued(kind)
        let wording = times
        let day = issued?.date.map { wording.day($0) } ?? ""
        let action: HTML
        do throws(PaperError) {
            _ = try paper.html(kind, try await content(kind, shown))
            action =
                "<a class=\"button\" href=\"\(shown.path)/papers/\(kind.rawValue)\" target=\"_blank\" rel=\"noopener\">打开打印</a>"
        } catch {
            action = "<span class=\"soft\">\(error.description)</span>"
        }
        return
            "<tr><td>\(title)</td><td class=\"fixed\">\(issued?.number ?? "")<small>\(day)</small></td><td>\(action)</td></tr>"
    }
}
