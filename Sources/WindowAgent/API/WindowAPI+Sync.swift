import Casework
import Foundation
import SyncProtocol
import Web

extension WindowAPI {
    /// `GET /api/v1/outbox?limit=N`
    @Sendable func showOutbox(_ request: Request) async throws -> Response {
        let limit = min(request.query["limit"].flatMap { Int($0) } ?? 100, Self.listMax)
        let status = await exchanger.current
        let now = environment.milliseconds()
        let lines = try await store.outbox(limit: max(0, limit)).map { OutboxLine($0, status, now: now) }
        return try .json(["outbox": lines])
    }

    /// `GET /api/v1/status`
    @Sendable func showStatus(_ request: Request) async throws -> Response { try .json(await status()) }

    /// How this window stands with central.
    func standing() async throws -> (
        figures: StoreFigures, enrolment: Enrolment?, sync: SyncStatus, link: LinkStatus
    ) {
        let (figures, enrolment) = (try await store.figures(), try await store.loadEnrolment())
        let sync = await exchanger.current
        let link = LinkStatus(
            figures, outboxBytes: try await store.outboxBytes(), await exchanger.linkProgress, sync,
            isEnrolled: enrolment != nil, now: environment.milliseconds())
        return (figures, enrolment, sync, link)
    }

    /// All that can be said of this window.
    func status() async throws -> WindowStatus {
        let (figures, enrolment, sync, link) = try await standing()
        var status = WindowStatus(
            figures, enrolment, sync, link, now: environment.milliseconds(),
            secondCopy: try await secondCopy?.status(), damage: await store.damage)
        (status.orderUnderWay, status.orderEnded) = try await store.orderStatus()
        status.losses = try await store.unseenLossCount()
        status.attachments = try await attachments?.figures()
        status.keeping = try await store.keepingStatus()
        status.contactNotice = try await store.contactNotice()
        return status
    }

    /// `POST /api/v1/sync?wait=no`: exchanges until nothing is left to do, or one fails; with `wait=no` it only begins to.
    @Sendable func exchangeNow(_ request: Request) async throws -> Response {
        guard try await store.loadEnrolment() != nil else { throw StoreError.notEnrolled }
        if request.query["wait"] == "no" {
            await exchanger.noteReachable()
            return try .json(["isBegun": true], status: 202)
        }
        return try .json(await exchanger.exchangeNow())
    }

    /// `POST /api/v1/resync`: `{"kind": "verify" | "push" | "pull" | "rebuild", "case": ID, "dryRun": true}`. It never
    /// discards an unconfirmed change: each first brings central all that it lacks.
    @Sendable func resync(_ request: Request) async throws -> Response {
        let order = try decode(ResyncRequest.self, request)
        let only = try order.onlyCase
        if order.kind == .verify {
            return try .json(try await verify(only: only, isDryRun: order.dryRun ?? false))
        }
        return try .json(try await resync(order.kind, only: only, isDryRun: order.dryRun ?? false))
    }

    /// Brings central, or this window, everything; or makes the caches anew.
    func resync(_ kind: ResyncKind, only: CaseID?, isDryRun: Bool) async throws -> ResyncAnswer {
        if let only { _ = try await store.state(of: only) }
        let figures = try await store.figures()
        var answer = ResyncAnswer(
            kind: kind.rawValue, cases: only == nil ? figures.cases : 1, unconfirmed: figures.outbox,
            isDryRun: isDryRun)
        if answer.isDryRun { return answer }
        switch kind {
        case .rebuild: answer.cases = try await store.rebuild(only: only)
        case .push, .pull:
            guard try await store.loadEnrolment() != nil else { throw StoreError.notEnrolled }
            try await store.orderRepair(kind == .push ? .push : .pull, only: only)
            answer.exchange = await exchanger.exchangeNow()
            answer.isFinished = try await store.figures().sync.repair == nil
        case .verify: preconditionFailure("a verify has an answer of its own")
        }
        return answer
    }

    /// `POST /api/v1/enrolment`: an ``EnrolmentOrder`` in JSON.
    @Sendable func enrol(_ request: Request) async throws -> Response {
        let order = try decode(EnrolmentOrder.self, request)
        let enrolment = try await enroller.enrol(order)
        try await store.enrol(enrolment)
        await exchanger.noteReachable()
        return try .json(
            ["hospital": enrolment.hospital.description, "code": enrolment.code, "name": enrolment.name])
    }

    /// `PUT /api/v1/drafts/{id}`: what a form holds before it is saved.
    @Sendable func keepDraft(_ request: Request) async throws -> Response {
        try await store.keepDraft(try draftID(request), request.body)
        return .noContent
    }

    @Sendable func showDraft(_ request: Request) async throws -> Response {
        guard let content = try await store.draft(try draftID(request)) else {
            throw Web.Problem(status: 404, title: "There is no such draft")
        }
        return .bytes(content, type: "application/octet-stream")
    }

    @Sendable func dropDraft(_ request: Request) async throws -> Response {
        try await store.dropDraft(try draftID(request))
        return .noContent
    }

    private func draftID(_ request: Request) throws -> String {
        let id = request.parameters["id"] ?? ""
        guard !id.isEmpty, id.utf8.count <= Saving.saveIDBytesMax else {
            throw Web.Problem(status: 400, title: "The draft's name is too long")
        }
        return id
    }
}

extension ResyncKind: Decodable {}

private struct ResyncRequest: Decodable {
    let kind: ResyncKind
    let `case`: String?
    let dryRun: Bool?

    var onlyCase: CaseID? {
        get throws {
            guard let text = `case` else { return nil }
            guard let id = CaseID(text) else {
                throw Web.Problem(status: 404, title: "There is no such case")
            }
            return id
        }
    }
}

struct ResyncAnswer: Encodable {
    let kind: String
    var cases: Int
    let unconfirmed: Int
    let isDryRun: Bool
    var isFinished = true
    var exchange: SyncReport?

    init(kind: String, cases: Int, unconfirmed: Int, isDryRun: Bool) {
        (self.kind, self.cases, self.unconfirmed, self.isDryRun) = (kind, cases, unconfirmed, isDryRun)
    }
}

private struct OutboxLine: Encodable {
    let caseID: String
    let replica: String
    let sequence: UInt64
    let bytes: Int
    /// `waiting` before the first try, `retrying` after a failure.
    let state: String
    let ageSeconds: UInt64
    let tries: Int
    let lastError: String?
    let nextTry: UInt64

    init(_ entry: OutboxEntry, _ status: SyncStatus, now: UInt64) {
        caseID = entry.caseID.description
        replica = entry.replica.description
        sequence = entry.sequence
        bytes = entry.bytes
        state = entry.tries == 0 ? "waiting" : "retrying"
        ageSeconds = (now - min(now, entry.queuedAt)) / 1000
        tries = entry.tries
        lastError = entry.lastError
        // One that is overdue goes with the next exchange, which is under way or about to begin.
        nextTry = max(status.nextTry, now)
    }
}
