import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("Sharing commits")
struct IntakeTests {
    @Test("A hundred exchanges share one commit, and one that fails spoils no other")
    func sharing() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let counting = CountingStore(store: world.store)
        var arrivals: [Intake.Arrival] = []
        for number in 1...100 {
            var writer = Writer(UInt64(number))
            try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
            var request = ward.request([writer.run()])
            if number == 50 { request.hospital = HospitalID(record: world.newCase()) }
            arrivals.append(ward.arrival(request))
        }
        let outcomes = await Intake.commit(arrivals, to: counting, world.books)
        #expect(counting.writes.withLock { $0 } == 1)
        let failed = outcomes.indices.filter { if case .failure = outcomes[$0] { true } else { false } }
        #expect(failed == [49])
        #expect(outcomes[49] == .failure(.refused(.otherHospital)))
        #expect(try await world.feed(of: ward.hospital.id).count == 100)
    }

    @Test("An exchange that fails half-way leaves nothing of itself")
    func halfWay() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        var (good, bad) = (Writer(1), Writer(2))
        try good.write(world.newCase(), [20: (CBOR.name("n"), [])])
        try bad.write(world.newCase(), [20: (CBOR.name("m"), [])])
        // The device is unknown to the store, so its contact breaks a rule of the schema; here after the taking.
        let ghost = DeviceRecord(
            id: DeviceID(rawValue: world.newCase()), hospital: ward.hospital.id, publicKey: [],
            enrolledMilliseconds: 0)
        let arrivals = [
            ward.arrival(ward.request([good.run()])),
            Intake.Arrival(request: ward.request([bad.run()]), device: ghost, milliseconds: 1),
        ]
        let outcomes = await Intake.commit(arrivals, to: world.store, world.books)
        #expect(throws: Never.self) { try outcomes[0].get() }
        #expect(throws: CentralError.self) { try outcomes[1].get() }
        #expect(try await world.feed(of: ward.hospital.id).count == 2)
        let replica = bad.replica
        let record = try await world.store.read { transaction throws(CentralError) in
            try transaction.replica(replica)
        }
        #expect(record == nil)
    }

    @Test("Nobody hears \"stored\" when the commit fails, and the same exchange succeeds later")
    func failingCommit() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let failing = FailingStore(store: world.store)
        let intake = Intake(store: failing, books: world.books)
        var writer = Writer(1)
        try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
        try writer.write(writer.changes[0].caseID, [202: ([.text("done")], [])])
        let arrival = ward.arrival(ward.request([writer.run()]))
        failing.failures.withLock { $0 = 2 }
        for _ in 0..<2 {
            await #expect(throws: FailingStore.error) { try await intake.exchange(arrival) }
            #expect(try await world.feed(of: ward.hospital.id).count == 1)
        }
        let answer = try await intake.exchange(arrival)
        #expect(answer.stored == [Watermark(replica: writer.replica, sequence: 2)])
        #expect(try await world.feed(of: ward.hospital.id).count == 4)
        let caches = try await world.caches()
        try await Rebuild(store: world.store, books: world.books).run()
        #expect(try await world.caches() == caches)
    }

    @Test("A fold that was made in a transaction that failed is not believed afterwards")
    func failedFold() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let failing = FailingStore(store: world.store)
        let caseID = world.newCase()
        var (one, other, third) = (Writer(1), Writer(2), Writer(3))
        try one.write(caseID, [21: ([.text("1")], [])])
        try other.write(caseID, [20: (CBOR.name("lost"), [])])
        try third.write(caseID, [20: (CBOR.name("kept"), [])])
        for (writer, failures) in [(one, 0), (other, 1), (third, 0)] {
            failing.failures.withLock { $0 = failures }
            _ = await Intake.commit([ward.arrival(ward.request([writer.run()]))], to: failing, world.books)
        }
        let caches = try await world.caches()
        #expect(caches.conflicts.isEmpty)
        try await Rebuild(store: world.store, books: world.books).run()
        #expect(try await world.caches() == caches)
    }

    @Test("Exchanges that arrive during a commit wait for it and go together in the next")
    func gathering() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let gated = GatedStore(store: world.store)
        let intake = Intake(store: gated, books: world.books)
        let arrival = ward.arrival(ward.request())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<31 { group.addTask { _ = try await intake.exchange(arrival) } }
            while await intake.waitingCount < 30 { await Task.yield() }
            await gated.open()
            try await group.waitForAll()
        }
        #expect(await gated.writes == 2)
    }
}

/// Counts transactions.
struct CountingStore: CentralStore {
    let store: any CentralStore
    let writes = Guarded(0)

    func write<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R {
        writes.withLock { $0 += 1 }
        return try await store.write(body)
    }

    func read<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R { try await store.read(body) }
}

/// Carries out everything and then fails, as a COMMIT on a full disk does.
struct FailingStore: CentralStore {
    static let error = CentralError.store(StoreFailure(kind: .full, description: "the disk is full"))

    let store: any CentralStore
    let failures = Guarded(0)

    func write<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R {
        let fails = failures.withLock { count in
            count -= 1
            return count >= 0
        }
        return try await store.write { transaction throws(CentralError) in
            let result = try body(transaction)
            if fails { throw Self.error }
            return result
        }
    }

    func read<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R { try await store.read(body) }
}

/// Holds the first transaction until it is opened.
actor GatedStore: CentralStore {
    private let store: any CentralStore
    private(set) var writes = 0
    private var isOpen = false
    private var held: [CheckedContinuation<Void, Never>] = []

    init(store: any CentralStore) { self.store = store }

    func open() {
        isOpen = true
        for continuation in held { continuation.resume() }
        held = []
    }

    func write<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R {
        writes += 1
        if !isOpen { await withCheckedContinuation { held.append($0) } }
        return try await store.write(body)
    }

    func read<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R { try await store.read(body) }
}
