import Casework
import Foundation
import SyncProtocol
import Testing

@testable import WindowAgent

/// Windows and central over a random schedule of saves, exchanges and misfortunes; one seed repeats it.
struct Schedule {
    /// A window with its file, and what it must hold.
    struct Window {
        let name: String
        let hospital: HospitalID
        var store: WindowStore
        /// What was saved on the disk that this window now has.
        var saved: Set<ContentID> = []
        /// Pages that are open in a browser: what they show of a case.
        var pages: [CaseID: [GroupID: [Dot]]] = [:]
        /// Answers that are still under way.
        var late: [(Outgoing, ExchangeResponse)] = []
        var backup: Set<ContentID>?
    }

    static let hospitals = [HospitalID.test, HospitalID(record: CaseID(milliseconds: 2, random: (2, 2)))]

    let seed: Int
    let machine: TestMachine
    var random: SeededGenerator
    var central = ModelCentral.with(hospitals[0], hospitals[1])
    var backups: [ModelCentral] = []
    var windows: [Window] = []
    var replicas: UInt64 = 0xC0
    private(set) var counts: [String: Int] = [:]

    init(seed: Int) async throws {
        self.seed = seed
        machine = try TestMachine(seed: seed)
        random = SeededGenerator(seed: seed)
        for (index, hospital) in [0, 0, 1].map({ Self.hospitals[$0] }).enumerated() {
            let name = "window-\(index).sqlite"
            windows.append(
                Window(
                    name: name, hospital: hospital, store: try await machine.open(name, hospital: hospital)))
        }
        backups.append(central)
    }

    mutating func run(steps: Int) async throws {
        for _ in 0..<steps {
            machine.pass(milliseconds: .random(in: 0...90_000, using: &random))
            central.milliseconds = machine.now
            let window = Int.random(in: 0..<windows.count, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<22: try await save(window)
            case 22..<34: try centralWrites()
            case 34..<40: moveCase()
            case 40..<82: try await exchange(window)
            case 82..<88: try await reopen(window)
            case 88..<91: try await backUp(window)
            case 91..<93: try await restore(window)
            case 93..<96: backups.append(central)
            case 96..<98: restoreCentral()
            default: try await order(window)
            }
        }
    }

    private mutating func note(_ what: String) { counts[what, default: 0] += 1 }

    // MARK: Clerks

    private mutating func save(_ index: Int) async throws {
        let store = windows[index].store
        let before = Set(try await store.log().map(\.id))
        let known = try await store.cases(limit: 50).map(\.id)
        if let id = known.randomElement(using: &random), random.chance(3, in: 4) {
            let shown = try await store.state(of: id).registers.mapValues(\.dots)
            // A page that was opened earlier may show less than there is by now.
            let seen = random.chance(1, in: 3) ? windows[index].pages[id] ?? shown : shown
            windows[index].pages[id] = shown
            let answers: [String: CBOR] = [
                random.chance(1, in: 2) ? "childName" : "motherPhone": .text("\(random.next() % 3)"),
                "note": .text("\(random.next() % 100)"),
            ]
            let saving = Saving(user: "clerk", saveID: random.chance(1, in: 2) ? "\(random.next())" : nil)
            let first = try await store.edit(id, answers, seen: seen, saving)
            if saving.saveID != nil {
                #expect(try await store.edit(id, answers, seen: seen, saving) == first)
            }
        } else {
            let newborns = (0..<Int.random(in: 1...2, using: &random)).map {
                Answers(["childName": .text("\($0)")])
            }
            _ = try await store.newCases(newborns, policy: try testPolicy(), .clerk)
        }
        windows[index].saved.formUnion(Set(try await store.log().map(\.id)).subtracting(before))
        note("saves")
    }

    // MARK: Central

    private mutating func centralWrites() throws {
        guard let id = central.changes.keys.sorted().randomElement(using: &random) else { return }
        if random.chance(1, in: 4), let target = central.changes[id]?.randomElement(using: &random) {
            let dots = central.state(of: id).asides[target.id]?.dots ?? []
            let reason = random.chance(2, in: 3) ? "role" : nil
            try central.write(asides: [target.id: .init(reason: reason, replaces: dots)], on: id)
            note("verdicts")
        } else {
            let notes = try group("childName")
            let dots = central.state(of: id).registers[notes]?.dots ?? []
            try central.write([notes: .init(value: [.text("c\(random.next() % 3)")], replaces: dots)], on: id)
            note("changes of central")
        }
    }

