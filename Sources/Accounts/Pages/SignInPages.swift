import Casework
package import Pages
package import Web

/// The pages to sign in and out on and to change the own password on, at both servers.
package struct SignInPages: Sendable {
    private let desk: SignInDesk
    private let frame: @Sendable (Viewer?, Request) async throws -> Page.Frame

    /// - Parameter frame: what all pages of the server have in common; nil is for who has not signed in yet.
    package init(_ desk: SignInDesk, frame: @escaping @Sendable (Viewer?, Request) async throws -> Page.Frame)
    {
        (self.desk, self.frame) = (desk, frame)
    }

    package func add(to router: inout Router) {
        router.on(.get, "/sign-in", access: Permit.anyone.label, show)
        router.on(
            .post, "/sign-in", access: Permit.anyone.label, recorded: AuditKind.signIn.rawValue, signIn)
        router.on(
            .post, "/sign-out", access: Permit.anyone.label, recorded: AuditKind.signOut.rawValue, signOut)
        router.on(.get, "/password", access: Permit.signedIn.label, showPassword)
        router.on(.post, "/password", access: Permit.signedIn.label, changePassword)
    }

    // MARK: Signing in

    @Sendable private func show(_ request: Request) async throws -> Response {
        try await page(request, next: request.query["next"])
    }

    private func page(
        _ request: Request, next: String?, user: String = "", problem: Web.Problem? = nil
    ) async throws -> Response {
        let content: HTML = """
            <div class="entry"><form method="post" action="/sign-in" class="card"><div class="body">\
            <h1>登录</h1>\(Self.note(problem))\
            <input type="hidden" name="next" value="\(SeeOther.path(next) ?? "/")">\
            \(Self.field("user", "用户名", "text", "username", value: user, isFirst: user.isEmpty))\
            \(Self.field("password", "密码", "password", "current-password", isFirst: !user.isEmpty))\
            <p><button class="main wide">登录</button></p>\
            <p class="soft small">没有账号或忘记密码，请联系窗口主管或管理员。</p>\
            </div></form></div>
            """
        return Page("登录", under: "", content: content)
            .response(in: try await frame(nil, request), status: problem?.status ?? 200)
    }

    @Sendable private func signIn(_ request: Request) async throws -> Response {
        let fields = try FormFields(request)
        let user = fields["user"] ?? ""
        do {
            let begun = try await desk.signIn(user, fields["password"] ?? "", from: request)
            let next = SeeOther.path(fields["next"]) ?? "/"
            let mustChange = begun.viewer.account?.mustChangePassword ?? false
            var response = SeeOther(mustChange ? "/password" : next).response
            begun.set(on: &response, isSecure: request.isSecure)
            return response
        } catch let problem as Web.Problem {
            return try await page(request, next: fields["next"], user: user, problem: problem)
        }
    }

    /// Who has no session any more is signed out already.
    @Sendable private func signOut(_ request: Request) async throws -> Response {
        if let viewer = try await desk.viewer(of: request) {
            guard try FormFields(request)[FormToken.name] == viewer.formToken else { throw Self.stale }
            try await desk.signOut(request)
        }
        var response = SeeOther("/sign-in").response
        SignInDesk.forget(on: &response, isSecure: request.isSecure)
        return response
    }

    private static let stale = Web.Problem(status: 403, title: "页面已过期", remedy: "请刷新页面后再提交。")

    // MARK: The own password

    private func viewer(_ request: Request) async throws -> Viewer {
        guard let viewer = try await desk.viewer(of: request) else { throw SeeOther("/sign-in") }
        return viewer
    }

    @Sendable private func showPassword(_ request: Request) async throws -> Response {
        try await passwordPage(request, try await viewer(request))
    }

    private func passwordPage(
        _ request: Request, _ viewer: Viewer, problem: Web.Problem? = nil
    ) async throws -> Response {
        let must = viewer.account?.mustChangePassword ?? false
        let why: HTML? =
            must ? "<div class=\"note\"><p>这是别人为您设置的密码。请先换成只有您自己知道的密码。</p></div>" : nil
        let content: HTML = """
            <div class="entry"><form method="post" action="/password" class="card"><div class="body">\
            <h1>修改密码</h1>\(why)\(Self.note(problem))\(FormToken.field(viewer.formToken))\
            \(Self.field("old", "原密码", "password", "current-password", isFirst: true))\
            \(Self.field("new", "新密码（至少 \(AccountRules.passwordCountMin) 位）", "password", "new-password"))\
            \(Self.field("again", "再输入一次新密码", "password", "new-password"))\
            <p><button class="main wide">修改密码</button></p>\(must ? nil : "<p><a href=\"/\">返回</a></p>" as HTML)\
            </div></form></div>
            """
        return Page("修改密码", under: "/password", content: content)
            .response(in: try await frame(viewer, request), status: problem?.status ?? 200)
    }

    @Sendable private func changePassword(_ request: Request) async throws -> Response {
        let (viewer, fields) = (try await viewer(request), try FormFields(request))
        guard fields[FormToken.name] == viewer.formToken else { throw Self.stale }
        do {
            let new = fields["new"] ?? ""
            guard new == fields["again"] else {
                throw Web.Problem(status: 422, title: "两次输入的新密码不一致", remedy: "请重新输入。")
            }
            let begun = try await desk.changePassword(
                of: viewer, from: fields["old"] ?? "", to: new, request: request)
            var response = SeeOther("/").response
            begun.set(on: &response, isSecure: request.isSecure)
            return response
        } catch let problem as Web.Problem {
            return try await passwordPage(request, viewer, problem: problem)
        }
    }

    // MARK: Pieces

    static func note(_ problem: Web.Problem?) -> HTML? {
        problem.map { problem in
            """
            <div class="note" data-state="bad" role="alert"><p><b>\(problem.title)</b></p>\
            \([problem.detail, problem.remedy].compactMap(\.self).map { "<p>\($0)</p>" as HTML })</div>
            """
        }
    }

    static func field(
        _ name: String, _ label: String, _ type: String, _ completes: String, value: String = "",
        isFirst: Bool = false
    ) -> HTML {
        """
        <div class="field"><label for="\(name)">\(label)</label>\
        <input id="\(name)" name="\(name)" type="\(type)" autocomplete="\(completes)" value="\(value)" required\
        \(if: isFirst, " autofocus")></div>
        """
    }
}
