import Accounts
import Casework
import Pages
import Web

/// The clerk's pages. Each address is one line in ``add(to:)`` of its part, with the one thing that its viewer must be allowed to do.
///
/// A page works without script. A form is answered with a redirect (303), so that going back or loading again sends nothing twice.
struct WindowPages: Sendable {
    let api: WindowAPI

    typealias Shown = @Sendable (Request, Viewer) async throws -> Page
    typealias Done = @Sendable (Request, FormFields, Viewer) async throws -> Response

    func add(to router: inout Router) {
        Asset.add(to: &router, access: Permit.anyone.label)
        addCases(to: &router)
        addDesk(to: &router)
        addAccounts(to: &router)
    }

    /// A page to look at.
    func page(_ router: inout Router, _ pattern: String, _ action: Action, _ shown: @escaping Shown) {
        router.on(.get, pattern, access: Permit.allowed(action).label) { request in
            try await answer(request, action) { viewer in
                let page = try await shown(request, viewer)
                return page.response(in: try await frame(for: viewer, request))
            }
        }
    }

    /// A form that does something.
    func form(_ router: inout Router, _ pattern: String, _ action: Action, _ done: @escaping Done) {
        router.on(.post, pattern, access: Permit.allowed(action).label) { request in
            try await answer(request, action) { viewer in
                try await done(request, try formFields(request, viewer), viewer)
            }
        }
    }

    /// Whatever else an address answers: a picture, a file.
    func other(
        _ router: inout Router, _ method: Web.Method, _ pattern: String, _ action: Action,
        _ answered: @escaping @Sendable (Request, Viewer) async throws -> Response
    ) {
        router.on(method, pattern, access: Permit.allowed(action).label) { request in
            try await answer(request, action) { viewer in try await answered(request, viewer) }
        }
    }

    /// Errors become pages with what to do next; a refusal looks like one.
    private func answer(
        _ request: Request, _ action: Action, _ body: (Viewer) async throws -> Response
    ) async throws -> Response {
        let viewer = try await viewer(of: request)
        do {
            guard viewer.may(action) else {
                throw Web.Problem(status: 403, title: "您的岗位不能办理此事", remedy: "请由有权限的同事登录办理，或联系窗口主管。")
            }
            return try await body(viewer)
        } catch {
            guard let problem = error as? Web.Problem ?? Web.Problem(window: error) else { throw error }
            return failure(problem).response(
                in: try await frame(for: viewer, request), status: problem.status)
        }
    }

    private func failure(_ problem: Web.Problem) -> Page {
        Page(
            problem.title, under: "",
            content: """
                <div class="note" data-state="bad"><p><b>\(problem.title)</b></p>\
                \([problem.detail, problem.remedy].compactMap(\.self).map { "<p>\($0)</p>" as HTML })</div>\
                <p><a href="/">返回办件列表</a></p>
                """)
    }

    /// The fields of a form that came from a page of this viewer's.
    private func formFields(_ request: Request, _ viewer: Viewer) throws -> FormFields {
        let fields = try FormFields(request)
        guard fields[FormToken.name] == viewer.formToken else {
            throw Web.Problem(status: 403, title: "页面已过期", remedy: "请刷新页面后再提交。")
        }
        return fields
    }

    /// What all pages have in common.
    func frame(for viewer: Viewer, _ request: Request) async throws -> Page.Frame {
        Page.Frame(
            place: try await place(), tabs: try await tabs(for: viewer),
            lights: try await lights(for: viewer),
            day: try await day(), user: viewer.displayName, formToken: viewer.formToken,
            isLargeType: request.cookie("type") == "large")
    }
}
