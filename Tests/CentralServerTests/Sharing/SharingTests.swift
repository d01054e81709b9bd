import Cryptography
import Persistence
import SyncProtocol
import Testing
import Web

@testable import CentralServer

/// What a second process over one store must not miss of what the first one did. Their stores are one object here; what each keeps in
/// memory is its own.
@Suite("Several processes over one store")
struct SharingTests {
    private let first: World
    private let second: World
    private let ward: Ward

    init() async throws {
        let world = try World(seed: 1)
        (first, second) = (world, try World(seed: 2, isShared: true) { _, _ in world.store })
        ward = try await world.hospital("H1")
    }

    /// What an address of the second process does before anything else.
    private func settle(_ world: World) async throws {
        try await world.api(for: Token(world.environment)).settle()
    }

    private func accepted(_ world: World, version: UInt64) async throws -> CaseID {
        let caseID = world.newCase()
        var writer = Writer(version &+ 100)
        try writer.write(
            caseID,
            [
                1: ([.text("gx"), .unsigned(version)], []),
                4: ([.text("accept"), .text("2026-09-01"), .null, .null], []),
                5: ([.text("2026-09-01")], []),
            ])
        try await Ward(world: world, hospital: ward.hospital, device: ward.device).push(writer.run())
        return caseID
    }

    @Test(
        "A policy that one process publishes is gone by in the next change that another takes, and shown by it"
    )
    func policies() async throws {
        for world in [first, second] { try await settle(world) }
        #expect(second.books.casebook.policies["gx", version: 2] == nil)
        _ = try await first.publish(try policyFile(version: 2))
        let caseID = try await accepted(second, version: 2)
        let items = try await first.store.read { transaction throws(CentralError) in
            try transaction.tasks(of: caseID).map(\.item)
        }
        #expect(!items.isEmpty)
        _ = try await first.publish(try policyFile(version: 3))
        try await settle(second)
        #expect(second.books.casebook.policies["gx", version: 3] != nil)
    }

    @Test("A fold in memory is not taken for the case once another process has written to it")
    func folds() async throws {
        let caseID = try await accepted(first, version: 1)
        for round in 1...3 {
            for world in [first, second] {
                _ = try await world.caseDesk.edit(
                    CaseDesk.Edit(
                        caseID: caseID, answers: ["fatherPhone": .text("1990000000\(round)")], user: "s"))
            }
        }
        let (kept, whole) = try await first.store.read { transaction throws(CentralError) in
            (
                try transaction.summary(of: caseID),
                CaseState(folding: try transaction.changes(of: caseID).map(\.change))
            )
        }
        #expect(
            kept?.fingerprint == whole.fingerprint && kept?.changeCount == whole.count && whole.count == 4)
    }

    @Test(
        "Once a program of another version has made the caches, an older process writes nothing, until it is begun anew"
    )
    func versions() async throws {
        try await settle(second)
        let other = SHA256.hash([9])
        try await first.store.write { transaction throws(CentralError) in
            try transaction.setCacheMaker(other)
            try transaction.renewRulesMark()
        }
        for _ in 1...2 {
            let kind = await failure { try await settle(second) }
            #expect(kind == .foreign)
            let written = await failure { _ = try await accepted(second, version: 1) }
            #expect(written == .foreign)
        }
        let store = first.store
        let anew = try World(seed: 3, isShared: true) { _, _ in store }
        try await settle(anew)
        _ = try await accepted(anew, version: 1)
        let maker = try await store.read { transaction throws(CentralError) in try transaction.cacheMaker() }
        #expect(maker == anew.books.casebook.maker.fingerprint)
    }

    private func failure(_ body: () async throws -> Void) async -> StoreFailure.Kind? {
        do { try await body() } catch CentralError.store(let failure) { return failure.kind } catch {
            Issue.record("\(error)")
        }
        return nil
    }

    @Test("Of processes that begin at once with caches to make, one makes them")
    func rebuilding() async throws {
        _ = try await accepted(first, version: 1)
        try await settle(first)
        let mark = try await first.store.write { transaction throws(CentralError) in
            try transaction.setCacheMaker(SHA256.hash([9]))
            return try transaction.rulesMark()
        }
        let store = first.store
        let worlds = try (11...14).map { seed in try World(seed: seed, isShared: true) { _, _ in store } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for world in worlds {
                group.addTask {
                    try await Rebuild(store: world.store, books: world.books).runIfNeeded()
                }
            }
            try await group.waitForAll()
        }
        let after = try await store.read { transaction throws(CentralError) in try transaction.rulesMark() }
        #expect(after != mark)
        try await settle(first)  // its caches are those of this version
    }

    @Test("Keys are compared with those of the first process; others are named, and nothing is noted")
    func keys() async throws {
        let keys = ["a.key", "b.key"].map { KeyMark(name: $0, key: SecretBytes(randomCount: 32)) }
        func agree(_ marks: [KeyMark]) async throws -> [String] {
            try await first.store.write { transaction throws(CentralError) in try transaction.agree(on: marks)
            }
        }
        #expect(try await agree([keys[0]]) == [])
        let wrong = KeyMark(name: "a.key", key: SecretBytes(randomCount: 32))
        #expect(try await agree([wrong, keys[1]]) == ["a.key"])
        let other = KeyMark(name: "b.key", key: SecretBytes(randomCount: 32))
        #expect(try await agree([keys[0], other]) == [])
        #expect(try await agree(keys) == ["b.key"])
        // The same key under another name has another mark.
        let key = SecretBytes(randomCount: 32)
        #expect(KeyMark(name: "a", key: key).mark != KeyMark(name: "b", key: key).mark)
        #expect(KeyMark(name: "a", key: key) == KeyMark(name: "a", key: key))
    }

    /// Duties that another process has.
    private struct Elsewhere: Duties {
        func take(_ duty: Duty) async -> Bool { false }
        func giveBack(_ duty: Duty) async {}
    }

    @Test("While another process makes a backup, this one refuses to")
    func backups() async throws {
        let site = try Site()
        let desk = BackupDesk(
            directory: site.central, store: site.world.store, keys: site.world.keys,
            environment: site.world.environment, duties: Elsewhere())
        await #expect(throws: BackupError.isRunning) { try await desk.backUp(to: site.backups) }
        #expect(try BackupFolder.last(in: site.backups) == nil)
    }

    @Test("Each hour is noted once, however many processes look")
    func samples() async throws {
        try await ward.exchange(ward.request())
        let samplers = [first, second].map { FleetSampler(store: $0.store, environment: $0.environment) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sampler in samplers { group.addTask { try await sampler.sample() } }
            try await group.waitForAll()
        }
        let hospital = ward.hospital.id
        let count = try await first.store.read { transaction throws(CentralError) in
            try transaction.samples(of: hospital, from: 0).count
        }
        #expect(count == 1)
    }
}
