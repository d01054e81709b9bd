import Casework
import Web

extension WindowAPI {
    /// `GET /api/v1/link`: what is set of this window, and by whom: `{"metered": {"value": "no", "from": "usual"}, …}`.
    @Sendable func showLink(_ request: Request) async throws -> Response {
        let sources = try await store.settingSources()
        var lines: [String: LinkLine] = [:]
        for name in WindowSettings.Name.allCases {
            let line = sources.line(name)
            lines[name.rawValue] = LinkLine(value: line.value, from: line.from.rawValue)
        }
        return try .json(lines)
    }

    /// `PUT /api/v1/link`: `{"metered": "yes" | "no" | "auto", "photos": …, "budget": …}`; what is not named stays.
    /// It holds at once.
    @Sendable func setLink(_ request: Request) async throws -> Response {
        let words = try decode([String: String].self, request)
        var settings = try await store.settingSources().here
        for (word, value) in words {
            guard let name = WindowSettings.Name(rawValue: word) else {
                let known = WindowSettings.Name.allCases.map(\.rawValue).joined(separator: ", ")
                throw Web.Problem(
                    status: 422, title: "There is no such setting", remedy: "Known are \(known).")
            }
            do { try settings.set(name, to: value) } catch {
                throw Web.Problem(
                    status: 422, title: "The setting was not changed", detail: error.description)
            }
        }
        try await store.save(settings)
        try await exchanger.noteSettings()
        return try await showLink(request)
    }
}

private struct LinkLine: Encodable {
    let value: String
    /// `here`, `hospital`, `all` or `usual`.
    let from: String
}
