import Casework
import SyncProtocol
import WindowAgent

/// A hospital's computer: the real store in a file, what its pages show, and what it must hold.
struct Machine {
    /// An answer that is still under way, with the request that it belongs to.
    struct LateAnswer {
        let outgoing: Outgoing
        let response: ExchangeResponse
    }

    struct Backup {
        let file: String
        let saved: Set<Act>
    }

    let name: String
    let hospital: Hospital
    let device: Device
    let clock: WallClock
    let dice: Dice
    var file: String
    var store: WindowStore
    /// What was saved on this disk, or had come to it when it was last opened.
    var saved: Set<Act> = []
    /// What open pages show: by group, the dots and whose acts they are.
    var pages: [CaseID: [GroupID: [Dot: Act]]] = [:]
    var late: [LateAnswer] = []
    var backups: [Backup] = []
    /// It has broken down or been stolen, and never comes back.
    var isGone = false
}

/// A hospital of the world.
struct Hospital: Hashable, Sendable {
    let id: HospitalID
    let code: String
}
