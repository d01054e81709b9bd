import Accounts
import SyncProtocol
import Web

/// What people and commands do at this window is written to its audit log, and shown to whoever may read it.
extension WindowAPI {
    var witness: AuditWitness {
        AuditWitness(audit, site: .window, now: environment.milliseconds) { [store] in
            try await store.record($0)
        }
    }

    func addAudit(to router: inout Router) {
        witness.watch(&router)
        let routes = AuditRoutes(auditSite)
        on(&router, .get, AuditRoutes.listPattern, .readAudit) { request in try await routes.list(request) }
        on(&router, .post, AuditRoutes.verdictPattern, .readAudit) { request in
            try await routes.verdict(request)
        }
        on(&router, .get, AuditRoutes.anchorsPattern, .readAudit) { request in
            try await routes.anchors(request)
        }
    }

    var auditSite: any AuditSite { WindowAudit(store: store, desk: audit, environment: environment) }

    /// Whoever looks at a case that is over says why.
    func askWhy(_ request: Request, _ id: CaseID, _ viewer: Viewer) async throws {
        try reasons.ask(
            request, viewer, id, isOver: try await store.isOver(id), now: environment.milliseconds())
    }
}

private struct WindowAudit: AuditSite {
    let store: WindowStore
    let desk: AuditDesk
    let environment: WindowStore.Environment

    func now() -> UInt64 { environment.milliseconds() }

    func flush() async throws { try await desk.flush { try await store.record($0) } }

    func lines(
        before: UInt64?, countMax: Int, caseID: CaseID?, _ filter: AuditFilter
    ) async throws -> AuditPage {
        try await store.auditLines(before: before, countMax: countMax, caseID: caseID, filter)
    }

    func verdict(anchors: [AuditAnchor]) async throws -> AuditVerdict? {
        try await store.verifyAudit(anchors: anchors)
    }

    func anchors(of hospital: String?) async throws -> [KeptAnchor] {
        guard let group = store.dictionary.group(named: KeptAnchor.group)?.id else { return [] }
        return KeptAnchor.all(in: try await store.changes(of: .centralRecord), group)
    }
}
