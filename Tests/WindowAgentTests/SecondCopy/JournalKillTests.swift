import Foundation
import SealedWindow
import SyncProtocol
import Testing

@testable import Persistence
@testable import WindowAgent

@Suite("kill -9 while the second copy is written, and then the disk dies", .timeLimit(.minutes(5)))
struct JournalKillTests {
    /// `WINDOW_KILL_SEED` repeats a run.
    @Test("Whatever the mark says to be in the journal can be recovered from it", arguments: 0..<6)
    func killed(file: Int) async throws {
        let given = ProcessInfo.processInfo.environment["WINDOW_KILL_SEED"].flatMap { Int($0) }
        let seed = given ?? Int.random(in: 0..<1_000_000)
        var random = SeededGenerator(seed: seed &+ file)
        let machine = try TestMachine(seed: seed)
        let key = try AgentDirectory(path: machine.directory).storeKey()
        for folder in ["attachments", "stick"] {
            try FileManager.default.createDirectory(
                atPath: machine.path(folder), withIntermediateDirectories: true)
        }
        _ = try await machine.open()
        var claimedMost = 0
        for round in 0..<6 {
            let saver = try Saver("journal", machine.path(), seed: random.next())
            let lines = saver.lines(countMax: Int.random(in: 20...80, using: &random))
            let moment = ContinuousClock.now + .microseconds(Int.random(in: 0...9000, using: &random))
            while ContinuousClock.now < moment {}  // into any part of an append
            saver.kill()
            saver.wait()
            let told = "WINDOW_KILL_SEED=\(seed), file \(file), round \(round)"
            try #require(!lines.contains { $0.hasPrefix("error") }, "\(told): \(lines)")
            let claimed = try await machine.open().claimed()
            claimedMost = max(claimedMost, claimed.count)
            let recovered = try await recover(machine, key)
            #expect(claimed.subtracting(recovered) == [], "\(told): the mark promised more than there is")
        }
        #expect(claimedMost > 0, "WINDOW_KILL_SEED=\(seed): nothing was ever appended")
    }

    /// What comes back where nothing but the journal is left.
    private func recover(_ machine: TestMachine, _ key: StoreKey) async throws -> Set<ContentID> {
        let stick = DirectoryMedium(machine.path("stick"), notOnDiskOf: nil)
        let other = try TestMachine(seed: 1)
        let recovery = try Recovery(JournalReader(stick), key: key, environment: other.environment)
        let report = try await recovery.run(into: other.path("data"))
        #expect(report.damaged.isEmpty && report.missingSegments.isEmpty && report.gaps.isEmpty, "\(report)")
        let store = try WindowStore(
            path: other.path("data/window.sqlite"), sealKey: key.database, dictionary: .standard,
            environment: other.environment)
        try await store.expectSound()
        return Set(try await store.log().map(\.id))
    }
}

extension WindowStore {
    /// The changes that the mark says to be in the journal.
    fileprivate func claimed() throws -> Set<ContentID> {
        let through = try knownJournals().first?.through ?? 0
        let ids = try database.rows("SELECT content FROM change WHERE number <= ?", .integer(through)) {
            row throws(DatabaseError) in ContentID(rawValue: try row.digest(0))
        }
        return Set(ids)
    }
}
