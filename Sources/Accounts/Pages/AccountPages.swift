import Casework
package import Pages
package import Web

/// The pages on which supervisors and central's administrators keep accounts, at both servers.
package struct AccountPages: Sendable {
    package typealias Frame = @Sendable (Viewer, Request) async throws -> Page.Frame

    /// The names of what an account may be limited to, for who chooses.
    package struct Choices: Sendable {
        /// Code and name.
        package var hospitals: [(code: String, name: String)] = []
        package var policies: [(id: String, title: String)] = []
        package var departments: [(code: String, name: String)] = []

        package init() {}
    }

    static let address = "/accounts"

    let desk: AccountDesk
    let choices: @Sendable () async throws -> Choices
    private let frame: Frame

    package init(
        _ desk: AccountDesk, frame: @escaping Frame, choices: @escaping @Sendable () async throws -> Choices
    ) {
        (self.desk, self.frame, self.choices) = (desk, frame, choices)
    }

    var isCentral: Bool { desk.signIn.site.place == .central }

    /// Adds the addresses.
    package func add(
        managedBy manage: Action, page: (String, Action, @escaping PageGate.Shown) -> Void,
        form: (String, Action, @escaping PageGate.Done) -> Void
    ) {
        let one = Self.address + "/{name}"
        page(Self.address, manage, list)
        page(Self.address + "/new", manage, new)
        page(one, manage, show)
        form(Self.address, manage, create)
        if isCentral { form(one, manage, change) }
        form(one + "/standing", manage, setStanding)
        form(one + "/password", manage, reset)
        form(one + "/sessions/end", manage, endSessions)
    }

    // MARK: Doing

    @Sendable private func create(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        var order = order(fields)
        order.name = fields["name"]
        let told = try await desk.add(order, by: viewer)
        return try await tell(told, of: order.name ?? "", "账号已添加", request, viewer)
    }

    @Sendable private func change(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let (name, hospital) = try place(request, fields)
        try await desk.change(name, at: hospital, to: order(fields), by: viewer)
        return SeeOther(Self.address(of: name, at: hospital)).response
    }

    /// Disables, enables, or at central confirms.
    @Sendable private func setStanding(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let (name, hospital) = try place(request, fields)
        var order = AccountOrder()
        order.reason = fields["reason"].flatMap { $0.isEmpty ? nil : $0 }
        switch fields["standing"] {
        case "disabled": order.isDisabled = true
        case "enabled": order.isDisabled = false
        default: break
        }
        try await desk.change(name, at: hospital, to: order, by: viewer)
        return SeeOther(Self.address(of: name, at: hospital)).response
    }

    @Sendable private func reset(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let (name, hospital) = try place(request, fields)
        let told = try await desk.resetPassword(of: name, at: hospital, to: nil, by: viewer)
        return try await tell(told, of: name, "密码已重设", request, viewer)
    }

    @Sendable private func endSessions(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let (name, hospital) = try place(request, fields)
        try await desk.endSessions(of: name, by: viewer)
        return SeeOther(Self.address(of: name, at: hospital)).response
    }

    /// A password is in no address and no store: it is on this one answer, and nowhere afterwards.
    private func tell(
        _ password: String?, of name: String, _ title: String, _ request: Request, _ viewer: Viewer
    ) async throws -> Response {
        let content: HTML = """
            <div class="entry"><div class="card"><div class="body"><h1>\(title)</h1>\
            <p>请将一次性密码当面告知本人。本页关闭后不再显示；本人首次登录时须更换。</p>\
            <dl class="facts"><dt>用户名</dt><dd><b>\(name)</b></dd>\
            <dt>一次性密码</dt><dd><b class="secret">\(password ?? "")</b></dd></dl>\
            <p><a class="button main" href="\(Self.address)">返回账号列表</a></p></div></div></div>
            """
        return Page(title, under: Self.address, content: content).response(
            in: try await frame(viewer, request))
    }

    private func place(_ request: Request, _ fields: FormFields) throws -> (String, String?) {
        guard let name = request.parameters["name"], AccountRules.isName(name) else {
            throw Web.Problem(status: 404, title: "没有这个账号", remedy: "请返回账号列表。")
        }
        let hospital = fields["hospital"] ?? request.query["hospital"]
        return (name, hospital.flatMap { $0.isEmpty ? nil : $0 })
    }

    private func order(_ fields: FormFields) -> AccountOrder {
        var order = AccountOrder()
        order.displayName = fields["displayName"]
        order.roles = fields.all("role")
        guard isCentral else { return order }
        (order.hospitals, order.policies) = (fields.all("hospitalCode"), fields.all("policy"))
        order.department = fields["department"] ?? ""
        return order
    }

    static func address(of name: String, at hospital: String?) -> String {
        let query = hospital.map { "?hospital=\(PercentCoding.encode($0))" } ?? ""
        return "\(address)/\(name)\(query)"
    }
}
