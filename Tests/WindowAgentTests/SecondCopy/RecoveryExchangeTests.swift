import Casework
import SealedWindow
import SyncProtocol
import Testing

@testable import Persistence
@testable import WindowAgent

/// A recovered window and central.
@Suite("Exchanges of a recovered window", .timeLimit(.minutes(3)))
struct RecoveryExchangeTests {
    @Test(
        "Confirmed, unconfirmed and foreign changes: after recovery and exchange both ends hold everything, byte for byte",
        arguments: 0..<10)
    func whole(seed: Int) async throws {
        var random = SeededGenerator(seed: seed)
        var central = ModelCentral.with(.test)
        let fixture = try await SecondCopyFixture(seed: seed)
        try await fixture.writer.choose(SecondCopyFixture.place)
        for round in 0..<4 {
            try await fixture.store.work(5, using: &random)
            if round < 3 { try await central.settle(with: fixture.store) }
            if let id = try await fixture.store.cases(limit: 9).randomElement(using: &random)?.id, round < 3 {
                try central.write(
                    [try group("notes"): .init(value: [.text("中\(round)")], replaces: [])], on: id)
            }
            if random.chance(1, in: 2) { try await fixture.catchUp() }
        }
        try await fixture.catchUp()
        try await fixture.catchUp()
        let lost = Set(try await fixture.store.log().map(\.id))
        let (report, store) = try await fixture.recover(on: TestMachine(seed: seed + 50))
        #expect(report.isWhole, "SEED \(seed): \(report)")
        #expect(Set(try await store.log().map(\.id)) == lost)
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
        #expect(lost.isSubset(of: central.held), "SEED \(seed)")
        try await store.expectSound("SEED \(seed)")
    }

    /// A window with nine changes of one replica, of which central has some, and a journal without one of them.
    private func gapped(
        confirmed: Int, losing lost: Int
    ) async throws -> (ModelCentral, [Change], RecoveryReport, WindowStore) {
        var central = ModelCentral.with(.test)
        let fixture = try await SecondCopyFixture()
        try await fixture.writer.choose(SecondCopyFixture.place)
        let id = try await fixture.store.newCase()
        for number in 1..<9 {
            if number == confirmed { try await central.settle(with: fixture.store) }
            _ = try await fixture.store.edit(id, ["note": .text("记\(number)")], .clerk)
        }
        if confirmed == 9 { try await central.settle(with: fixture.store) }
        try await fixture.catchUp()
        let all = try await fixture.store.log().filter { $0.content?.author.role == .window }
        let path = try #require(fixture.medium.segments.first)
        // The record of an index begins behind those before it, each of a known length.
        let start = 56 + 24 + all[..<(lost - 1)].reduce(0) { $0 + 56 + entryBytes($1) }
        fixture.medium.change { $0.files[path]?[start + 40] ^= 1 }
        let (report, store) = try await fixture.recover(on: TestMachine(seed: 77))
        return (central, all, report, store)
    }

    private func entryBytes(_ change: Change) -> Int {
        JournalEntry(
            replica: change.replica, sequence: change.sequence, body: change.body, receipt: nil,
            savedAt: TestMachine.start, isOwn: true
        ).encoded.count
    }

    @Test(
        "A change that the journal has lost comes back from central, and those behind it take their places in the chain or go as they are"
    )
    func gapThatCentralHas() async throws {
        let scene = try await gapped(confirmed: 9, losing: 4)
        var central = scene.0
        let (all, report, store) = (scene.1, scene.2, scene.3)
        #expect(report.gaps.map(\.first) == [4] && report.gaps.map(\.last) == [4])
        try await central.settle(with: store)
        let held = Set(try await store.log().map(\.id))
        #expect(held == Set(all.map(\.id)).union(central.held))
        #expect(try await store.count("SELECT count(*) FROM renamed_change") == 0, "nothing is written anew")
        #expect(try await store.figures().outbox == 0)
    }

