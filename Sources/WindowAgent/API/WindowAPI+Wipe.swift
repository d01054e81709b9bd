import Web

extension WindowAPI {
    private struct WipeOrder: Decodable { let dryRun: Bool? }

    private struct WipeAnswer: Encodable {
        let changes: Int
        let isDryRun: Bool
    }

    /// `POST /api/v1/cases/{id}/wipe`: `{"dryRun": true}`. Only of a case that left, and when central has everything.
    @Sendable func wipeCase(_ request: Request) async throws -> Response {
        let isDryRun = try decode(WipeOrder.self, request).dryRun ?? false
        let count = try await store.wipe(departed: try caseID(request), isDryRun: isDryRun)
        if !isDryRun { await exchanger.noteSaved() }
        return try .json(WipeAnswer(changes: count, isDryRun: isDryRun))
    }
}
