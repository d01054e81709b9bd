import Casework
import SyncProtocol
import Web

extension CentralAPI {
    private var archiveDesk: ArchiveDesk { ArchiveDesk(store: store, books: books, now: environment.now) }
    private var actDesk: ActDesk { ActDesk(store: store, books: books) }

    /// The addresses of the archive, of acts, and of hospitals that close.
    func addAdministration(to router: inout Router) {
        addErasure(to: &router)
        addStaff(.get, "/api/v1/hospitals/{code}", .readFleet, .hospital, to: &router, showHospital)
        addStaff(.post, "/api/v1/hospitals/{code}/moves", .manageHospitals, to: &router, moveAll)
        addStaff(.post, "/api/v1/hospitals/{code}/closing", .manageHospitals, to: &router, closeHospital)
        addStaff(.get, "/api/v1/archive", .archiveCases, to: &router, listArchive)
        addStaff(.get, "/api/v1/archive/plan", .archiveCases, .query, to: &router, planArchive)
        addStaff(.post, "/api/v1/archive", .archiveCases, .body, to: &router, runArchive)
        addStaff(.post, "/api/v1/archive/{id}/opening", .archiveCases, .case, to: &router, openArchived)
        addStaff(.get, "/api/v1/acts", .readAudit, .query, to: &router, listActs)
    }

    private struct HospitalShape: Encodable {
        let id: String
        let code: String
        let name: String
        let addedMilliseconds: UInt64
        let policies: [String]
        let withdrawn: [String]
        let calendars: [Int]
        let ranges: Int
        let settings: [String: String]
        let activeComputers: Int
        let closedOn: String?
        let faults: [String]

        init(_ portrait: Fleet.Portrait) {
            let (hospital, view) = (portrait.hospital, portrait.view)
            (id, code, name) = (hospital.id.description, hospital.code, hospital.name)
            addedMilliseconds = hospital.addedMilliseconds
            policies = view.offered.sorted()
            withdrawn = view.withdrawn.keys.map { "\($0.id) \($0.version)" }.sorted()
            (calendars, ranges, settings) = (view.calendars.map(\.year), view.ranges.count, view.settings)
            (activeComputers, closedOn) = (portrait.activeDeviceCount, portrait.closedOn)
            faults = view.faults
        }
    }

    /// `GET /api/v1/hospitals/{code}`
    private func showHospital(_ request: Request) async throws(CentralError) -> Response {
        try json(HospitalShape(try await fleet.portrait(of: try request.parameter("code"))))
    }

    private struct MovesBody: Decodable {
        let to: String
        let reason: String
        let dryRun: Bool?
        let after: String?
    }

    private struct MovesShape: Encodable {
        let cases: Int
        let hasMore: Bool
        let last: String?
        let isDryRun: Bool
    }

