import Web

extension WindowAPI {
    /// `GET /api/v1/link`: what is set of the link, and by whom.
    @Sendable func showLink(_ request: Request) async throws -> Response {
        let (local, central) = try await store.linkSettings()
        var lines: [String: LinkLine] = [:]
        for name in LinkSettings.Name.allCases {
            lines[name.rawValue] =
                local.values[name].map { LinkLine(value: $0, from: "here") }
                ?? central.values[name].map { LinkLine(value: $0, from: "central") }
                ?? LinkLine(value: name.usual, from: "usual")
        }
        return try .json(lines)
    }

    /// `PUT /api/v1/link`: `{"metered": "yes" | "no" | "auto", "photos": …, "budget": …, "schedule": …}`; what is not named stays.
    /// It holds at once.
    @Sendable func setLink(_ request: Request) async throws -> Response {
        let words = try decode([String: String].self, request)
        var settings = try await store.linkSettings().local
        for (word, value) in words {
            guard let name = LinkSettings.Name(rawValue: word) else {
                let known = LinkSettings.Name.allCases.map(\.rawValue).joined(separator: ", ")
                throw Web.Problem(
                    status: 422, title: "There is no such setting of the link", remedy: "Known are \(known).")
            }
            do { try settings.set(name, to: value) } catch {
                throw Web.Problem(
                    status: 422, title: "The link's setting was not changed", detail: error.description)
            }
        }
        try await store.save(settings)
        try await exchanger.noteSettings()
        return try await showLink(request)
    }
}

private struct LinkLine: Encodable {
    let value: String
    /// `here`, `central` or `usual`.
    let from: String
}

extension LinkSettings.Name {
    /// What holds where nobody has set anything.
    fileprivate var usual: String {
        switch self {
        case .metered: "no"
        case .photos: "always"
        case .budget, .schedule: "none"
        }
    }
}
