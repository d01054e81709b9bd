import Foundation
package import Web

/// The JSON addresses of sessions and accounts, at both servers.
package struct AccountRoutes: Sendable {
    package typealias Answer = @Sendable (Request, Viewer) async throws -> Response

    /// Bytes of a body here.
    static let bodyBytesMax = 64 << 10

    private let desk: AccountDesk
    private var signIn: SignInDesk { desk.signIn }

    package init(_ desk: AccountDesk) { self.desk = desk }

    /// What the contract of both servers says of these addresses.
    package static let contract = (name: "accounts.json", bytes: PackageResources.accounts_json)

    /// `POST /api/v1/session`, for whoever is not known yet.
    package static let signInPattern = "/api/v1/session"

    /// What the registration of a route here says of the audit log; nil where its permit says it.
    package static func recorded(_ method: Web.Method, _ pattern: String) -> String? {
        method == .delete && pattern == signInPattern ? AuditKind.signOut.rawValue : nil
    }

    /// Adds the addresses but the one to sign in on.
    ///
    /// - Parameter manage: what managing accounts is called here.
    package func add(
        managedBy manage: Action, to add: (Web.Method, String, Permit, @escaping Answer) -> Void
    ) {
        let (session, accounts) = (Self.signInPattern, "/api/v1/accounts")
        add(.get, session, .signedIn, showSession)
        add(.delete, session, .signedIn, endSession)
        add(.put, session + "/password", .signedIn, changePassword)
        add(.get, accounts, .allowed(manage), list)
        add(.post, accounts, .allowed(manage), create)
        add(.get, accounts + "/{name}", .allowed(manage), show)
        add(.patch, accounts + "/{name}", .allowed(manage), change)
        add(.post, accounts + "/{name}/password", .allowed(manage), reset)
        add(.get, accounts + "/{name}/sessions", .allowed(manage), listSessions)
        add(.delete, accounts + "/{name}/sessions", .allowed(manage), endSessions)
    }

    private struct Credentials: Decodable {
        let user: String
        let password: String
    }

    private struct SessionShape: Encodable {
        let user: String
        let displayName: String
        let roles: [String]
        let actions: [String]
        let mustChangePassword: Bool
        let formToken: String

        init(_ viewer: Viewer) {
            (user, displayName, formToken) = (viewer.name, viewer.displayName, viewer.formToken)
            roles = (viewer.account?.roles ?? []).map(\.rawValue).sorted()
            actions = Action.allCases.filter(viewer.may).map(\.rawValue).sorted()
            mustChangePassword = viewer.account?.mustChangePassword ?? false
        }
    }

    /// `POST /api/v1/session`: `{user, password}`; the cookie comes with the answer.
    package func beginSession(_ request: Request) async throws -> Response {
        let given = try decoded(Credentials.self, request)
        let begun = try await signIn.signIn(given.user, given.password, from: request)
        var response = try Response.json(SessionShape(begun.viewer), status: 201)
        begun.set(on: &response, isSecure: request.isSecure)
        return response
    }

    @Sendable private func showSession(_ request: Request, _ viewer: Viewer) async throws -> Response {
        try .json(SessionShape(viewer))
    }

    @Sendable private func endSession(_ request: Request, _ viewer: Viewer) async throws -> Response {
        try await signIn.signOut(request)
        var response = Response.noContent
        SignInDesk.forget(on: &response, isSecure: request.isSecure)
        return response
    }

    private struct PasswordsBody: Decodable {
        let old: String
        let new: String
    }

    /// `PUT /api/v1/session/password`: `{old, new}`
    @Sendable private func changePassword(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let body = try decoded(PasswordsBody.self, request)
        guard viewer.account != nil else {
            throw Problem(status: 409, title: "Nobody has signed in", remedy: "A command has no password.")
        }
        let begun = try await signIn.changePassword(
            of: viewer, from: body.old, to: body.new, request: request)
        var response = try Response.json(SessionShape(begun.viewer))
        begun.set(on: &response, isSecure: request.isSecure)
        return response
    }

    private struct AccountShape: Encodable {
        let name: String
        let displayName: String
        let roles: [String]
        let hospitals: [String]
        let policies: [String]
        let department: String?
        let hasPassword: Bool
        let mustChangePassword: Bool
        let isDisabled: Bool
        let isUnconfirmed: Bool
        /// In whose record it stands.
        let hospital: String?

        init(_ listed: ListedAccount) {
            let account = listed.account
            (name, displayName, department) = (account.name, account.displayName, account.department)
            roles = account.roles.map(\.rawValue).sorted()
            (hospitals, policies) = (account.hospitals.sorted(), account.policies.sorted())
            (hasPassword, mustChangePassword) = (account.password != nil, account.mustChangePassword)
            (isDisabled, isUnconfirmed) = (account.isDisabled, account.isUnconfirmed)
            hospital = listed.hospital
        }
    }

    /// `GET /api/v1/accounts?hospital=CODE&unconfirmed=true`
    @Sendable private func list(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let isUnconfirmedOnly = request.query["unconfirmed"] == "true"
        let accounts = try await desk.accounts(of: request.query["hospital"]).filter {
            !isUnconfirmedOnly || $0.account.isUnconfirmed
        }
        return try .json(["accounts": accounts.map(AccountShape.init)])
    }

    @Sendable private func show(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let (name, hospital) = (try name(request), request.query["hospital"])
        return try .json(
            AccountShape(ListedAccount(try await desk.account(name, at: hospital), hospital: hospital)))
    }

    private struct PasswordShape: Encodable {
        let name: String
        /// Told this once; absent if the order had one.
        let oneTimePassword: String?
    }

    /// `POST /api/v1/accounts`: an ``AccountOrder``.
    @Sendable private func create(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let order = try decoded(AccountOrder.self, request)
        let told = try await desk.add(order, by: viewer)
        return try .json(PasswordShape(name: order.name ?? "", oneTimePassword: told), status: 201)
    }

    /// `PATCH /api/v1/accounts/{name}?hospital=CODE`: what of it is to be another. Central confirms the account thereby.
    @Sendable private func change(_ request: Request, _ viewer: Viewer) async throws -> Response {
        try await desk.change(
            try name(request), at: request.query["hospital"], to: try decoded(AccountOrder.self, request),
            by: viewer)
        return .noContent
    }

    private struct ResetBody: Decodable {
        let password: String?
    }

    /// `POST /api/v1/accounts/{name}/password?hospital=CODE`: `{password?}`
    @Sendable private func reset(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let name = try name(request)
        let body = try decoded(ResetBody.self, request)
        let told = try await desk.resetPassword(
            of: name, at: request.query["hospital"], to: body.password, by: viewer)
        return try .json(PasswordShape(name: name, oneTimePassword: told))
    }

    private struct SessionLine: Encodable {
        let beganMilliseconds: UInt64
        let lastSeenMilliseconds: UInt64
    }

    @Sendable private func listSessions(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let sessions = try await desk.sessions(of: try name(request)).map {
            SessionLine(beganMilliseconds: $0.began, lastSeenMilliseconds: $0.lastSeen)
        }
        return try .json(["sessions": sessions])
    }

    @Sendable private func endSessions(_ request: Request, _ viewer: Viewer) async throws -> Response {
        try await desk.endSessions(of: try name(request), by: viewer)
        return .noContent
    }

    private func name(_ request: Request) throws -> String {
        guard let name = request.parameters["name"], AccountRules.isName(name) else {
            throw Problem(status: 404, title: "没有这个账号", remedy: "请查看账号列表：user list")
        }
        return name
    }

    private func decoded<Body: Decodable>(_ type: Body.Type, _ request: Request) throws -> Body {
        guard request.body.count <= Self.bodyBytesMax else {
            throw Problem(status: 413, title: "The body is too large")
        }
        do { return try JSONDecoder().decode(type, from: Data(request.body)) } catch {
            throw Problem(
                status: 400, title: "The body is not the JSON that this route takes",
                remedy: "See the API's description.")
        }
    }
}
