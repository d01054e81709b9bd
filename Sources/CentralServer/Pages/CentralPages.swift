import Accounts
import Casework
import Pages
import Web

/// The pages of central's people. Each address is one line of its part, with the one thing that its viewer must be allowed to do.
///
/// A page works without script. A form is answered with a redirect (303), so that going back or loading again sends nothing twice.
struct CentralPages: Sendable {
    let api: CentralAPI

    func add(to router: inout Router) {
        Asset.add(to: &router, access: Permit.anyone.label)
        addReasons(to: &router)
        router.on(.get, "/", access: Permit.signedIn.label) { request in
            try await answer(request, .signedIn) { viewer in
                try await home(viewer).response(in: try await frame(for: viewer, request))
            }
        }
        SignInPages(api.signIn) { viewer, request in try await frame(for: viewer, request) }.add(to: &router)
        AccountPages(
            AccountDesk(api.signIn), frame: { try await frame(for: $0, $1) }, choices: { try await choices() }
        ).add(
            managedBy: .manageAccounts, page: { page(&router, $0, $1, $2) },
            form: { form(&router, $0, $1, $2) })
    }

    /// A page to look at.
    func page(
        _ router: inout Router, _ pattern: String, _ action: Action, _ shown: @escaping AccountPages.Shown
    ) {
        let permit = Permit.allowed(action)
        router.on(.get, pattern, access: permit.label) { request in
            try await answer(request, permit) { viewer in
                let page = try await shown(request, viewer)
                return page.response(in: try await frame(for: viewer, request))
            }
        }
    }

    /// A form that does something.
    func form(
        _ router: inout Router, _ pattern: String, _ action: Action, _ done: @escaping AccountPages.Done
    ) {
        let permit = Permit.allowed(action)
        router.on(.post, pattern, access: permit.label) { request in
            try await answer(request, permit) { viewer in
                let fields = try FormFields(request)
                guard fields[FormToken.name] == viewer.formToken else {
                    throw Web.Problem(status: 403, title: "页面已过期", remedy: "请刷新页面后再提交。")
                }
                return try await done(request, fields, viewer)
            }
        }
    }

    /// Errors become pages with what to do next; a refusal looks like one.
    private func answer(
        _ request: Request, _ permit: Permit, _ body: (Viewer) async throws -> Response
    ) async throws -> Response {
        try await api.answered {
            let viewer = try await api.viewer(of: request)
            do {
                try permit.require(of: viewer)
                try await api.askWhy(request, viewer)
                return try await body(viewer)
            } catch let problem as Web.Problem {
                return failure(problem).response(
                    in: try await frame(for: viewer, request), status: problem.status)
            }
        }
    }

    private func failure(_ problem: Web.Problem) -> Page {
        Page(
            problem.title, under: "",
            content: """
                <div class="note" data-state="bad" role="alert"><p><b>\(problem.title)</b></p>\
                \([problem.detail, problem.remedy].compactMap(\.self).map { "<p>\($0)</p>" as HTML })</div>\
                <p><a href="/">返回首页</a></p>
                """)
    }

    /// What all pages have in common; nil is for who has not signed in yet.
    func frame(for viewer: Viewer?, _ request: Request) async throws -> Page.Frame {
        var tabs: [Page.Tab] = []
        if let viewer {
            tabs.append(Page.Tab("首页", "/"))
            if viewer.may(.manageAccounts) { tabs.append(Page.Tab("账号", "/accounts")) }
        }
        return Page.Frame(
            place: "中心", tabs: tabs, lights: [],
            day: CalendarDate(milliseconds: api.environment.now()).description, user: viewer?.displayName,
            formToken: viewer?.formToken ?? "", isLargeType: request.cookie("type") == "large")
    }

    private func home(_ viewer: Viewer) async throws -> Page {
        let roles = (viewer.account?.roles ?? []).map(\.chinese).sorted().joined(separator: "、")
        return Page(
            "首页", under: "/",
            content: """
                <div class="title"><h1>\(viewer.displayName)</h1><span class="soft">\(roles)</span></div>\
                <div class="card"><div class="body row"><a class="button" href="/password">修改密码</a>\
                \(viewer.may(.manageAccounts) ? "<a class=\"button\" href=\"/accounts\">账号</a>" as HTML : nil)</div></div>
                """)
    }

    private func choices() async throws -> AccountPages.Choices {
        var choices = AccountPages.Choices()
        choices.hospitals = try await api.fleet.hospitals().map { ($0.code, $0.name) }
        choices.departments = try await api.departmentDesk.departments().map { ($0.code, $0.name) }
        var titles: [String: String] = [:]
        for listed in try await api.recordDesk.policies().policies.reversed() {
            titles[listed.policy.id] = listed.policy.title
        }
        choices.policies = titles.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return choices
    }
}