    @Test(
        "Behind a change that is nowhere any more, those that central lacks are written anew as another replica, and arrive"
    )
    func gapThatNobodyHas() async throws {
        let scene = try await gapped(confirmed: 2, losing: 5)
        var central = scene.0
        let (all, report, store) = (scene.1, scene.2, scene.3)
        #expect(report.gaps.map(\.first) == [5])
        try await central.settle(with: store)
        #expect(central.held.count >= 8)
        // The last of them stands, beside what only the lost one had replaced: a person decides.
        let id = all[0].caseID
        #expect(try await store.state(of: id) == central.state(of: id))
        let group = try #require(FieldDictionary.standard.place(of: "note")?.group.id)
        let standing = try await store.state(of: id).registers[group]?.standing ?? []
        #expect(standing.contains { $0.value.contains(.text("记8")) })
        #expect(try await store.count("SELECT count(*) FROM renamed_change") == 4)
        #expect(try await store.figures().outbox == 0)
    }
}

@Suite("A damaged database at the window")
struct DamageTests {
    @Test(
        "A change with a flipped byte is not sent and not folded, and the check names it; nothing is written after that"
    )
    func flippedByte() async throws {
        let machine = try TestMachine()
        let store = try await machine.open()
        let id = try await store.newCase()
        try await store.execute(
            "UPDATE change SET body = CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB)")
        let change = try await store.count("SELECT count(*) FROM change")
        await #expect(throws: StoreError.self) { try await store.compose(bytesMax: 60_000, budget: 1000) }
        await #expect(throws: StoreError.self) { try await store.state(of: id) }
        let report = try await StoreCheck(path: machine.path(), sealKey: .testSeal).report()
        #expect(report.damagedChanges.count == 1 && report.damage != nil && !report.isSound)
        await store.noteDamage(report.damage ?? "")
        await #expect(throws: StoreError.self) { try await store.newCase() }
        #expect(try await store.count("SELECT count(*) FROM change") == change)
    }

    @Test("A store that is sound is said to be; a wrong chain and a wrong cache are named")
    func check() async throws {
        let machine = try TestMachine()
        let store = try await machine.open()
        for _ in 0..<5 { _ = try await store.newCase() }
        let sound = try await StoreCheck(path: machine.path(), sealKey: .testSeal).report()
        #expect(sound.isSound && sound.changes == 5 && sound.cases == 5)
        try await store.execute("UPDATE replica SET chain = zeroblob(32)")
        try await store.execute("UPDATE case_cache SET fingerprint = zeroblob(32)")
        let report = try await StoreCheck(path: machine.path(), sealKey: .testSeal).report()
        #expect(report.brokenChains.count == 1 && report.staleCaches.count == 5)
    }

    @Test("A page overwritten with noise is found by reading it, and nothing is written from then on")
    func noise() async throws {
        let machine = try TestMachine()
        let store = try await machine.open()
        for _ in 0..<300 { _ = try await store.newCase() }
        try await store.checkpoint()
        try machine.scribble(over: "window.sqlite", keeping: 8192)
        let again = try? WindowStore(
            path: machine.path(), mode: .open, dictionary: .standard, environment: machine.environment)
        guard let again else { return }  // refused at the door: found as early as can be
        _ = try? await again.rebuild()
        _ = try? await again.newCase()
        #expect(await again.damage != nil)
        await #expect(throws: (any Error).self) { try await again.newCase() }
    }

    @Test("A key file that is gone is told, and never replaced by a new one")
    func keyGone() async throws {
        let machine = try TestMachine()
        let directory = AgentDirectory(path: machine.directory)
        let key = try directory.storeKey()
        #expect(try directory.storeKey().secret.equals(key.secret))
        _ = try await machine.open().newCase()
        try machine.remove("store.key")
        #expect(throws: WindowKeyError.storeKeyMissing(path: directory.storeKeyPath)) {
            try directory.storeKey()
        }
        #expect(throws: WindowKeyError.deviceKeyMissing(path: directory.deviceKey)) {
            try DeviceKey.loadPresent(directory.deviceKey)
        }
        #expect(!machine.has("store.key") && !machine.has("device.key"))
    }
}

extension WindowStore {
    fileprivate func checkpoint() throws { try database.checkpoint() }
}
