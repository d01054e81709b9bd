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
        let count = try await keeper.wipe(departed: try caseID(request), isDryRun: isDryRun)
        if !isDryRun { await exchanger.noteSaved() }
        return try .json(WipeAnswer(changes: count, isDryRun: isDryRun))
    }

    var keeper: Keeper {
        Keeper(store: store, lane: attachments?.uploads, environment: environment)
    }

    /// `POST /api/v1/attachments/tidy`: `{"dryRun": true}` → `{"files", "bytes", "unsure", "isDryRun"}`: removes the pictures of all cases
    /// that are over or left, as far as central has them in a verified backup.
    @Sendable func tidyPages(_ request: Request) async throws -> Response {
        let isDryRun = try decode(WipeOrder.self, request).dryRun ?? false
        return try .json(
            await keeper.tidy(changedBefore: environment.milliseconds(), isDryRun: isDryRun))
    }
}