    /// `POST /api/v1/hospitals/{code}/moves`: `{to, reason, dryRun?, after?}`: the next cases of the hospital, some at a time.
    private func moveAll(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: MovesBody.self)
        let isDryRun = body.dryRun ?? false
        let (moved, last) = try await scopeDesk.moveAll(
            of: try request.parameter("code"), to: body.to, reason: body.reason, by: request.operatorName,
            after: body.after.flatMap { CaseID($0) }, isDryRun: isDryRun)
        return try json(
            MovesShape(
                cases: moved.count, hasMore: moved.hasMore, last: last?.description, isDryRun: isDryRun))
    }

    private struct ClosingBody: Decodable {
        let reason: String
        let dryRun: Bool?
    }

    private struct ClosingShape: Encodable {
        let closedOn: String
        let revoked: Int
        let isDryRun: Bool
    }

    /// `POST /api/v1/hospitals/{code}/closing`: `{reason, dryRun?}`
    private func closeHospital(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: ClosingBody.self)
        let isDryRun = body.dryRun ?? false
        let closing = try await fleet.close(
            try request.parameter("code"), reason: body.reason, by: request.operatorName,
            isDryRun: isDryRun)
        return try json(
            ClosingShape(closedOn: closing.day, revoked: closing.revokedCount, isDryRun: isDryRun))
    }

    private struct CandidateShape: Encodable {
        let caseID: String
        let hospitals: [String]
        let endedMilliseconds: UInt64
        let hindrance: String?

        init(_ candidate: ArchiveDesk.Candidate) {
            (caseID, hospitals) = (candidate.ended.caseID.description, candidate.hospitals)
            (endedMilliseconds, hindrance) = (
                candidate.ended.endedMilliseconds, candidate.hindrance?.rawValue
            )
        }
    }

    private struct PlanShape: Encodable {
        let cases: [CandidateShape]
        let hasMore: Bool
    }

    /// `GET /api/v1/archive?after=MILLISECONDS&case=ID&limit=`: archived cases after a place.
    private func listArchive(_ request: Request) async throws(CentralError) -> Response {
        var place: EndedCase?
        if let caseID = request.query["case"].flatMap({ CaseID($0) }) {
            let milliseconds = UInt64(request.query["after"] ?? "") ?? 0
            place = EndedCase(caseID: caseID, endedMilliseconds: milliseconds)
        }
        let cases = try await archiveDesk.list(after: place, countMax: request.limit)
        return try json(
            PlanShape(cases: cases.map(CandidateShape.init), hasMore: cases.count == request.limit))
    }

    /// `GET /api/v1/archive/plan?days=&hospital=&limit=`: what would be archived.
    private func planArchive(_ request: Request) async throws(CentralError) -> Response {
        let order = ArchiveDesk.Order(
            days: request.query["days"].flatMap { Int($0) }, hospital: request.query["hospital"],
            countMax: request.limit)
        let plan = try await archiveDesk.plan(order)
        return try json(PlanShape(cases: plan.candidates.map(CandidateShape.init), hasMore: plan.hasMore))
    }

    private struct ArchiveBody: Decodable {
        let days: Int?
        let hospital: String?
        let reason: String
        let limit: Int?
    }

    private struct ArchivedShape: Encodable {
        let archived: [String]
        let stayed: [CandidateShape]
        let hasMore: Bool
    }

    /// `POST /api/v1/archive`: `{reason, days?, hospital?, limit?}`: archives what is due, some at a time.
    private func runArchive(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: ArchiveBody.self)
        let order = ArchiveDesk.Order(
            days: body.days, hospital: body.hospital, countMax: body.limit ?? ArchiveDesk.perCallMax)
        let archived = try await archiveDesk.run(order, reason: body.reason, by: request.operatorName)
        return try json(
            ArchivedShape(
                archived: archived.cases.map(\.description), stayed: archived.stayed.map(CandidateShape.init),
                hasMore: archived.hasMore))
    }

    private struct OpeningBody: Decodable { let reason: String }

    /// `POST /api/v1/archive/{id}/opening`: `{reason}`
    private func openArchived(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: OpeningBody.self)
        try await archiveDesk.open(try request.caseID(), reason: body.reason, by: request.operatorName)
        return .noContent
    }

    private struct ActShape: Encodable {
        let number: Int64
        let kind: String
        let milliseconds: UInt64
        let user: String
        let caseID: String
        let change: String
        let hospitals: [String]
        let about: [String: String]
        let reason: String?

        init(_ act: ActDesk.Act) {
            (number, kind, milliseconds) = (act.number.rawValue, act.kind.rawValue, act.milliseconds)
            (user, caseID) = (act.author.user, act.change.caseID.description)
            (change, hospitals) = (act.change.id.description, act.hospitals)
            (about, reason) = (act.about, act.reason)
        }
    }

    private struct ActsShape: Encodable {
        let acts: [ActShape]
        /// Where to go on; absent at the end.
        let next: Int64?
    }

    /// `GET /api/v1/acts?kind=&hospital=&before=&limit=`: the last first.
    private func listActs(_ request: Request) async throws(CentralError) -> Response {
        let (acts, next) = try await actDesk.acts(
            before: request.query["before"].flatMap { Int64($0) }.map(ChangeNumber.init),
            of: request.query["kind"].flatMap(ActDesk.Kind.init), in: request.query["hospital"],
            countMax: request.limit)
        return try json(ActsShape(acts: acts.map(ActShape.init), next: next?.rawValue))
    }
}
