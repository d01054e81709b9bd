import SyncProtocol
import Web

extension CentralAPI {
    var eraseDesk: EraseDesk { EraseDesk(store: store, books: books, now: environment.now) }

    var erasureKeeper: ErasureKeeper {
        ErasureKeeper(store: store, attachments: attachments, log: environment.log)
    }

    func addErasure(to router: inout Router) {
        addStaff(.post, "/api/v1/cases/{id}/erasure", .eraseCase, .case, to: &router, eraseCase)
    }

    private struct ErasureBody: Decodable {
        let reason: String
        let dryRun: Bool?
    }

    private struct ErasureShape: Encodable {
        let changes: Int
        let attachments: Int
        let hospitals: [String]
        let isDryRun: Bool
    }

    /// `POST /api/v1/cases/{id}/erasure`: `{reason, dryRun?}`
    private func eraseCase(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: ErasureBody.self)
        let isDryRun = body.dryRun ?? false
        let erased = try await eraseDesk.erase(
            EraseDesk.Order(
                caseID: try request.caseID(), reason: body.reason, user: request.operatorName),
            isDryRun: isDryRun)
        if !isDryRun {
            // It is erased; what is left to remove is removed by the next look if not now.
            do { try await erasureKeeper.finish() } catch {
                environment.log(.erasureUnfinished(error))
            }
        }
        return try json(
            ErasureShape(
                changes: erased.changeCount, attachments: erased.attachmentCount,
                hospitals: erased.hospitals, isDryRun: isDryRun))
    }
}
