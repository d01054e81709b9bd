import Bundles
import Casework
import Contract
import Cryptography
import Foundation
import SyncProtocol
package import Web

/// The window's JSON API, for the command line now and the pages later. Every route but `/healthz` asks for the token
/// that the agent keeps in a file of its owner.
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

    /// What is counted while it runs.
    let metrics = Metrics()

    /// Cases or outbox lines in one answer.
    static let listMax = 1000

    /// The routes of the API.
    package func router(onError: @escaping @Sendable (any Error, Request) -> Void = { _, _ in }) -> Router {
        var router = Router(onError: onError)
        metrics.watch(&router, program: "birthwindow")
        router.on(.get, "/healthz") { _ in .text("ok\n") }
        router.on(.get, "/api/v1/openapi.json") { _ in
            .bytes(APIContract.window.document, type: "application/json")
        }
        router.on(.get, "/metrics", showMetrics)
        on(&router, .post, "/api/v1/cases", newCase)
        on(&router, .get, "/api/v1/cases", listCases)
        on(&router, .get, "/api/v1/cases/{id}", showCase)
        on(&router, .patch, "/api/v1/cases/{id}", editCase)
        on(&router, .post, "/api/v1/cases/{id}/steps", takeStep)
        on(&router, .post, "/api/v1/cases/{id}/wipe", wipeCase)
        on(&router, .get, "/api/v1/cases/{id}/papers/{kind}", showPaper)
        on(&router, .get, "/api/v1/due", listDue)
        on(&router, .get, "/api/v1/policies", listPolicies)
        on(&router, .get, "/api/v1/policies/{id}", showPolicy)
        on(&router, .get, "/api/v1/calendars", listCalendars)
        on(&router, .post, "/api/v1/calendars", importCalendar)
        on(&router, .get, "/api/v1/stock", listStock)
        on(&router, .get, "/api/v1/stock/{number}", checkStock)
        on(&router, .post, "/api/v1/stock/voids", voidCertificate)
        on(&router, .get, "/api/v1/handovers/{quarter}", showHandover)
        on(&router, .get, "/api/v1/handovers/{quarter}/paper", printHandover)
        on(&router, .post, "/api/v1/handovers/{quarter}", recordHandover)
        on(&router, .put, "/api/v1/drafts/{id}", keepDraft)
        on(&router, .get, "/api/v1/drafts/{id}", showDraft)
        on(&router, .delete, "/api/v1/drafts/{id}", dropDraft)
        on(&router, .get, "/api/v1/outbox", showOutbox)
        on(&router, .get, "/api/v1/status", showStatus)
        on(&router, .post, "/api/v1/sync", exchangeNow)
        on(&router, .get, "/api/v1/link", showLink)
        on(&router, .put, "/api/v1/link", setLink)
        on(&router, .post, "/api/v1/resync", resync)
        on(&router, .post, "/api/v1/enrolment", enrol)
        on(&router, .post, "/api/v1/device/rotation", rotateKey)
        addMaterials(to: &router)
        addLosses(to: &router)
        addDuplicates(to: &router)
        on(&router, .get, "/api/v1/journal", showJournal)
        on(&router, .put, "/api/v1/journal", setJournal)
        on(&router, .delete, "/api/v1/journal", dropJournal)
        on(&router, .post, "/api/v1/recovery-sheet", makeRecoverySheet)
        on(&router, .post, "/api/v1/store/check", checkStore)
        bundles?.add { method, pattern, action in on(&router, method, pattern, action) }
        WindowPages(api: self).add(to: &router)
        return router
    }

    /// Adds a route that only the holder of the token may use; errors of the parts below become problems here.
    func on(
        _ router: inout Router, _ method: Web.Method, _ pattern: String,
        _ action: @escaping @Sendable (Request) async throws -> Response
    ) {
        router.on(method, pattern) { request in
            try authorise(request)
            if let problem = APIContract.window.refusal(of: request) { throw problem }
            do { return try await action(request) } catch {
                throw Web.Problem(window: error) ?? error
            }
        }
    }

    /// The same for a route that takes its body while it arrives.
    func onStream(
        _ router: inout Router, _ method: Web.Method, _ pattern: String, _ action: @escaping StreamAction
    ) {
        router.onStream(method, pattern) { request, body in
            try authorise(request)
            if let problem = APIContract.window.refusal(of: request) { throw problem }
            do { return try await action(request, body) } catch {
                throw Web.Problem(window: error) ?? error
            }
        }
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

    func caseID(_ request: Request) throws -> CaseID {
        let text = request.parameters["id"] ?? ""
        guard let id = CaseID(text) else {
            throw Web.Problem(status: 404, title: "There is no such case", remedy: "List the cases first.")
        }
        return id
    }

    /// Who saves: named by the command, until clerks sign in.
    func saving(_ request: Request, reason: String? = nil) async throws -> Saving {
        let user = request.headers["Operator"] ?? "clerk"
        let saveID = request.headers["Idempotency-Key"]
        guard user.utf8.count <= SyncProtocol.Limits.nameBytesMax,
            (saveID?.utf8.count ?? 0) <= Saving.saveIDBytesMax,
            (reason?.utf8.count ?? 0) <= SyncProtocol.Limits.reasonBytesMax
        else { throw Web.Problem(status: 400, title: "A name or a reason is too long") }
        return Saving(
            user: user, saveID: saveID, isDoubtful: await exchanger.isClockDoubtful, reason: reason)
    }
}