    private mutating func moveCase() {
        guard let id = central.changes.keys.sorted().randomElement(using: &random),
            let hospital = Self.hospitals.randomElement(using: &random)
        else { return }
        if random.chance(1, in: 2) { central.enter(id, hospital) } else { central.leave(id, hospital) }
        note("moves")
    }

    private mutating func restoreCentral() {
        guard let backup = backups.randomElement(using: &random) else { return }
        central = backup
        replicas += 1
        central.restart(replica: replicas)
        if random.chance(1, in: 2) { central.epoch = Epoch(rawValue: replicas) }
        note("restores of central")
    }

    // MARK: Exchanges

    private mutating func exchange(_ index: Int) async throws {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let window = windows[index]
            let outgoing = try await window.store.compose(
                bytesMax: [1, 400, 2000, 100_000].randomElement(using: &random) ?? 1,
                budget: [1, 300, 5000, 1 << 20].randomElement(using: &random) ?? 1)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: try await window.store.noteFailure(outgoing, "the request was lost")
            case 1:
                _ = try central.answer(outgoing, from: window.name)
                try await window.store.noteFailure(outgoing, "the reply was lost")
            case 2: windows[index].late.append((outgoing, try central.answer(outgoing, from: window.name)))
            case 3:
                _ = try central.answer(outgoing, from: window.name)
                try await reopen(index)
            case 4:  // the request arrives twice
                _ = try central.answer(outgoing, from: window.name)
                _ = try await window.store.take(
                    try central.answer(outgoing, from: window.name), for: outgoing)
            default:
                _ = try await window.store.take(
                    try central.answer(outgoing, from: window.name), for: outgoing)
                try await deliverLate(index)
            }
        }
        note("exchanges")
    }

    private mutating func deliverLate(_ index: Int) async throws {
        guard let which = windows[index].late.indices.randomElement(using: &random), random.chance(1, in: 2)
        else {
            return
        }
        let (outgoing, response) = windows[index].late.remove(at: which)
        _ = try await windows[index].store.take(response, for: outgoing)
        note("late replies")
    }

    private func order(_ index: Int) async throws {
        var random = random
        let causes: [SyncState.Repair.Cause] = [.push, .pull]
        let only = try await windows[index].store.cases(limit: 9).randomElement(using: &random)?.id
        if random.chance(1, in: 4) {
            return try await windows[index].store.orderRepair(of: only.map { [$0] } ?? [])
        }
        try await windows[index].store.orderRepair(
            causes.randomElement(using: &random) ?? .push, only: random.chance(1, in: 2) ? only : nil)
    }

    // MARK: Machines

    private mutating func reopen(_ index: Int) async throws {
        windows[index].store = try await machine.open(windows[index].name, hospital: windows[index].hospital)
        let log = Set(try await windows[index].store.log().map(\.id))
        #expect(
            windows[index].saved.subtracting(log).isEmpty,
            "WINDOW_SEEDS=\(seed)..\(seed + 1): something saved is gone")
        note("openings")
    }

    private mutating func backUp(_ index: Int) async throws {
        try machine.copy(windows[index].name, to: windows[index].name + ".bak")
        windows[index].backup = windows[index].saved
    }

    private mutating func restore(_ index: Int) async throws {
        guard let saved = windows[index].backup else { return }
        // The old store is let go of before its file is exchanged.
        windows[index].store = try await machine.open("spare.sqlite")
        try machine.copy(windows[index].name + ".bak", to: windows[index].name)
        windows[index].saved = saved
        // What they show may be gone; the clerk is asked to load them again.
        windows[index].pages = [:]
        try await reopen(index)
        note("restores of windows")
    }

    // MARK: The end

    /// Lets everybody exchange until nothing is left, and checks that all hold the same and nothing is lost.
    mutating func finish() async throws {
        var must = central.held
        for window in windows { must.formUnion(try await window.store.log().map(\.id)) }
        for _ in 0..<3 {
            for window in windows { try await central.settle(with: window.store, device: window.name) }
        }
        let lost = must.subtracting(central.held).count
        #expect(lost == 0, "WINDOW_SEEDS=\(seed)..\(seed + 1): \(lost) changes are lost")
        #expect(
            central.waiting.isEmpty, "WINDOW_SEEDS=\(seed)..\(seed + 1): a genuine change waits for a person")
        for window in windows {
            try await central.expectSettled(
                with: window.store, in: window.hospital,
                "WINDOW_SEEDS=\(seed)..\(seed + 1), \(window.name), \(counts)")
            let log = Set(try await window.store.log().map(\.id))
            #expect(
                window.saved.subtracting(log).isEmpty,
                "WINDOW_SEEDS=\(seed)..\(seed + 1): \(window.name) lost a save")
        }
    }
}
