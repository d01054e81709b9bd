import Casework
import Foundation
import SyncProtocol
import Web

extension WindowAPI {
    func addDuplicates(to router: inout Router) {
        on(&router, .get, "/api/v1/cases/{id}/duplicates", .readCase, listLookalikes)
    }

    /// `GET /api/v1/cases/{id}/duplicates`: this window's cases that look like the same child, the likest first.
    @Sendable private func listLookalikes(_ request: Request) async throws -> Response {
        let found = try await store.lookalikes(of: try caseID(request))
        return try .json(JSON.object(["duplicates": .list(found.map(\.json))]))
    }
}

extension Lookalike {
    fileprivate var json: JSON {
        .object([
            "id": .text(caseID.description), "number": number.map(JSON.text) ?? .null,
            "score": .number(Decimal(likeness.score)),
            "reasons": .list(
                likeness.codes.map {
                    .object(["code": .text($0), "text": .text(DuplicateRules.standard.text(of: $0))])
                }),
        ])
    }
}
