import Casework
import SyncProtocol
import Web

/// A hospital of the fleet, as the API tells it.
struct FleetShape: Encodable {
    struct Finding: Encodable {
        let rule: String
        let state: String
        /// For the staff, and for the technician.
        let reason: String
        let english: String
    }

    struct Computer: Encodable {
        let device: String
        let isRevoked: Bool
        let enrolledMilliseconds: UInt64
        let lastContactMilliseconds: UInt64?
        let clockErrorMilliseconds: Int64?
        let lag: UInt64?
        let isRepair: Bool?
        let outboxCount: UInt64?
        let oldestMilliseconds: UInt64?
        let software: String?
        /// What it tells now and then: absent if it never did, or if it was not asked for.
        let condition: Condition?

        init(_ device: DeviceRecord, _ contact: Contact?, lag: UInt64?, _ condition: DeviceCondition? = nil) {
            (self.device, isRevoked) = (device.id.description, device.isRevoked)
            enrolledMilliseconds = device.enrolledMilliseconds
            lastContactMilliseconds = contact?.milliseconds
            clockErrorMilliseconds = contact?.clockErrorMilliseconds
            (self.lag, isRepair) = (lag, contact?.isRepair)
            outboxCount = contact?.report?.outboxCount
            oldestMilliseconds = contact?.report?.oldestMilliseconds
            software = contact?.report?.softwareVersion
            self.condition = condition.map(Condition.init)
        }
    }

    struct Condition: Encodable {
        let toldMilliseconds: UInt64
        let protocolVersion: UInt64
        let photos: UInt64
        let photoBytes: UInt64
        let secondCopy: String
        let behindSeconds: UInt64
        let refused: UInt64
        let setAside: UInt64
        let isMetered: Bool
        let isSpent: Bool
        let policies: [String: UInt64]

        init(_ told: DeviceCondition) {
            let condition = told.condition
            (toldMilliseconds, protocolVersion) = (told.milliseconds, told.version)
            (photos, photoBytes) = (condition.photos, condition.photoBytes)
            secondCopy = condition.secondCopy.map { "\($0)" } ?? "unknown"
            behindSeconds = condition.behindSeconds
            (refused, setAside) = (condition.refused, condition.setAside)
            (isMetered, isSpent) = (condition.isMetered, condition.isSpent)
            policies = Dictionary(told.policies.map { ($0.id, $0.version) }, uniquingKeysWith: max)
        }
    }

    struct Alarm: Encodable {
        let kind: String
        let subject: String
        let count: UInt64
        let firstMilliseconds: UInt64
        let lastMilliseconds: UInt64
    }

    struct Stock: Encodable {
        let assigned: Int
        let remaining: Int
        let daysLeft: Int?
        let isLow: Bool
    }

    struct PolicyStanding: Encodable {
        let id: String
        let newest: Int
        let inUse: Int?
    }

    let code: String
    let name: String
    let state: String
    let word: String
    /// The worst reason; absent if it is ok.
    let reason: String?
    let english: String?
    let findings: [Finding]
    let position: UInt64
    let lastContactMilliseconds: UInt64?
    /// Of the computer that was heard last.
    let lag: UInt64?
    let outboxCount: UInt64?
    let oldestMilliseconds: UInt64?
    let asides: Int
    let conflicts: Int
    let unreadable: Int
    let waiting: Int
    let openItems: Int
    let lateItems: Int
    let computers: [Computer]
    let alarms: [Alarm]
    let stock: Stock?
    let policies: [PolicyStanding]

    init(_ line: FleetDesk.Line) {
        let (standing, latest) = (line.standing, line.standing.latest)
        (code, name) = (standing.hospital.code, standing.hospital.name)
        (state, word) = (line.state.rawValue, line.state.word)
        (reason, english) = (line.findings.first?.chinese, line.findings.first?.english)
        findings = line.findings.map {
            Finding(rule: $0.rule.rawValue, state: $0.state.rawValue, reason: $0.chinese, english: $0.english)
        }
        (position, lag) = (standing.position, latest?.lag)
        lastContactMilliseconds = latest?.contact?.milliseconds
        outboxCount = latest?.contact?.report?.outboxCount
        oldestMilliseconds = latest?.contact?.report?.oldestMilliseconds
        (asides, conflicts) = (standing.asideCount, standing.conflictCount)
        (unreadable, waiting) = (standing.unreadableCount, standing.waitingCount)
        (openItems, lateItems) = (standing.openItems, standing.lateItems)
        computers = standing.computers.map { Computer($0.device, $0.contact, lag: $0.lag, $0.condition) }
        alarms = standing.alarms.map {
            Alarm(
                kind: $0.alarm.kind.rawValue, subject: $0.alarm.subject, count: $0.count,
                firstMilliseconds: $0.firstMilliseconds, lastMilliseconds: $0.lastMilliseconds)
        }
        stock = standing.stock.map {
            Stock(assigned: $0.assigned, remaining: $0.remaining, daysLeft: $0.daysLeft, isLow: $0.isLow)
        }
        policies = standing.policies.map { PolicyStanding(id: $0.id, newest: $0.newest, inUse: $0.inUse) }
    }
}

/// The fleet as a table.
enum FleetTable {
    static func csv(of lines: [FleetDesk.Line], now: UInt64) -> CSVWriter {
        var table = CSVWriter(columns: [
            "hospital", "name", "state", "reason", "silent_hours", "lag", "outbox", "oldest_hours",
            "set_aside",
            "conflicts", "unreadable", "waiting", "late_items", "certificates_left", "software",
        ])
        for line in lines {
            let shape = FleetShape(line)
            func text(_ number: (some BinaryInteger)?) -> String { number.map { "\($0)" } ?? "" }
            table.add([
                shape.code, shape.name, shape.state, shape.reason ?? "",
                text(shape.lastContactMilliseconds.map { (now - min(now, $0)) / 3_600_000 }), text(shape.lag),
                text(shape.outboxCount), text(shape.oldestMilliseconds.map { $0 / 3_600_000 }),
                text(shape.asides), text(shape.conflicts), text(shape.unreadable), text(shape.waiting),
                text(shape.lateItems), text(shape.stock?.remaining),
                line.standing.latest?.contact?.report?.softwareVersion ?? "",
            ])
        }
        return table
    }
}
