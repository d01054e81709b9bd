import Casework
import SyncProtocol

/// How a hospital and its computers stand, as far as central knows: what the rules of ``FleetRules`` judge.
struct HospitalStanding: Hashable, Sendable {
    /// One computer of the hospital.
    struct Computer: Hashable, Sendable {
        let device: DeviceRecord
        /// Nil if it never came.
        let contact: Contact?
        /// What it last told of itself; nil if it never did.
        let condition: DeviceCondition?
        /// Entries of the feed that it has not taken in; nil if it never came.
        let lag: UInt64?
    }

    /// The birth certificates that the hospital was given.
    struct Stock: Hashable, Sendable {
        let assigned: Int
        let remaining: Int
        /// From which number on they are few.
        let lowCount: Int
        /// For how many days they last, as used lately; nil if none were.
        let daysLeft: Int?

        var isLow: Bool { remaining <= lowCount }
    }

    /// A version of a policy that the hospital offers.
    struct PolicyStanding: Hashable, Sendable {
        let id: String
        /// The newest that central has for it; 0 if none.
        let newest: Int
        /// The oldest that a computer told of; nil if none has.
        let inUse: Int?
    }

    let hospital: HospitalRecord
    /// The end of its feed.
    let position: UInt64
    let computers: [Computer]
    /// Raised within the days that the thresholds say.
    let alarms: [AlarmRecord]
    let asideCount: Int
    let conflictCount: Int
    /// Bodies of its computers that could not become changes.
    let unreadableCount: Int
    /// Changes without a valid receipt that wait for a person.
    let waitingCount: Int
    let openItems: Int
    let lateItems: Int
    /// Nil if it was given none.
    let stock: Stock?
    let policies: [PolicyStanding]

    /// Those that may take part.
    var activeComputers: [Computer] { computers.filter { !$0.device.isRevoked } }

    /// The computer that was heard last.
    var latest: Computer? {
        activeComputers.filter { $0.contact != nil }.max {
            ($0.contact?.milliseconds ?? 0) < ($1.contact?.milliseconds ?? 0)
        }
    }
}

/// From when on something is told of a hospital. Each can be set for all hospitals, and for one (docs/operation.md).
struct FleetThresholds: Hashable, Sendable {
    /// Their names, as the settings of a record have them.
    enum Name: String, Hashable, Sendable, CaseIterable {
        case lateHours = "fleet.lateHours"
        case silentHours = "fleet.silentHours"
        case outboxHours = "fleet.outboxHours"
        case clockMinutes = "fleet.clockMinutes"
        case alarmDays = "fleet.alarmDays"
        case stockDays = "fleet.stockDays"
        case photoCount = "fleet.photoCount"
    }

    /// Hours without contact after which a hospital is late, and silent.
    var lateHours = 12
    var silentHours = 72
    /// Hours that its oldest change may wait though it is in contact.
    var outboxHours = 2
    /// Minutes that its clock may be wrong.
    var clockMinutes = 5
    /// Days for which an alarm counts after it was raised last.
    var alarmDays = 7
    /// Days that its certificates should last.
    var stockDays = 14
    /// Photos that may wait.
    var photoCount = 500

    /// Values are whole numbers from 0 to a million; others count as not set.
    init(_ settings: [String: String] = [:]) {
        func take(_ name: Name, _ value: inout Int) {
            guard let number = settings[name.rawValue].flatMap({ Int($0) }), 0...1_000_000 ~= number else {
                return
            }
            value = number
        }
        take(.lateHours, &lateHours)
        take(.silentHours, &silentHours)
        take(.outboxHours, &outboxHours)
        take(.clockMinutes, &clockMinutes)
        take(.alarmDays, &alarmDays)
        take(.stockDays, &stockDays)
        take(.photoCount, &photoCount)
    }
}
