import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("Exchanges that wait", .timeLimit(.minutes(4)))
struct WaitingTests {
    private let world: World
    private let ward: Ward
    private let signer: Signer

    init() async throws {
        world = try World()
        ward = try await world.hospital("H1")
        signer = try await Signer(world)
    }

    /// A pause that only cancelling ends.
    private static let never: @Sendable (Duration) async throws -> Void = { _ in
        try await Task.sleep(for: .seconds(3600))
    }

    private func router(_ room: WaitingRoom?) -> Router {
        CentralAPI(
            store: world.store, books: world.books, environment: world.environment,
            intake: Intake(store: world.store, books: world.books),
            gate: DeviceGate(store: world.store, environment: world.environment),
            staffTokenHash: Token(world.environment).hash, dictionary: nil, waitingRoom: room
        ).router { _, _ in }
    }

    private func room(
        placesMax: Int = WaitingRoom.placesMax,
        pause: @escaping @Sendable (Duration) async throws -> Void = never
    ) -> WaitingRoom { WaitingRoom(news: world.news, placesMax: placesMax, pause: pause) }

    /// One request of the signer's that has nothing to send and knows the feed to its end.
    private func request(nonce: String, _ change: (inout ExchangeRequest) -> Void = { _ in }) async throws
        -> Request
    {
        var request = ward.request()
        let hospital = ward.hospital.id
        let head = try await world.store.read { transaction throws(CentralError) in
            try transaction.feedHead(of: hospital)
        }
        request.cursor = try #require(head).position
        request.witness = try #require(head).point
        request.waitSeconds = 240
        change(&request)
        return try signer.request(body: try Zstandard.compress(request.encoded), nonce: nonce)
    }

    private func read(_ response: Response) throws -> ExchangeResponse {
        try #require(response.status == 200)
        return try ExchangeResponse(
            decoding: try Zstandard.decompress(response.body, bytesMax: 1 << 20))
    }

    /// Anybody's write that comes into the hospital's feed.
    private func write(_ number: UInt64 = 1) async throws {
        var writer = Writer(number)
        try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
        try await ward.push(writer.run())
    }

    private func waiting(_ count: Int, in room: WaitingRoom) async {
        while await room.waitingCount < count || world.news.waitingCount < count { await Task.yield() }
    }

    @Test("It is held while nothing is new, and answered with what comes")
    func held() async throws {
        let room = room()
        let router = router(room)
        let asked = try await request(nonce: "a")
        let answer = Task { await router.respond(to: asked) }
        await waiting(1, in: room)
        world.clock.withLock { $0 += 100_000 }
        try await write()
        let response = try read(await answer.value)
        #expect(response.entries.count == 1)
        #expect(response.milliseconds == world.environment.now())
        #expect(await room.waitingCount == 0 && world.news.waitingCount == 0)
    }

    @Test(
        "Held, it is in no transaction and no queue: others write and exchange meanwhile, and their writes are one each"
    )
    func holdsNothing() async throws {
        let room = room()
        let router = router(room)
        let asked = try await request(nonce: "a")
        let answer = Task { await router.respond(to: asked) }
        await waiting(1, in: room)
        let other = try await world.hospital("H2")
        for number in 10..<20 {
            var writer = Writer(UInt64(number))
            try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
            _ = try await other.exchange(other.request([writer.run()]))
        }
        #expect(await room.waitingCount == 1, "another hospital's feed wakes nobody")
        await room.close()
        #expect(try read(await answer.value).entries.isEmpty)
    }

    @Test("When the time is up the answer goes out, with the present time")
    func timeIsUp() async throws {
        let clock = world.clock
        let router = router(room { _ in clock.withLock { $0 += 240_000 } })
        let began = world.environment.now()
        let response = try read(await router.respond(to: try await request(nonce: "a")))
        #expect(response.entries.isEmpty && !response.hasMore)
        #expect(response.milliseconds == began + 240_000)
    }

