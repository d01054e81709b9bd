import Accounts
import Contract
import Cryptography
import Pages
import SyncProtocol
import Web

/// How routes are added: each with what its caller must be allowed, in its own line.
extension WindowAPI {
    typealias Answer = @Sendable (Request) async throws -> Response
    typealias AnswerTo = @Sendable (Request, Viewer) async throws -> Response

    /// Adds a route for whoever may do this; errors of the parts below become problems here.
    func on(
        _ router: inout Router, _ method: Web.Method, _ pattern: String, _ action: Action,
        as kind: AuditKind? = nil, _ answer: @escaping Answer
    ) {
        on(&router, method, pattern, .allowed(action), recorded: kind?.rawValue) { request, _ in
            try await answer(request)
        }
    }

    /// A route that leaves no line in the audit log.
    func onUnrecorded(
        _ router: inout Router, _ method: Web.Method, _ pattern: String, _ action: Action,
        _ answer: @escaping Answer
    ) {
        on(&router, method, pattern, .allowed(action), recorded: AuditRule.nothing) { request, _ in
            try await answer(request)
        }
    }

    /// The same for a route whose answer depends on who asks.
    func on(
        _ router: inout Router, _ method: Web.Method, _ pattern: String, _ action: Action,
        _ answer: @escaping AnswerTo
    ) {
        on(&router, method, pattern, .allowed(action), answer)
    }

    func on(
        _ router: inout Router, _ method: Web.Method, _ pattern: String, _ permit: Permit,
        recorded: String? = nil, _ answer: @escaping AnswerTo
    ) {
        router.on(method, pattern, access: permit.label, recorded: recorded) { request in
            let (request, viewer) = try await admitted(request, permit)
            do { return try await answer(request, viewer) } catch {
                throw Web.Problem(window: error) ?? error
            }
        }
    }

    /// For a route that takes its body while it arrives.
    func onStream(
        _ router: inout Router, _ method: Web.Method, _ pattern: String, _ action: Action,
        _ answer: @escaping StreamAction
    ) {
        let permit = Permit.allowed(action)
        router.onStream(method, pattern, access: permit.label) { request, body in
            let (request, _) = try await admitted(request, permit)
            do { return try await answer(request, body) } catch { throw Web.Problem(window: error) ?? error }
        }
    }

    /// Lets a request in, with the name of who asks in it; nothing below looks at what the request itself says of that.
    private func admitted(_ request: Request, _ permit: Permit) async throws -> (Request, Viewer) {
        do {
            let viewer = try await viewer(of: request)
            try permit.require(of: viewer)
            if let problem = APIContract.window.refusal(of: request) { throw problem }
            var request = request
            request.user = viewer.name
            try await checkScope(request, viewer)
            return (request, viewer)
        } catch { throw Web.Problem(window: error) ?? error }
    }

    /// Who asks: whoever holds the agent's own token, or somebody who signed in.
    ///
    /// - Throws: for a page ``Web/SeeOther`` to where one signs in, for the API a problem of status 401.
    func viewer(of request: Request) async throws -> Viewer {
        if request.headers["Authorization"] != nil {
            try authorise(request)
            let name = request.headers["Operator"] ?? ""
            guard name.utf8.count <= SyncProtocol.Limits.nameBytesMax else {
                throw Web.Problem(status: 400, title: "A name or a reason is too long")
            }
            let viewer = Viewer(account: nil, name: name, site: .window, formToken: "")
            AuditNote.current?.know(viewer)
            return viewer
        }
        return request.isCall
            ? try await signIn.viewer(ofCall: request) : try await signIn.viewer(ofPage: request)
    }

    func authorise(_ request: Request) throws {
        let given = request.headers["Authorization"] ?? ""
        // Hashes are compared, so that the time tells nothing about the token.
        guard SHA256.hash(Array(given.utf8)) == SHA256.hash(Array("Bearer \(token)".utf8)) else {
            throw Web.Problem(
                status: 401, title: "The token is missing or wrong",
                remedy: "Use the command on the same machine and as the same user as the agent.")
        }
    }

    /// A case of a policy that the account does not work with is not there for it; nor are the records of hospitals, with the
    /// passwords in them, for any account.
    func checkScope(_ request: Request, _ viewer: Viewer) async throws {
        guard request.route.contains("/cases/{id}") else { return }
        let id = try caseID(request)
        try await check(id, for: viewer)
        try await askWhy(request, id, viewer)
    }

    /// - Throws: ``StoreError/unknownCase(_:)`` if the case is none for who asks.
    func check(_ id: CaseID, for viewer: Viewer) async throws {
        guard viewer.account != nil else { return }
        let record = try await store.loadEnrolment()?.hospital.record
        guard id != record, id != .centralRecord else { throw StoreError.unknownCase(id) }
        guard viewer.policies != nil else { return }
        let policies = try await store.state(of: id).texts("policyID", in: dictionary)
        guard policies.allSatisfy({ viewer.applies(policy: $0) }) else { throw StoreError.unknownCase(id) }
    }

    // MARK: Accounts

    var signIn: SignInDesk {
        SignInDesk(
            site: WindowAccounts(store: store, exchanger: exchanger, environment: environment),
            browserKey: browserKey, passwords: passwords)
    }

    /// Sessions and accounts, as JSON.
    func addAccounts(to router: inout Router) {
        let routes = AccountRoutes(AccountDesk(signIn))
        router.on(
            .post, AccountRoutes.signInPattern, access: Permit.anyone.label,
            recorded: AuditKind.signIn.rawValue
        ) { request in
            if let problem = APIContract.window.refusal(of: request) { throw problem }
            do { return try await routes.beginSession(request) } catch {
                throw Web.Problem(window: error) ?? error
            }
        }
        routes.add(managedBy: .manageClerks) {
            on(&router, $0, $1, $2, recorded: AccountRoutes.recorded($0, $1), $3)
        }
    }
}
