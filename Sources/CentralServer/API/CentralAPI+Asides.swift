import Casework
import SyncProtocol
import Web

extension CentralAPI {
    private struct AsideShape: Encodable {
        let caseID: String
        let change: String
        let reasons: [String]
        /// The verdicts, to be repeated in a take-up.
        let seen: [String]
        let role: String?
        let unit: String?
        let user: String?
        let writes: [String: ValueShape]?
    }

    /// `GET /api/v1/asides?case=&change=&limit=`: those after the place named.
    func listAsides(_ request: Request) async throws(CentralError) -> Response {
        var place: (CaseID, ContentID)?
        if let caseID = request.query["case"].flatMap({ CaseID($0) }), let change = request.query["change"] {
            place = (caseID, try ContentID(reading: change))
        }
        let asides = try await mergeDesk.asides(after: place, countMax: request.limit)
        return try json(["asides": asides.map(shape)])
    }

    private func shape(_ aside: MergeDesk.Aside) -> AsideShape {
        let content = aside.change?.content
        var writes: [String: ValueShape] = [:]
        for (group, write) in content?.writes ?? [:] {
            writes[group.description] = ValueShape(write.value, of: group, books.casebook.dictionary)
        }
        return AsideShape(
            caseID: aside.record.caseID.description, change: aside.record.id.description,
            reasons: aside.record.reasons, seen: aside.record.dots.map(\.description),
            role: content?.author.role.name, unit: content?.author.unit, user: content?.author.user,
            writes: content == nil ? nil : writes)
    }

    private struct VerdictBody: Decodable {
        let reason: String
        let change: String
        let seen: [String]?
    }

    private func verdict(in request: Request) throws(CentralError) -> MergeDesk.Verdict {
        let body = try request.decoded(as: VerdictBody.self)
        return MergeDesk.Verdict(
            caseID: try request.caseID(), target: try ContentID(reading: body.change),
            seen: try Dot.list(body.seen ?? []), reason: body.reason,
            user: try request.operatorName)
    }

    /// `POST /api/v1/cases/{id}/take-ups`: `{reason, change, seen: [dot]}`
    func takeUp(_ request: Request) async throws(CentralError) -> Response {
        let change = try await mergeDesk.takeUp(try verdict(in: request))
        return try json(["change": change.id.description], status: 201)
    }

    /// `POST /api/v1/cases/{id}/asides`: the same body; undoes a settlement, an edit or a result.
    func setAside(_ request: Request) async throws(CentralError) -> Response {
        let change = try await mergeDesk.setAside(try verdict(in: request))
        return try json(["change": change.id.description], status: 201)
    }

    private struct StrayShape: Encodable {
        let replica: String
        let sequence: UInt64
        let hospital: String
        let reason: String
        let milliseconds: UInt64
        let byteCount: Int
    }

    private struct AlarmShape: Encodable {
        let kind: String
        let subject: String
        let count: UInt64
        let firstMilliseconds: UInt64
        let lastMilliseconds: UInt64
    }

    private struct StraysShape: Encodable {
        let unreadable: [StrayShape]
        let waiting: [StrayShape]
        let alarms: [AlarmShape]
    }

    /// `GET /api/v1/strays?limit=`: unreadable bodies, changes without a valid receipt, alarms.
    func listStrays(_ request: Request) async throws(CentralError) -> Response {
        let strays = try await mergeDesk.strays(countMax: request.limit)
        let unreadable = strays.unreadable.map {
            StrayShape(
                replica: $0.replica.description, sequence: $0.sequence, hospital: $0.hospital.description,
                reason: $0.reason, milliseconds: $0.milliseconds, byteCount: $0.body.count)
        }
        let waiting = strays.waiting.map {
            StrayShape(
                replica: $0.replica.description, sequence: $0.sequence, hospital: $0.hospital.description,
                reason: "receipt", milliseconds: $0.milliseconds, byteCount: $0.body.count)
        }
        let alarms = strays.alarms.map {
            AlarmShape(
                kind: $0.alarm.kind.rawValue, subject: $0.alarm.subject, count: $0.count,
                firstMilliseconds: $0.firstMilliseconds, lastMilliseconds: $0.lastMilliseconds)
        }
        return try json(StraysShape(unreadable: unreadable, waiting: waiting, alarms: alarms))
    }
}