    @Test("What has something to do is answered at once")
    func notHeld() async throws {
        try await write(9)
        let room = room()
        let router = router(room)
        var writer = Writer(1)
        try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
        let run = writer.run()
        let caseID = world.newCase()
        let changes: [(inout ExchangeRequest) -> Void] = [
            { $0.pushes = [run] }, { $0.isRepair = true }, { $0.wanted = [caseID] },
            { $0.sums = [CaseSum(caseID: caseID, fingerprint: .empty)] },
            { $0.offers = [AttachmentOffer(hash: Fingerprint.empty.rawValue, byteCount: 1)] },
            { $0.waitSeconds = nil }, { $0.waitSeconds = 0 },
            { ($0.cursor, $0.witness) = (0, .start) },
            { $0.witness = FeedPoint(position: 99, chain: .start) },
        ]
        for (index, change) in changes.enumerated() {
            let response = await router.respond(to: try await request(nonce: "n\(index)", change))
            #expect(response.status == 200, "\(index)")
        }
        #expect(await room.waitingCount == 0)
    }

    @Test("One for each computer: a later one lets the earlier go; beyond the places it is answered at once")
    func places() async throws {
        let room = room(placesMax: 1)
        let router = router(room)
        let first = try await request(nonce: "a")
        let second = try await request(nonce: "b")
        let one = Task { await router.respond(to: first) }
        await waiting(1, in: room)
        let two = Task { await router.respond(to: second) }
        #expect(try read(await one.value).entries.isEmpty)
        await waiting(1, in: room)
        let other = try await world.device(of: ward.hospital.id)
        #expect(await room.wait(for: ward.hospital.id, beyond: 99, other.id, seconds: 9) == .over)
        try await write()
        #expect(try read(await two.value).entries.count == 1)
    }

    @Test(
        "Its signature's time is that of its arrival, and it counts once: a repeat is refused meanwhile and afterwards"
    )
    func countsOnce() async throws {
        let room = room()
        let router = router(room)
        let asked = try await request(nonce: "a")
        let answer = Task { await router.respond(to: asked) }
        await waiting(1, in: room)
        #expect(await router.respond(to: asked).status == 401)
        world.clock.withLock { $0 += 16 * 60 * 1000 }
        try await write()
        #expect(try read(await answer.value).entries.count == 1)
        #expect(await router.respond(to: asked).status == 401)
        let late = try signer.request(
            body: try Zstandard.compress(ward.request().encoded), nonce: "b", secondsLate: 16 * 60)
        #expect(await router.respond(to: late).status == 401)
        let contacts = try await world.store.read {
            [id = ward.hospital.id] transaction throws(CentralError) in
            try transaction.contacts(of: id)
        }
        #expect(contacts.first { $0.device == signer.device.id }?.milliseconds == 1_790_000_000_000)
    }

    @Test("A computer that is revoked while it waits hears nothing of what came")
    func revoked() async throws {
        let room = room()
        let router = router(room)
        let asked = try await request(nonce: "a")
        let answer = Task { await router.respond(to: asked) }
        await waiting(1, in: room)
        try await world.fleet.revoke(signer.device.id)
        try await write()
        #expect(await answer.value.status == 401)
    }

    @Test("A server that stops answers those who wait at once, and holds nobody any more")
    func stops() async throws {
        let room = room()
        let router = router(room)
        let asked = try await request(nonce: "a")
        let answer = Task { await router.respond(to: asked) }
        await waiting(1, in: room)
        await room.close()
        #expect(try read(await answer.value).entries.isEmpty)
        #expect(try read(await router.respond(to: try await request(nonce: "b"))).entries.isEmpty)
        #expect(await room.waitingCount == 0)
    }

    @Test("Who hangs up leaves no place taken")
    func hangsUp() async throws {
        let room = room()
        let router = router(room)
        let asked = try await request(nonce: "a")
        let answer = Task { await router.respond(to: asked) }
        await waiting(1, in: room)
        answer.cancel()
        _ = await answer.value
        #expect(await room.waitingCount == 0 && world.news.waitingCount == 0)
    }

    @Test("A write that fails wakes nobody; one that comes before the wait is not missed")
    func news() async throws {
        let hospital = ward.hospital.id
        let position = try await world.feed(of: hospital).count
        let news = world.news
        let waiter = Task { await news.growth(of: hospital, beyond: UInt64(position)) }
        while news.waitingCount < 1 { await Task.yield() }
        await #expect(throws: CentralError.self) {
            try await world.store.write { transaction throws(CentralError) in
                guard var head = try transaction.feedHead(of: hospital) else { return }
                head.position += 1
                try transaction.setFeedHead(head, of: hospital)
                throw CentralError.refused(.busy)
            }
        }
        #expect(news.waitingCount == 1)
        try await write()
        await waiter.value
        await news.growth(of: hospital, beyond: UInt64(position))
    }
}
