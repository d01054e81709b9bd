import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// `/`: the work list.
extension WindowPages {
    @Sendable func showList(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let typed = request.query["search"].flatMap { searches.typed($0, of: viewer.name) }
        var query = WorkQuery(today: today)
        query.shelf = request.query["shelf"].flatMap(WorkShelf.init(rawValue:)) ?? .open
        query.policy = request.query["policy"]
        query.worker = request.query["mine"] == nil ? nil : viewer.name
        query.terms = SearchTerms(typed ?? "")
        query.after = request.query["after"].flatMap { WorkPlace($0) }
        let page = try await api.store.workPage(query)
        let drafts =
            query.after == nil && query.terms.isEmpty && [.open, .draft].contains(query.shelf)
            ? try await api.store.drafts(named: SectionDraft.newPrefix) : []
        let list = WorkListView(
            query: query, page: page, typed: typed ?? "", search: request.query["search"], drafts: drafts,
            policies: try await offeredPolicies(), library: try await api.store.rules().policies,
            wording: times, formToken: viewer.formToken,
            people: try await people(), mayEdit: viewer.may(.editCase))
        return Page("办件", under: "/", script: .list, content: list.html)
    }

    /// `POST /search`: remembers what was typed and shows what it finds, under an address that tells nothing.
    @Sendable func search(_ request: Request, _ fields: FormFields, _ viewer: Viewer) async throws -> Response
    {
        let typed = String((fields["q"] ?? "").prefix(SearchTerms.countMax))
        guard !SearchTerms(typed).isEmpty else { return .seeOther("/") }
        let given = fields["search"] ?? ""
        let id =
            searches.typed(given, of: viewer.name) == nil
            ? String(api.environment.random(), radix: 16) + String(api.environment.random(), radix: 16)
            : given
        searches.keep(typed, of: viewer.name, as: id)
        return .seeOther("/?search=\(id)")
    }

    /// The policies that are offered here, the hospital's own; all where central has not said which.
    func offeredPolicies() async throws -> [Policy] {
        let rules = try await api.store.rules()
        let newest = rules.policies.policies.filter { rules.policies[$0.id]?.version == $0.version }
        let own = newest.filter { rules.record.offered.contains($0.id) }
        return own.isEmpty ? newest : own
    }
}
