import Accounts
import Bundles
import Contract
import Cryptography
import SyncProtocol
import Web

/// Central's HTTP interface: what each address does. The parts do the work; here is only decoding and encoding.
struct CentralAPI: Sendable {
    let store: any CentralStore
    let books: Books
    let environment: Environment
    let intake: Intake
    let gate: DeviceGate
    let attempts = Guarded(EnrolmentAttempts())
    let restraint = Restraint(Restraint.staffRates)
    /// The hash of the token that central's own people and their programs present.
    let staffTokenHash: [UInt8]
    /// Shared with the agents; nil compresses without.
    let dictionary: ZstandardDictionary?
    /// Nil where there is no directory: in tests of everything else.
    var attachments: AttachmentStore?
    /// Nil likewise.
    var backupDesk: BackupDesk?
    /// The keys by which agents know central and seal for it.
    var identity = CentralIdentity(signing: Ed25519.SigningKey(), recovery: SealedBox.OpeningKey().publicKey)
    /// Nil answers every exchange at once.
    var waitingRoom: WaitingRoom?
    /// Nil where there are no attachments.
    var scrub: AttachmentScrub?

    /// Nil where there is no directory.
    var bundleShelf: BundleShelf?

    /// What is counted while it runs.
    let metrics = Metrics()

    /// What people and programs do is written by it.
    let audit = AuditDesk()
    /// Why who looks at cases that are over.
    let reasons = ReasonMemory()
    /// Bytes of the database on the disk; nil where it is not in a file.
    var storeBytes: @Sendable () -> UInt64? = { nil }

    /// Marks the browsers that are known, at every start in the same way.
    var browserKey = SecretBytes(randomCount: 32)
    let passwords = PasswordDesk()
    /// What was read last of central's own accounts.
    let knownAccounts = Guarded<(fingerprint: Fingerprint, book: AccountBook)?>(nil)

    /// How hospitals stood a moment ago, for the counts on pages.
    let fleetMemory = Guarded<(milliseconds: UInt64, lines: [FleetDesk.Line])?>(nil)

    /// The sums that verifies are answered from.
    let verifyDesk = VerifyDesk()

    var fleet: Fleet { Fleet(store: store, books: books, environment: environment) }
    var mergeDesk: MergeDesk { MergeDesk(store: store, books: books, now: environment.now) }
    var caseDesk: CaseDesk { CaseDesk(store: store, books: books, now: environment.now) }
    var scopeDesk: ScopeDesk { ScopeDesk(store: store, books: books, now: environment.now) }
    var departmentDesk: DepartmentDesk {
        DepartmentDesk(store: store, books: books, environment: environment)
    }

    var bundles: CentralBundles {
        CentralBundles(
            store: store, books: books, environment: environment, attachments: attachments,
            signing: identity.signing, codec: BundleCodec(dictionary: dictionary))
    }

    var duplicateDesk: DuplicateDesk { DuplicateDesk(store: store, books: books, now: environment.now) }
    var recordDesk: RecordDesk { RecordDesk(store: store, books: books, now: environment.now) }
    var stockDesk: StockDesk { StockDesk(store: store, books: books, now: environment.now) }

    var orderDesk: OrderDesk { OrderDesk(store: store, books: books, environment: environment) }

