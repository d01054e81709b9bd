import Casework
import SyncProtocol
import Web

extension WindowAPI {
    private struct PolicyShape: Encodable {
        let id: String
        let version: Int
        let title: String
        let place: String
        /// By it new cases are judged.
        let isNewest: Bool
        /// Why central withdrew it; nil if it did not.
        let withdrawn: String?
    }

    private struct PoliciesShape: Encodable {
        let policies: [PolicyShape]
        /// What was published and cannot be used.
        let faults: [String]
    }

    /// `GET /api/v1/policies`: all at hand, of one ID the newest first.
    @Sendable func listPolicies(_ request: Request) async throws -> Response {
        let rules = try await store.rules()
        let shapes = rules.policies.policies.map {
            PolicyShape(
                id: $0.id, version: $0.version, title: $0.title, place: $0.place,
                isNewest: rules.policies[$0.id]?.version == $0.version,
                withdrawn: rules.record.withdrawn[$0.name])
        }
        return try .json(PoliciesShape(policies: shapes, faults: rules.faults))
    }

    /// `GET /api/v1/policies/{id}?version=N`: the file, by default of the newest version.
    @Sendable func showPolicy(_ request: Request) async throws -> Response {
        let policies = try await store.rules().policies
        let id = request.parameters["id"] ?? ""
        guard let text = request.query["version"] else {
            return .bytes(policies.file(of: try await policy(named: id)), type: "application/json")
        }
        guard let version = Int(text), let policy = policies[id, version: version] else {
            throw Web.Problem(
                status: 404, title: "This version of the policy is not here",
                remedy: "See: birthwindow policy list")
        }
        return .bytes(policies.file(of: policy), type: "application/json")
    }

    /// `GET /api/v1/calendars`: the years that came from central or were imported here.
    @Sendable func listCalendars(_ request: Request) async throws -> Response {
        try .json(["calendars": try await store.rules().calendarYears.map(\.json)])
    }

    private struct ImportAnswer: Encodable {
        let year: Int
        let isChanged: Bool
        let warnings: [String]
    }

    /// `POST /api/v1/calendars`: a calendar file. Central's goes before it.
    @Sendable func importCalendar(_ request: Request) async throws -> Response {
        let (calendar, saved) = try await importCalendar(request.body, try await saving(request))
        let holds = try await store.rules().calendarYears.contains(calendar)
        return try .json(
            ImportAnswer(
                year: calendar.year, isChanged: saved.cases.contains(where: \.isChanged),
                warnings: holds ? [] : ["中心已下发 \(calendar.year) 年节假日安排，以中心的为准。"]))
    }

    /// Takes a calendar file.
    func importCalendar(
        _ file: [UInt8], _ saving: Saving
    ) async throws -> (calendar: CalendarYear, saved: Saved) {
        let calendar: CalendarYear
        do { calendar = try CalendarYear(json: file) } catch {
            throw Web.Problem(
                status: 422, title: "节假日文件有误，未导入", detail: error.description,
                remedy: "Correct the file; nothing was imported.")
        }
        let saved = try await store.importCalendar(calendar, saving)
        await exchanger.noteSaved()
        return (calendar, saved)
    }
}
