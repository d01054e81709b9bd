import Accounts
import Casework
import Foundation
import SyncProtocol
import Web

/// What central has decided against this window's values; and the history of a case.
extension WindowAPI {
    func addLosses(to router: inout Router) {
        on(&router, .get, "/api/v1/losses", .readCase, listLosses)
        on(&router, .post, "/api/v1/losses/acknowledgements", .editCase, acknowledgeLosses)
        on(&router, .post, "/api/v1/losses/rewrites", .editCase, rewriteLoss)
        on(&router, .get, "/api/v1/cases/{id}/history", .readCase, showHistory)
    }

    /// `GET /api/v1/losses?all=true&limit=N`: without `all` what no clerk has seen.
    @Sendable private func listLosses(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let limit = min(max(request.query["limit"].flatMap { Int($0) } ?? 100, 0), Self.listMax)
        let cases = try await store.losses(all: request.query["all"] == "true", limit: limit).filter { line in
            line.state.texts("policyID", in: dictionary).allSatisfy { viewer.applies(policy: $0) }
        }
        let lines = cases.flatMap { line in
            line.losses.map { loss in
                var members = loss.json(line.state, dictionary).members ?? [:]
                members["caseID"] = .text(line.caseID.description)
                members["number"] = line.number.map { .text($0) } ?? .null
                members["childName"] = line.childName.map { .text($0) } ?? .null
                return JSON.object(members).masked(by: dictionary)
            }
        }
        return try .json(["losses": lines])
    }

    private struct AcknowledgementBody: Decodable {
        let caseID: String
        let group: UInt32?
    }

    /// `POST /api/v1/losses/acknowledgements`: `{"caseID": ID, "group"?: number}`: a clerk has seen the losses of the case, or of the group.
    @Sendable private func acknowledgeLosses(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let body = try decode(AcknowledgementBody.self, request)
        let id = try await lossCase(body.caseID, viewer)
        let saved = try await store.acknowledge(
            id, group: body.group.map(GroupID.init), try await saving(request))
        await exchanger.noteSaved()
        return try .json(SaveAnswer(saved, warnings: []))
    }

    private struct RewriteBody: Decodable {
        let caseID: String
        let group: UInt32
        let dot: String
        let seen: [String]
        let reason: String?
    }

    /// `POST /api/v1/losses/rewrites`: `{"caseID": ID, "group": number, "dot": of the lost value, "seen": [dot], "reason"?: text}`: writes the lost
    /// value again in the place of what stands.
    @Sendable private func rewriteLoss(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let body = try decode(RewriteBody.self, request)
        guard let dot = Dot(body.dot), body.seen.count <= SyncProtocol.Limits.dotsPerGroupMax else {
            throw Web.Problem(status: 400, title: "A dot cannot be read", remedy: "See: GET /api/v1/losses")
        }
        let seen = body.seen.compactMap { Dot($0) }
        guard seen.count == body.seen.count else {
            throw Web.Problem(status: 400, title: "A dot cannot be read", remedy: "See: GET /api/v1/losses")
        }
        let saved = try await store.writeAgain(
            try await lossCase(body.caseID, viewer), dot, in: GroupID(rawValue: body.group), seen: seen,
            try await saving(request, reason: body.reason))
        await exchanger.noteSaved()
        return try .json(SaveAnswer(saved, warnings: []))
    }

    private func lossCase(_ text: String, _ viewer: Viewer) async throws -> CaseID {
        guard let id = CaseID(text) else {
            throw Web.Problem(status: 404, title: "没有这个办件", remedy: "See: birthwindow losses")
        }
        try await check(id, for: viewer)
        return id
    }

    /// `GET /api/v1/cases/{id}/history`: every change with what became of it.
    @Sendable private func showHistory(_ request: Request) async throws -> Response {
        let id = try caseID(request)
        let changes = try await store.changes(of: id)
        if changes.isEmpty { throw StoreError.unknownCase(id) }
        let history = CaseHistory(changes, dictionary: dictionary)
        return try .json(JSON.object(["id": .text(id.description), "history": history.json]))
    }
}
