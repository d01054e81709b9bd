import SyncProtocol
import WindowAgent

/// What becomes of a hospital's computer.
extension World {
    func restart() async throws {
        let index = try anyMachine()
        note("restart: \(machines[index].name)")
        try await reopen(index)
    }

    /// The power goes between two commits.
    func crash() async throws {
        let index = try anyMachine()
        note("power cut: \(machines[index].name)")
        try await crash(index, since: nil)
    }

    /// The power goes, and what is on the disk is opened.
    ///
    /// - Parameter since: the length of the log before the last transaction, which then is only partly on the disk.
    func crash(_ index: Int, since logBytes: Int?) async throws {
        let file = newFile(machines[index].name)
        try disk.copy(machines[index].file, to: file, logBytes: cut(machines[index].file, since: logBytes))
        try await moveTo(file, index)
    }

    /// A place in the last transaction of a log; nil if it began anew meanwhile.
    func cut(_ file: String, since before: Int?) -> Int? {
        guard let before else { return nil }
        let after = disk.logBytes(of: file)
        return after > before ? Int.random(in: before..<after, using: &random) : nil
    }

    func backUpWindow() async throws {
        let index = try anyMachine()
        note("backup: \(machines[index].name)")
        let file = newFile("backup")
        try disk.copy(machines[index].file, to: file)
        machines[index].backups.append(Machine.Backup(file: file, saved: machines[index].saved))
    }

    func restoreWindow() async throws {
        let index = try anyMachine()
        guard let backup = machines[index].backups.randomElement(using: &random) else { return }
        note("restore: \(machines[index].name) from \(backup.file)")
        let file = newFile(machines[index].name)
        try disk.copy(backup.file, to: file)
        machines[index].saved = backup.saved
        // What they show may be gone: the clerk loads them again.
        machines[index].pages = [:]
        try await moveTo(file, index)
    }

    /// A second computer with the same disk and the same device key; both work on.
    func cloneDisk() async throws {
        guard machines.count < Self.machinesMax else { return }
        let index = try anyMachine()
        let clone = try copy(index)
        note("clone: \(machines[index].name) is \(clone.name), too")
        machines.append(clone)
        try await reopen(machines.count - 1)
        try await reopen(index)
    }

    /// A snapshot of a virtual machine that is started a second time: two programs write on under one replica.
    func cloneRunning() async throws {
        guard machines.count < Self.machinesMax else { return }
        let index = try anyMachine()
        let clone = try copy(index)
        note("running clone: \(machines[index].name) is \(clone.name), too")
        book.hasRunningClones = true
        await clone.store.resume(as: machines[index].store)
        machines.append(clone)
        // Both are at work when it happens.
        for one in [index, machines.count - 1] where random.chance(1, in: 2) { try await editOften(on: one) }
    }

    private func copy(_ index: Int) throws -> Machine {
        let original = machines[index]
        let (file, clock, dice) = (newFile("clone"), WallClock(time), Dice(seed: random.next()))
        try disk.copy(original.file, to: file)
        return Machine(
            name: newName("pc"), hospital: original.hospital, device: original.device, clock: clock,
            dice: dice,
            file: file, store: try open(file, clock, dice), saved: original.saved, pages: original.pages,
            late: original.late, backups: original.backups)
    }

    func loseMachine() async throws {
        guard present.count > 1 else { return }
        let index = try anyMachine()
        note("computer gone: \(machines[index].name)")
        machines[index].isGone = true
    }

    func setClock() async throws {
        let day: Int64 = 86_400_000
        let errors: [Int64] = [0, 0, 60_000, -180_000, -3 * day, 400 * day, -9_000 * day]
        let error = errors.randomElement(using: &random) ?? 0
        if random.chance(1, in: 5) {
            note("clock: central is \(error / 1000) s off")
            centralClock.set(error: error)
        } else {
            let index = try anyMachine()
            note("clock: \(machines[index].name) is \(error / 1000) s off")
            machines[index].clock.set(error: error)
        }
    }

    // MARK: Opening

    /// Ends the program and starts it again, on whatever is on the disk.
    func reopen(_ index: Int) async throws {
        let machine = machines[index]
        machines[index].store = try open(machine.file, machine.clock, machine.dice)
        try await lookForLoss(on: index)
    }

    private func moveTo(_ file: String, _ index: Int) async throws {
        let old = machines[index].file
        machines[index].file = file
        try await reopen(index)
        disk.remove(old)
    }

    /// All that was saved on this disk is there.
    private func lookForLoss(on index: Int) async throws {
        let held = try await acts(on: index)
        let lost = machines[index].saved.subtracting(held)
        if !lost.isEmpty { violate("\(machines[index].name) lost \(lost.map { "\($0)" }.sorted())") }
        machines[index].saved = held
    }

    func acts(on index: Int) async throws -> Set<Act> {
        var acts: Set<Act> = []
        for id in try await casesHere(index) {
            for change in try await machines[index].store.changes(of: id) {
                book.note(change)
                if let act = Act(change) { acts.insert(act) }
            }
        }
        return acts
    }

    /// The cases of a window, those that left included, without its hospital's record.
    func casesHere(_ index: Int) async throws -> [CaseID] {
        let store = machines[index].store
        return try await (store.cases(limit: 10_000) + store.departedCases(limit: 10_000)).map(\.id).sorted()
    }
}
