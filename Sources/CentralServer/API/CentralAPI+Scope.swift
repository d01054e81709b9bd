import SyncProtocol
import Web

extension CentralAPI {
    private struct MoveBody: Decodable {
        let to: String
        let reason: String
        let dryRun: Bool?
    }

    private struct MovedShape: Encodable {
        let from: [String]
        let to: String
        let changes: Int
        let isDryRun: Bool
    }

    /// `POST /api/v1/cases/{id}/move`: `{to: CODE, reason, dryRun}`
    func moveCase(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: MoveBody.self)
        let isDryRun = body.dryRun ?? false
        let moved = try await scopeDesk.move(
            ScopeDesk.Move(
                try request.caseID(), to: body.to, reason: body.reason, by: request.operatorName),
            isDryRun: isDryRun)
        return try json(
            MovedShape(
                from: moved.from, to: moved.to, changes: moved.changeCount, isDryRun: isDryRun),
            status: isDryRun ? 200 : 201)
    }
}
