import Accounts
import Contract
import Cryptography
import SyncProtocol
import Web

/// Who asks, and how routes are added: each with what its caller must be allowed, in its own line.
extension CentralAPI {
    /// A route for whoever may do this, within what the account is limited to.
    func addStaff(
        _ method: Method, _ pattern: String, _ action: Action, _ reach: Reach = .everything,
        to router: inout Router, _ answer: @escaping Answering
    ) {
        addStaff(method, pattern, action, reach, to: &router) { request, _ throws(CentralError) in
            try await answer(request)
        }
    }

    /// The same for a route whose answer depends on who asks.
    func addStaff(
        _ method: Method, _ pattern: String, _ action: Action, _ reach: Reach = .everything,
        to router: inout Router,
        _ answer: @escaping @Sendable (Request, Viewer) async throws(CentralError) -> Response
    ) {
        let permit = Permit.allowed(action)
        add(method, pattern, permit, to: &router) { request throws(CentralError) in
            let (request, viewer) = try await admitted(request, permit, reach)
            return try await answer(request, viewer)
        }
    }

    /// Lets a request in, with the name of who asks in it; nothing below looks at what the request itself says of that.
    func admitted(
        _ request: Request, _ permit: Permit, _ reach: Reach
    ) async throws(CentralError) -> (Request, Viewer) {
        let viewer = try await caller(of: request)
        do throws(Web.Problem) { try permit.require(of: viewer) } catch {
            throw CentralError.refused(.notByContract(error))
        }
        try restraint.check(Restraint.caller(viewer), now: environment.now())
        try APIContract.central.check(request)
        var request = request
        request.user = viewer.name
        request = try await confined(request, to: viewer, reach)
        do { try await askWhy(request, viewer) } catch let problem as Web.Problem {
            throw CentralError.refused(.notByContract(problem))
        } catch { throw CentralError(anyOf: error) }
        return (request, viewer)
    }

    /// Who asks: whoever holds central's own token, or somebody who signed in.
    ///
    /// - Throws: for a page ``Web/SeeOther`` to where one signs in, for the API a problem of status 401.
    func viewer(of request: Request) async throws -> Viewer {
        guard request.headers["Authorization"] != nil else {
            return request.isCall
                ? try await signIn.viewer(ofCall: request) : try await signIn.viewer(ofPage: request)
        }
        guard isStaff(request) else { throw CentralError.refused(.unauthorised) }
        let name = request.headers["Operator"] ?? ""
        guard name.utf8.count <= SyncProtocol.Limits.nameBytesMax else {
            throw CentralError.refused(.malformed("The operator's name is too long."))
        }
        let viewer = Viewer(account: nil, name: name, site: .central, formToken: "")
        AuditNote.current?.know(viewer)
        return viewer
    }

    private func caller(of request: Request) async throws(CentralError) -> Viewer {
        do { return try await viewer(of: request) } catch let problem as Web.Problem {
            // Programs tell the refusals of this API by their types.
            if problem.status == 401 { throw CentralError.refused(.unauthorised) }
            throw CentralError.refused(.notByContract(problem))
        } catch { throw CentralError(anyOf: error) }
    }

    /// A department acts with its own token; its officers, administrators, and whoever holds central's own token, act in its place.
    func addOwn(_ method: Method, _ pattern: String, to router: inout Router, _ answer: @escaping Answering) {
        let permit = Permit.department(.answerTasks)
        add(method, pattern, permit, to: &router) { request throws(CentralError) in
            let code = try request.parameter("code")
            var request = request
            if request.bearer == nil || isStaff(request) {
                let viewer: Viewer
                (request, viewer) = try await admitted(request, permit, .nothing)
                guard viewer.answers(for: code) else { throw CentralError.refused(.unknownDepartment) }
            } else {
                try await departmentDesk.authorise(request.bearer, for: code)
                try restraint.check("department " + code, now: environment.now())
                // A department's program names its own people.
                request.user = request.headers["Operator"] ?? ""
                AuditNote.current?.know(department: code, request.user)
                try APIContract.central.check(request)
            }
            return try await answer(request)
        }
    }

    // MARK: Accounts

    var accounts: CentralAccounts {
        CentralAccounts(
            store: store, books: books, key: identity.signing, clock: environment.now, known: knownAccounts)
    }

    var signIn: SignInDesk { SignInDesk(site: accounts, browserKey: browserKey, passwords: passwords) }

    /// Sessions and accounts, as JSON.
    func addAccounts(to router: inout Router) {
        let routes = AccountRoutes(AccountDesk(signIn))
        router.on(
            .post, AccountRoutes.signInPattern, access: Permit.anyone.label,
            recorded: AuditKind.signIn.rawValue
        ) { request in
            try await answered {
                try APIContract.central.check(request)
                return try await routes.beginSession(request)
            }
        }
        routes.add(managedBy: .manageAccounts) { method, pattern, permit, answer in
            let recorded = AccountRoutes.recorded(method, pattern)
            router.on(method, pattern, access: permit.label, recorded: recorded) { request in
                try await answered {
                    let reach: Reach = permit == .signedIn ? .nothing : .everything
                    let (request, viewer) = try await admitted(request, permit, reach)
                    return try await answer(request, viewer)
                }
            }
        }
    }

    /// Central's own errors as answers; problems are the router's.
    func answered(_ body: () async throws -> Response) async throws -> Response {
        do {
            try await settle()
            return try await body()
        } catch let error as CentralError { return CentralProblem(error).response }
    }
}

extension Viewer {
    /// Whether who asks answers for a department: its officers, and whoever keeps all of them.
    func answers(for department: String) -> Bool {
        guard let account else { return true }
        return account.department == department || may(.manageDepartments)
    }
}