    func router(onError: @escaping @Sendable (any Error, Request) -> Void) -> Router {
        var router = Router(onError: onError)
        metrics.watch(&router, program: "birthcentral")
        addMetrics(to: &router)
        add(.get, "/healthz", .anyone, to: &router) { _ throws(CentralError) in try await health() }
        router.on(.get, "/api/v1/openapi.json", access: Permit.anyone.label) { _ in
            .bytes(APIContract.central.document, type: "application/json")
        }
        add(.post, "/sync/v1/exchange", .device, to: &router, exchange)
        add(.post, "/sync/v1/verify", .device, to: &router, verify)
        add(.post, "/sync/v1/enrolment", .device, to: &router, enrol)
        add(.post, "/sync/v1/device-key", .device, to: &router, announceKey)
        addStaff(.get, "/api/v1/hospitals", .readFleet, .hospitals, to: &router, listHospitals)
        addStaff(.post, "/api/v1/hospitals", .manageHospitals, to: &router, addHospital)
        addStaff(.patch, "/api/v1/hospitals/{code}", .manageHospitals, .hospital, to: &router, amendHospital)
        addStaff(.get, "/api/v1/hospitals/{code}/status", .readFleet, .hospital, to: &router, hospitalStatus)
        addStaff(
            .post, "/api/v1/hospitals/{code}/enrolment-tokens", .manageDevices, .hospital, to: &router,
            issueToken)
        addStaff(.get, "/api/v1/devices", .readFleet, .query, to: &router, listDevices)
        addStaff(.delete, "/api/v1/devices/{id}", .manageDevices, to: &router, revokeDevice)
        addStaff(.get, "/api/v1/cases", .listCases, .cases, to: &router, listCases)
        addStaff(.get, "/api/v1/cases/{id}", .readCase, .case, to: &router, showCase)
        addStaff(.patch, "/api/v1/cases/{id}", .editCase, .case, to: &router, editCase)
        addStaff(.post, "/api/v1/cases/{id}/move", .moveCase, .case, to: &router, moveCase)
        addStaff(.get, "/api/v1/strays", .setAside, to: &router, listStrays)
        addStaff(.get, "/api/v1/policies", .readRules, .nothing, to: &router, listPolicies)
        addStaff(.post, "/api/v1/policies", .managePolicies, to: &router, publishPolicy)
        addStaff(.post, "/api/v1/policies/withdrawals", .managePolicies, to: &router, withdrawPolicy)
        addStaff(.get, "/api/v1/calendars", .readRules, .query, to: &router, listCalendars)
        addStaff(.post, "/api/v1/calendars", .managePolicies, to: &router, publishCalendar)
        addStaff(.post, "/api/v1/ranges", .assignStock, .body, to: &router, assignRange)
        addStaff(.get, "/api/v1/stock", .readStock, .query, to: &router, listStock)
        addStaff(.post, "/api/v1/stock/voids", .assignStock, .body, to: &router, voidCertificates)
        addStaff(.get, "/api/v1/collisions", .readStock, to: &router, listCollisions)
        addStaff(.get, "/api/v1/resync-orders", .readFleet, .query, to: &router, listOrders)
        addStaff(.post, "/api/v1/resync-orders", .orderResync, .body, to: &router, orderResync)
        addStaff(.delete, "/api/v1/resync-orders/{id}", .orderResync, to: &router, withdrawOrder)
        addDepartments(to: &router)
        addStaff(.get, "/api/v1/backups", .backUp, to: &router, showBackups)
        addStaff(.post, "/api/v1/backups", .backUp, to: &router, startBackup)
        addStaff(.post, "/api/v1/rebuild", .rebuild, to: &router, costly(rebuild))
        addAttachments(to: &router)
        addBundles(to: &router)
        addSettings(to: &router)
        addDesk(to: &router)
        addDuplicates(to: &router)
        addFleet(to: &router)
        addAdministration(to: &router)
        addAccounts(to: &router)
        addAudit(to: &router)
        CentralPages(api: self).add(to: &router)
        for route in router.routed {
            precondition(
                route.access.flatMap(Permit.init) != nil && AuditRule.isDecided(route),
                "\(route.method.rawValue) \(route.pattern) does not say who may ask, or what it leaves in the audit log"
            )
        }
        return router
    }

    typealias Answering = @Sendable (Request) async throws(CentralError) -> Response

    func add(
        _ method: Method, _ pattern: String, _ permit: Permit, to router: inout Router,
        _ answer: @escaping Answering
    ) {
        router.on(method, pattern, access: permit.label) { request in
            do throws(CentralError) {
                try await settle()
                return try await answer(request)
            } catch {
                let problem = CentralProblem(error)
                metrics.count("birthcentral_refusals_total", [MetricLabel("problem", problem.code)])
                return problem.response
            }
        }
    }

    /// Before anything else after a start: makes the caches that an upgrade has dropped. And at any time: reads what is
    /// published, if that may be old; where other processes write, too, it may always be.
    func settle() async throws(CentralError) {
        if books.hasBegun, books.casebook.shelf.isSettled, !books.isShared { return }
        if !books.hasBegun {
            try await Rebuild(store: store, books: books).runIfNeeded()
            try await recordDesk.shareCentralRecord()
            books.noteBegun()
        }
        let books = books
        try await store.read { transaction throws(CentralError) in try books.settle(transaction) }
    }

    func isStaff(_ request: Request) -> Bool {
        request.bearer.flatMap(Token.init(presented:))?.matches(staffTokenHash) ?? false
    }

    /// Shapes that are sent always encode: their numbers are finite and their texts are valid.
    func json(_ value: some Encodable, status: Int = 200) throws(CentralError) -> Response {
        do { return try Response.json(value, status: status) } catch {
            throw CentralError.store(
                StoreFailure(kind: .other, description: "an answer that does not encode"))
        }
    }

    private func health() async throws(CentralError) -> Response {
        let epoch = try await store.read { transaction throws(CentralError) in try transaction.epoch() }
        return try json(["status": "ok", "epoch": epoch.description])
    }
}
