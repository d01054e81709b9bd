import Casework
import SyncProtocol
import Web

extension CentralAPI {
    var fleetDesk: FleetDesk { FleetDesk(store: store, books: books, now: environment.now) }
    var statisticsDesk: StatisticsDesk { StatisticsDesk(store: store, books: books, now: environment.now) }

    /// How hospitals stand, what is late, and what was done.
    func addFleet(to router: inout Router) {
        addStaff(.get, "/api/v1/fleet", .readFleet, .query, to: &router, listFleet)
        addStaff(.get, "/api/v1/fleet/{code}", .readFleet, .hospital, to: &router, showFleet)
        addStaff(.get, "/api/v1/fleet-settings", .readFleet, .query, to: &router, listFleetSettings)
        addStaff(.put, "/api/v1/fleet-settings", .manageHospitals, .body, to: &router, setFleetSetting)
        addStaff(.get, "/api/v1/overdue", .readStatistics, .query, to: &router, costly(listOverdue))
        addStaff(.get, "/api/v1/statistics", .readStatistics, .query, to: &router, costly(showStatistics))
    }

    /// `GET /api/v1/fleet?state=…&format=csv`: the worst first.
    func listFleet(_ request: Request) async throws(CentralError) -> Response {
        var lines = try await fleetDesk.lines(of: request.query["hospital"])
        if let word = request.query["state"] {
            guard let state = FleetState(rawValue: word) else {
                throw CentralError.refused(
                    .malformed(
                        "The state is none of \(FleetState.allCases.map(\.rawValue).joined(separator: ", "))."
                    ))
            }
            lines.removeAll { $0.state != state }
        }
        if request.query["format"] == "csv" { return .csv(FleetTable.csv(of: lines, now: environment.now())) }
        return try json(["hospitals": lines.map(FleetShape.init)])
    }

    private struct DetailShape: Encodable {
        let hospital: FleetShape
        /// Ascending by hour; hours without a sample are left out.
        let history: [SampleShape]
    }

    private struct SampleShape: Encodable {
        let milliseconds: UInt64
        let lag: UInt64
        let outboxCount: UInt64
        let oldestSeconds: UInt64
        let silentSeconds: UInt64

        init(_ sample: LagSample) {
            milliseconds = UInt64(sample.hour) * 3_600_000
            (lag, outboxCount) = (sample.lag, sample.outbox)
            (oldestSeconds, silentSeconds) = (sample.oldestSeconds, sample.silentSeconds)
        }
    }

    /// `GET /api/v1/fleet/{code}`
    func showFleet(_ request: Request) async throws(CentralError) -> Response {
        let code = try request.parameter("code")
        let lines = try await fleetDesk.lines(of: code)
        guard let line = lines.first else { throw CentralError.refused(.unknownHospital) }
        return try json(
            DetailShape(
                hospital: FleetShape(line),
                history: try await fleetDesk.history(of: code).map(SampleShape.init)))
    }

    private struct SettingBody: Decodable {
        let hospital: String?
        let name: String
        /// Null takes it back.
        let value: Int?
    }

    /// `GET /api/v1/fleet-settings?hospital=CODE`: what is set, and what counts.
    func listFleetSettings(_ request: Request) async throws(CentralError) -> Response {
        try json(SettingsShape(try await fleetDesk.settings(of: request.query["hospital"])))
    }

    /// `PUT /api/v1/fleet-settings`: `{name, value, hospital?}`; without a hospital for all of them.
    func setFleetSetting(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: SettingBody.self)
        try await fleetDesk.set(body.name, to: body.value, of: body.hospital, by: request.operatorName)
        return try json(SettingsShape(try await fleetDesk.settings(of: body.hospital)))
    }

    private struct SettingsShape: Encodable {
        let hospital: String?
        let set: [String: String]
        let inForce: [String: Int]

        init(_ settings: FleetDesk.Settings) {
            (hospital, set, inForce) = (settings.hospital, settings.own, settings.inForce)
        }
    }
}

extension Response {
    /// A table for people's spreadsheets.
    static func csv(_ table: CSVWriter) -> Response { .bytes(table.bytes, type: CSVWriter.mediaType) }
}
