import Accounts
import SyncProtocol
import Web

/// What central's people, departments and programs do is written to its audit log, and shown to whoever may read it.
extension CentralAPI {
    var auditSite: CentralAudit {
        CentralAudit(store: store, books: books, clock: environment.now, desk: audit)
    }

    var auditKeeper: AuditKeeper {
        AuditKeeper(
            audit: auditSite, recordDesk: recordDesk, environment: environment,
            settle: { try await settle() })
    }

    var witness: AuditWitness {
        AuditWitness(audit, site: .central, now: environment.now) { [auditSite] in
            try await auditSite.write($0)
        }
    }

    func addAudit(to router: inout Router) {
        witness.watch(&router)
        addAffected(to: &router)
        let routes = AuditRoutes(auditSite)
        addAudit(.get, AuditRoutes.listPattern, .everything, to: &router) { try await routes.list($0) }
        addAudit(.post, AuditRoutes.verdictPattern, .everything, to: &router) {
            try await routes.verdict($0)
        }
        addAudit(.get, AuditRoutes.anchorsPattern, .query, to: &router) { try await routes.anchors($0) }
    }

    private func addAudit(
        _ method: Method, _ pattern: String, _ reach: Reach, to router: inout Router,
        _ answer: @escaping @Sendable (Request) async throws -> Response
    ) {
        let permit = Permit.allowed(.readAudit)
        router.on(method, pattern, access: permit.label) { request in
            try await answered {
                let (request, _) = try await admitted(request, permit, reach)
                return try await answer(request)
            }
        }
    }

    /// Whoever looks at a case that is over says why.
    ///
    /// - Throws: see ``Accounts/ReasonMemory/ask(_:_:_:isOver:now:)``.
    func askWhy(_ request: Request, _ viewer: Viewer) async throws {
        guard request.route.contains("/cases/{") || request.route.contains("{first}") else { return }
        let ids = ["id", "first", "second"].compactMap { request.parameters[$0] }.compactMap { CaseID($0) }
        let over = try await store.read { transaction throws(CentralError) in
            var over: Set<CaseID> = []
            for id in ids where try transaction.isOver(id) { over.insert(id) }
            return over
        }
        for id in ids {
            try reasons.ask(request, viewer, id, isOver: over.contains(id), now: environment.now())
        }
    }
}
