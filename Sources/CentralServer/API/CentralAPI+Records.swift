import Casework
import SyncProtocol
import Web

extension CentralAPI {
    private struct PolicyShape: Encodable {
        let id: String
        let version: Int
        let title: String
        let place: String
        let isShipped: Bool
        let isForAll: Bool
        let hospitals: [String]
        let isWithdrawn: Bool
        let withdrawnAt: [String]
        let cases: Int
    }

    private struct PoliciesShape: Encodable {
        let policies: [PolicyShape]
        let faults: [String]
    }

    /// `GET /api/v1/policies`: all that are at hand, of one ID the newest first.
    func listPolicies(_ request: Request) async throws(CentralError) -> Response {
        let (policies, faults) = try await recordDesk.policies()
        return try json(
            PoliciesShape(
                policies: policies.map {
                    PolicyShape(
                        id: $0.policy.id, version: $0.policy.version, title: $0.policy.title,
                        place: $0.policy.place, isShipped: $0.isShipped, isForAll: $0.isForAll,
                        hospitals: $0.hospitals, isWithdrawn: $0.isWithdrawn, withdrawnAt: $0.withdrawnAt,
                        cases: $0.caseCount)
                }, faults: faults.map(\.description)))
    }

    private struct PublicationShape: Encodable {
        var policy: String?
        var version: Int?
        var year: Int?
        let isForAll: Bool
        let written: [String]
        let unchanged: [String]

        init(_ publication: RecordDesk.Publication, _ addressees: RecordDesk.Addressees) {
            isForAll = addressees == .all
            (written, unchanged) = (publication.written, publication.unchanged)
        }
    }

    /// `POST /api/v1/policies?to=all|CODE,CODE…&file=NAME`: a policy file, to all hospitals or some.
    func publishPolicy(_ request: Request) async throws(CentralError) -> Response {
        let name = String((request.query["file"] ?? "the file").prefix(Self.fileNameMax))
        let read: (policy: Policy, published: PublishedPolicy)
        do throws(PolicyError) {
            read = try PolicyLibrary.publishable(request.body, file: name)
        } catch {
            throw CentralError.refused(.wrongPolicy(error))
        }
        let addressees = try addressees(of: request)
        let publication = try await recordDesk.publish(
            read.published, to: addressees, by: request.operatorName)
        var shape = PublicationShape(publication, addressees)
        (shape.policy, shape.version) = (read.policy.id, read.policy.version)
        return try json(shape)
    }

    /// Characters of a file's name that are repeated in errors.
    private static var fileNameMax: Int { 100 }

    private struct WithdrawalBody: Decodable {
        let policy: String
        let version: Int
        /// Nil for all.
        let hospitals: [String]?
        let reason: String
        let force: Bool?
    }

    /// `POST /api/v1/policies/withdrawals`: `{policy, version, hospitals?, reason, force?}`
    func withdrawPolicy(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: WithdrawalBody.self)
        let addressees: RecordDesk.Addressees =
            body.hospitals.map { .hospitals(codes: Set($0).sorted()) } ?? .all
        let publication = try await recordDesk.withdraw(
            RecordDesk.Withdrawal(
                policy: PolicyName(id: body.policy, version: body.version), reason: body.reason,
                isForced: body.force ?? false), from: addressees, by: request.operatorName)
        var shape = PublicationShape(publication, addressees)
        (shape.policy, shape.version) = (body.policy, body.version)
        return try json(shape)
    }

    private func addressees(of request: Request) throws(CentralError) -> RecordDesk.Addressees {
        guard let to = request.query["to"], !to.isEmpty else {
            throw CentralError.refused(.malformed("“to” must be all, or the codes of hospitals."))
        }
        if to == "all" { return .all }
        let codes = to.split(separator: ",").map(String.init)
        return .hospitals(codes: Set(codes).sorted())
    }

    /// `GET /api/v1/calendars?hospital=CODE`: the years that were published to a hospital, or to all.
    func listCalendars(_ request: Request) async throws(CentralError) -> Response {
        let record = try await recordDesk.record(of: request.query["hospital"])
        return try json(["calendars": record.calendars.map(\.json)])
    }

    /// `POST /api/v1/calendars?to=all|CODE,CODE…`: a calendar file.
    func publishCalendar(_ request: Request) async throws(CentralError) -> Response {
        let calendar: CalendarYear
        do throws(CalendarError) {
            calendar = try CalendarYear(json: request.body)
        } catch {
            throw CentralError.refused(.wrongCalendar(error))
        }
        let addressees = try addressees(of: request)
        let publication = try await recordDesk.publish(
            calendar, to: addressees, by: request.operatorName)
        var shape = PublicationShape(publication, addressees)
        shape.year = calendar.year
        return try json(shape)
    }
}
