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

    func add(to router: inout Router) {
        Asset.add(to: &router, access: Permit.anyone.label)
        addCases(to: &router)
        addDesk(to: &router)
        addAccounts(to: &router)
        addAudit(to: &router)
    }

    var gate: PageGate {
        PageGate(
            viewer: { try await viewer(of: $0) }, frame: { try await frame(for: $0, $1) },
            problem: { Web.Problem(window: $0) }, home: "办件列表")
    }

    /// Cases of other policies are none for whoever is limited to some.
    var confined: PageGate.Confined {
        { request, viewer in
            try await api.checkScope(request, viewer)
            return request
        }
    }

    /// A page to look at.
    func page(
        _ router: inout Router, _ pattern: String, _ action: Action, recorded: String? = nil,
        _ shown: @escaping PageGate.Shown
    ) { gate.page(&router, pattern, .allowed(action), recorded: recorded, confined, shown) }

    /// A form that does something.
    ///
    /// - Parameter recorded: what the audit log says of it, where that is not what the action says.
    func form(
        _ router: inout Router, _ pattern: String, _ action: Action, recorded: String? = nil,
        _ done: @escaping PageGate.Done
    ) {
        gate.form(&router, pattern, .allowed(action), recorded: recorded, confined, done)
    }

    /// Whatever else an address answers: a picture, a file.
    func other(
        _ router: inout Router, _ method: Web.Method, _ pattern: String, _ action: Action,
        recorded: String? = nil, _ answered: @escaping PageGate.Answered
    ) { gate.other(&router, method, pattern, .allowed(action), recorded: recorded, confined, answered) }
}
