import SyncProtocol
import Web

extension CentralAPI {
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
