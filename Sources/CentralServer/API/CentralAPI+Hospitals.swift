import Accounts
import SyncProtocol
import Web

extension CentralAPI {
    private struct HospitalBody: Decodable {
        let code: String
        let name: String
        let policies: [String]?
        let user: String?

        var particulars: Fleet.Particulars {
            Fleet.Particulars(code: code, name: name, policies: policies ?? [])
        }
    }

    private struct HospitalShape: Encodable {
        let id: String
        let code: String
        let name: String
        let addedMilliseconds: UInt64

        init(_ hospital: HospitalRecord) {
            id = hospital.id.description
            code = hospital.code
            name = hospital.name
            addedMilliseconds = hospital.addedMilliseconds
        }
    }

    private struct StatusShape: Encodable {
        let hospital: HospitalShape
        let position: UInt64
        let asides: Int
        let computers: [FleetShape.Computer]
        /// When a computer last found that central had gone back in time.
        let wentBackMilliseconds: UInt64?
        /// Of all of central.
        let backups: BackupsShape?
    }

    /// `GET /api/v1/hospitals`
    func listHospitals(_ request: Request, _ viewer: Viewer) async throws(CentralError) -> Response {
        let hospitals = try await fleet.hospitals().filter { viewer.serves(hospital: $0.code) }
        return try json(["hospitals": hospitals.map(HospitalShape.init)])
    }

    /// `POST /api/v1/hospitals`: `{code, name, policies?, user?}`
    func addHospital(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: HospitalBody.self)
        let user = request.user.isEmpty ? body.user ?? "" : request.user
        let hospital = try await fleet.add(body.particulars, by: user)
        try await accounts.bring(to: hospital, by: user)
        return try json(HospitalShape(hospital), status: 201)
    }

    /// `PATCH /api/v1/hospitals/{code}`: the same body, whole.
    func amendHospital(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: HospitalBody.self)
        let hospital = try await fleet.amend(
            try request.parameter("code"), to: body.particulars,
            by: request.user.isEmpty ? body.user ?? "" : request.user)
        return try json(HospitalShape(hospital))
    }

    /// `GET /api/v1/hospitals/{code}/status`
    func hospitalStatus(_ request: Request) async throws(CentralError) -> Response {
        let status = try await fleet.status(of: try request.parameter("code"))
        let computers = status.computers.map {
            FleetShape.Computer($0.device, $0.contact, lag: status.lag(of: $0))
        }
        return try json(
            StatusShape(
                hospital: HospitalShape(status.hospital), position: status.position,
                asides: status.asideCount,
                computers: computers, wentBackMilliseconds: status.wentBack?.lastMilliseconds,
                backups: try await backups()))
    }

    private struct TokenShape: Encodable {
        let token: String
        var expiresMilliseconds: UInt64?
    }

    /// `POST /api/v1/hospitals/{code}/enrolment-tokens`: the token is told this once.
    func issueToken(_ request: Request) async throws(CentralError) -> Response {
        let issued = try await fleet.issueToken(for: try request.parameter("code"))
        return try json(
            TokenShape(token: issued.token.text, expiresMilliseconds: issued.expiresMilliseconds), status: 201
        )
    }
}
