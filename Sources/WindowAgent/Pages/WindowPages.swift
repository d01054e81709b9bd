import Accounts
import Casework
import Pages
import Web

/// The clerk's pages. Each address is one line in ``add(to:)`` of its part, with the one thing that its viewer must be allowed to do.
///
/// A page works without script. A form is answered with a redirect (303), so that going back or loading again sends nothing twice.
struct WindowPages: Sendable {
    let api: WindowAPI
    /// What clerks look for just now.
    let searches = SearchMemory()

    typealias Shown = @Sendable (Request, Viewer) async throws -> Page
    typealias Done = @Sendable (Request, FormFields, Viewer) async throws -> Response

    func add(to router: inout Router) {
        Asset.add(to: &router, access: Permit.anyone.label)
        addCases(to: &router)
        addDesk(to: &router)
        addAccounts(to: &router)
        addAudit(to: &router)
    }

    /// A page to look at.
    func page(
        _ router: inout Router, _ pattern: String, _ action: Action, recorded: String? = nil,
        _ shown: @escaping Shown
    ) {
        router.on(.get, pattern, access: Permit.allowed(action).label, recorded: recorded) { request in
            try await answer(request, action) { viewer in
                let page = try await shown(request, viewer)
                return page.response(in: try await frame(for: viewer, request))
            }
        }
    }

    /// A form that does something.
    ///
    /// - Parameter recorded: what the audit log says of it, where that is not what the action says.
    func form(
        _ router: inout Router, _ pattern: String, _ action: Action, recorded: String? = nil,
        _ done: @escaping Done
    ) {
        router.on(.post, pattern, access: Permit.allowed(action).label, recorded: recorded) { request in
            try await answer(request, action) { viewer in
                try await done(request, try formFields(request, viewer), viewer)
            }
        }
    }

    /// Whatever else an address answers: a picture, a file.
    func other(
        _ router: inout Router, _ method: Web.Method, _ pattern: String, _ action: Action,
        recorded: String? = nil, _ answered: @escaping @Sendable (Request, Viewer) async throws -> Response
    ) {
        router.on(method, pattern, access: Permit.allowed(action).label, recorded: recorded) { request in
            try await answer(request, action) { viewer in try await answered(request, viewer) }
        }
    }

    /// Errors become pages with what to do next; a refusal looks like one.
    func answer(
        _ request: Request, _ action: Action, _ body: (Viewer) async throws -> Response
    ) async throws -> Response {
        let viewer = try await viewer(of: request)
        do {
            guard viewer.may(action) else {
                throw Web.Problem(status: 403, title: "您的岗位不能办理此事", remedy: "请由有权限的同事登录办理，或联系窗口主管。")
            }
            try await api.checkScope(request, viewer)
            return try await body(viewer)
        } catch {
            guard let problem = error as? Web.Problem ?? Web.Problem(window: error) else { throw error }
            return failure(problem).response(
                in: try await frame(for: viewer, request), status: problem.status)
        }
    }

    private func failure(_ problem: Web.Problem) -> Page {
        let sentences = [problem.detail, problem.remedy].compactMap(\.self)
        // What is written for technicians, in English, must not stand in a clerk's way.
        let (plain, technical) = (sentences.filter(\.isChinese), sentences.filter { !$0.isChinese })
        let more: HTML? =
            technical.isEmpty
            ? nil
            : "<details><summary>供技术人员</summary><p lang=\"en\">\(technical.joined(separator: " "))</p></details>"
        return Page(
            problem.title, under: "",
            content: """
                <div class="note" id="problem" data-state="bad" role="alert"><h1>\(problem.title)</h1>\
                \(plain.flatMap { $0.split(separator: "\n") }.map { "<p>\(String($0))</p>" as HTML })\(more)</div>\
                <p><a href="/">返回办件列表</a></p>
                """)
    }

    /// The fields of a form that came from a page of this viewer's.
    private func formFields(_ request: Request, _ viewer: Viewer) throws -> FormFields {
        let fields = try FormFields(request)
        try check(fields, viewer)
        return fields
    }

    /// Refuses what came from no page of this viewer's.
    func check(_ fields: FormFields, _ viewer: Viewer) throws {
        guard fields[FormToken.name] == viewer.formToken else {
            throw Web.Problem(status: 403, title: "页面已过期", remedy: "请刷新页面后再提交。")
        }
    }
}

extension String {
    /// Whether it is written for clerks.
    fileprivate var isChinese: Bool { unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) } }
}
