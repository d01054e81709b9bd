import CentralServer

/// What becomes of central.
extension World {
    static let backupsMax = 5

    func backUpCentral() async throws {
        note("backup of central")
        if central.backups.count >= Self.backupsMax {
            let old = central.backups.remove(at: Int.random(in: 1..<Self.backupsMax, using: &random))
            disk.remove(old.file)
        }
        try await central.backUp(to: newFile("central"), byProgram: random.chance(1, in: 2))
    }

    /// Puts any older state back. Staff may write before the first window comes.
    func restoreCentral() async throws {
        guard let backup = central.backups.randomElement(using: &random) else { return }
        try await collectAlarms()
        let isRunning = random.chance(1, in: 2)
        note("restore of central: from \(backup.file)\(isRunning ? ", while it runs" : "")")
        try central.restore(backup, whileRunning: isRunning)
        book.centralRestores += 1
        for _ in 0..<Int.random(in: 0...2, using: &random) { try await staffEdits() }
    }

    func crashCentral() async throws {
        note("crash of central")
        try central.crash()
    }

    func crashCentral(since logBytes: Int) throws {
        try central.crash(logBytes: cut(CentralSite.file, since: logBytes))
    }

    /// Remembers what was raised, before a restore takes it away.
    func collectAlarms() async throws {
        let raised = try await central.read { transaction throws(CentralError) in
            try transaction.alarms(countMax: 1_000)
        }
        for record in raised { book.alarms.insert(record.alarm.kind.rawValue) }
    }
}
