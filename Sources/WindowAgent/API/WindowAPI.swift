import Accounts
import Bundles
import Casework
import Contract
import Cryptography
import Foundation
import SyncProtocol
package import Web

/// The window's JSON API, for the command line and the pages. Each route names who may ask; commands present the token
/// that the agent keeps in a file of its owner, people a session.
package struct WindowAPI: Sendable {
    let store: WindowStore
    let exchanger: Exchanger
    let enroller: any Enroller
    let token: String
    let dictionary: FieldDictionary
    let environment: WindowStore.Environment
    /// Nil where there is no device key, as in tests.
    var rotation: DeviceKeyRotation?
    /// Nil where there is no way to ask central.
    var verifier: Verifier?
    /// Nil where there are none, as in tests of everything else.
    var attachments: AttachmentDesk?
    /// How many pages are arriving.
    let arriving = Guarded(0)
    /// Nil where there is no second copy, as in tests.
    var secondCopy: JournalWriter?
    /// Nil where no sticks are used.
    var bundles: BundleRoutes?

    /// Marks the browsers that are known, at every start in the same way.
    var browserKey = SecretBytes(randomCount: 32)
    let passwords = PasswordDesk()

    /// What is counted while it runs.
    let metrics = Metrics()

    /// What people and commands do is written by it.
    let audit = AuditDesk()
    /// Why who looks at cases that are over.
    let reasons = ReasonMemory()

    /// Cases or outbox lines in one answer.
    static let listMax = 1000

    /// The routes of the API.
    package func router(onError: @escaping @Sendable (any Error, Request) -> Void = { _, _ in }) -> Router {
        var router = Router(onError: onError)
        metrics.watch(&router, program: "birthwindow")
        router.on(.get, "/healthz", access: Permit.anyone.label) { _ in .text("ok\n") }
        router.on(.get, "/api/v1/openapi.json", access: Permit.anyone.label) { _ in
            .bytes(APIContract.window.document, type: "application/json")
        }
        router.on(.get, "/metrics", access: Permit.local(.readStatus).label, showMetrics)
        on(&router, .post, "/api/v1/cases", .editCase, newCase)
        on(&router, .get, "/api/v1/cases", .listCases, listCases)
        on(&router, .get, "/api/v1/cases/{id}", .readCase, showCase)
        on(&router, .patch, "/api/v1/cases/{id}", .editCase, editCase)
        on(&router, .post, "/api/v1/cases/{id}/steps", .editCase, takeStep)
        on(&router, .post, "/api/v1/cases/{id}/wipe", .wipeCase, wipeCase)
        on(&router, .get, "/api/v1/cases/{id}/papers/{kind}", .printPaper, showPaper)
        on(&router, .get, "/api/v1/due", .listCases, listDue)
        on(&router, .get, "/api/v1/policies", .readRules, listPolicies)
        on(&router, .get, "/api/v1/policies/{id}", .readRules, showPolicy)
        on(&router, .get, "/api/v1/calendars", .readRules, listCalendars)
        on(&router, .post, "/api/v1/calendars", .importCalendar, importCalendar)
        on(&router, .get, "/api/v1/stock", .readStock, listStock)
        on(&router, .get, "/api/v1/stock/{number}", .readStock, checkStock)
        on(&router, .post, "/api/v1/stock/voids", .voidCertificate, voidCertificate)
        on(&router, .get, "/api/v1/handovers/{quarter}", .readStock, showHandover)
        on(&router, .get, "/api/v1/handovers/{quarter}/paper", .readStock, as: .print, printHandover)
        on(&router, .post, "/api/v1/handovers/{quarter}", .recordHandover, recordHandover)
        // What its own author types; the save is recorded.
        onUnrecorded(&router, .put, "/api/v1/drafts/{id}", .editCase, keepDraft)
        on(&router, .get, "/api/v1/drafts/{id}", .editCase, showDraft)
        on(&router, .delete, "/api/v1/drafts/{id}", .editCase, dropDraft)
        on(&router, .get, "/api/v1/outbox", .readStatus, showOutbox)
        on(&router, .get, "/api/v1/status", .readStatus, showStatus)
        on(&router, .post, "/api/v1/sync", .sendNow, exchangeNow)
        on(&router, .get, "/api/v1/link", .readStatus, showLink)
        on(&router, .put, "/api/v1/link", .setLink, setLink)
        on(&router, .post, "/api/v1/resync", .resync, resync)
        on(&router, .post, "/api/v1/enrolment", .enrol, enrol)
        on(&router, .post, "/api/v1/device/rotation", .enrol, rotateKey)
        addMaterials(to: &router)
        addLosses(to: &router)
        addDuplicates(to: &router)
        on(&router, .get, "/api/v1/journal", .readStatus, showJournal)
        on(&router, .put, "/api/v1/journal", .keepSecondCopy, as: .export, setJournal)
        on(&router, .delete, "/api/v1/journal", .keepSecondCopy, dropJournal)
        on(&router, .post, "/api/v1/recovery-sheet", .recover, makeRecoverySheet)
        on(&router, .post, "/api/v1/store/check", .readStatus, checkStore)
        bundles?.add { method, pattern, answer in on(&router, method, pattern, .carryBundle, answer) }
        addAccounts(to: &router)
        addAudit(to: &router)
        WindowPages(api: self).add(to: &router)
        for route in router.routed {
            precondition(
                route.access.flatMap(Permit.init) != nil && AuditRule.isDecided(route),
                "\(route.method.rawValue) \(route.pattern) does not say who may ask, or what it leaves in the audit log"
            )
        }
        return router
    }

    func caseID(_ request: Request) throws -> CaseID {
        let text = request.parameters["id"] ?? ""
        guard let id = CaseID(text) else {
            throw Web.Problem(status: 404, title: "There is no such case", remedy: "List the cases first.")
        }
        return id
    }

    /// Who saves: who has signed in, or whom the command names.
    func saving(_ request: Request, reason: String? = nil) async throws -> Saving {
        let user = request.user.isEmpty ? "clerk" : request.user
        let saveID = request.headers["Idempotency-Key"]
        guard user.utf8.count <= SyncProtocol.Limits.nameBytesMax,
            (saveID?.utf8.count ?? 0) <= Saving.saveIDBytesMax,
            (reason?.utf8.count ?? 0) <= SyncProtocol.Limits.reasonBytesMax
        else { throw Web.Problem(status: 400, title: "A name or a reason is too long") }
        return Saving(
            user: user, saveID: saveID, isDoubtful: await exchanger.isClockDoubtful, reason: reason)
    }
}
