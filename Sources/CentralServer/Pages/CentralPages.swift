import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// The pages of central's people. Each address is one line of its part, with the one thing that its viewer must be allowed to do, and
/// with what it touches, as the API's routes have.
///
/// A page works without script. What it does is done by the desks that the API's routes call.
struct CentralPages: Sendable {
    let api: CentralAPI

    func add(to router: inout Router) {
        Asset.add(to: &router, access: Permit.anyone.label)
        gate.addFrame(to: &router)
        addAudit(to: &router)
        SignInPages(api.signIn) { viewer, request in try await frame(for: viewer, request) }.add(to: &router)
        AccountPages(
            AccountDesk(api.signIn), frame: { try await frame(for: $0, $1) }, choices: { try await choices() }
        ).add(
            managedBy: .manageAccounts, page: { page(&router, $0, $1, .everything, $2) },
            form: { form(&router, $0, $1, .everything, $2) })
        addIncoming(to: &router)
        addDesk(to: &router)
        addDuplicates(to: &router)
        addDepartments(to: &router)
        addFleet(to: &router)
        addStatistics(to: &router)
        addCases(to: &router)
        addRules(to: &router)
    }

    var gate: PageGate {
        PageGate(
            viewer: { request in
                do {
                    try await api.settle()
                    return try await api.viewer(of: request)
                } catch let error as CentralError { throw Web.Problem(page: error) }
            }, frame: { try await frame(for: $0, $1) },
            problem: { ($0 as? CentralError).map { Web.Problem(page: $0) } }, home: "首页")
    }

    /// A page to look at.
    func page(
        _ router: inout Router, _ pattern: String, _ action: Action, _ reach: Reach,
        recorded: String? = nil, _ shown: @escaping PageGate.Shown
    ) { gate.page(&router, pattern, .allowed(action), recorded: recorded, confined(reach), shown) }

    /// A form that does something.
    func form(
        _ router: inout Router, _ pattern: String, _ action: Action, _ reach: Reach,
        recorded: String? = nil, _ done: @escaping PageGate.Done
    ) { gate.form(&router, pattern, .allowed(action), recorded: recorded, confined(reach), done) }

    /// Keeps a request to what who asks may see, as the API does. Who works for several hospitals begins with the first of them.
    func confined(_ reach: Reach) -> PageGate.Confined {
        { request, viewer in
            try api.restraint.check(Restraint.caller(viewer), now: api.environment.now())
            var request = request
            request.user = viewer.name
            if [.query, .cases].contains(reach), request.query["hospital"]?.isEmpty ?? true,
                let own = viewer.hospitals?.min()
            {
                request.target = Address(request.path, request.query).with("hospital", own).text
            }
            request = try await api.confined(request, to: viewer, reach)
            try await api.askWhy(request, viewer)
            return request
        }
    }

    /// The hidden fields of a form: by them it is known to come from here.
    func hidden(_ viewer: Viewer) -> HTML { FormToken.field(viewer.formToken) }

    var dictionary: FieldDictionary { api.books.casebook.dictionary }
    var times: TimeWords { TimeWords(now: api.environment.now()) }

    /// The reason that a form gives, as a change may hold it.
    func reason(_ fields: FormFields, _ what: String = "理由") throws -> String {
        try fields.reason(what, bytesMax: SyncProtocol.Limits.reasonBytesMax)
    }

    private func choices() async throws -> AccountPages.Choices {
        var choices = AccountPages.Choices()
        choices.hospitals = try await api.fleet.hospitals().map { ($0.code, $0.name) }
        choices.departments = try await api.departmentDesk.departments().map { ($0.code, $0.name) }
        choices.policies = policyTitles
        return choices
    }

    /// The policies at hand by ID, each with its newest title.
    var policyTitles: [(id: String, title: String)] {
        let library = api.books.casebook.policies
        let titles = Dictionary(
            library.policies.sorted { $0.version < $1.version }.map { ($0.id, $0.title) },
            uniquingKeysWith: { $1 })
        return titles.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// A path with a query, of which one part is replaced at a time, as filters and pages of a list do.
struct Address: Hashable, Sendable {
    let path: String
    private var query: [String: String]

    /// - Parameter query: empty values count as absent.
    init(_ path: String, _ query: [String: String] = [:]) {
        (self.path, self.query) = (path, query.filter { !$0.value.isEmpty })
    }

    subscript(name: String) -> String? { query[name] }

    func with(_ name: String, _ value: String?) -> Address {
        var other = self
        other.query[name] = value.flatMap { $0.isEmpty ? nil : $0 }
        return other
    }

    var text: String {
        let parts = query.sorted { $0.key < $1.key }.map {
            PercentCoding.encode($0.key) + "=" + PercentCoding.encode($0.value)
        }
        return parts.isEmpty ? path : path + "?" + parts.joined(separator: "&")
    }

    /// The fields by which a form that asks for the same list carries the rest of the query along.
    func carried(without names: Set<String>) -> HTML {
        HTML(
            query.sorted { $0.key < $1.key }.filter { !names.contains($0.key) }.map {
                .hidden($0.key, $0.value)
            })
    }
}
