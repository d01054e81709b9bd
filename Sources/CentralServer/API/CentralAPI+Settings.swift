import Casework
import SyncProtocol
import Web

extension CentralAPI {
    func addSettings(to router: inout Router) {
        addStaff(.get, "/api/v1/settings", .readFleet, .query, to: &router, showSettings)
        addStaff(.put, "/api/v1/settings", .manageHospitals, .body, to: &router, setSettings)
    }

    private var settingsDesk: SettingsDesk { SettingsDesk(store: store, books: books, now: environment.now) }

    private struct Line: Encodable {
        let value: String
        /// `hospital`, `all` or `usual`.
        let from: String
    }

    /// `GET /api/v1/settings?hospital=CODE`: what is said to a hospital's windows, without a code to all: `{"settings": {"metered":
    /// {"value": "no", "from": "usual"}, …}}`.
    private func showSettings(_ request: Request) async throws(CentralError) -> Response {
        let sources = try await settingsDesk.sources(of: request.query["hospital"])
        var lines: [String: Line] = [:]
        for name in WindowSettings.Name.allCases {
            let line = sources.line(name)
            lines[name.rawValue] = Line(value: line.value, from: line.from.rawValue)
        }
        return try json(["settings": lines])
    }

    private struct Order: Decodable {
        let reason: String
        let set: [String: String]
    }

    /// `PUT /api/v1/settings?hospital=CODE`: `{"reason", "set": {"metered": "yes", "budget": "auto", …}}`; what is not named stays.
    private func setSettings(_ request: Request) async throws(CentralError) -> Response {
        let order = try request.decoded(as: Order.self)
        try await settingsDesk.set(
            SettingsDesk.Order(
                words: order.set, code: request.query["hospital"], reason: order.reason,
                user: request.operatorName))
        return try await showSettings(request)
    }
}
