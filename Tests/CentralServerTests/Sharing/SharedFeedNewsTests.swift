import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("News of a store that several processes write", .timeLimit(.minutes(2)))
struct SharedFeedNewsTests {
    private let world: World
    private let ward: Ward

    init() async throws {
        world = try World()
        ward = try await world.hospital("H1")
    }

    private var hospital: HospitalID { ward.hospital.id }

    private func position() async throws -> UInt64 { UInt64(try await world.feed(of: hospital).count) }

    private func write() async throws {
        var writer = Writer(UInt64.random(in: 1...UInt64.max))
        try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
        try await ward.push(writer.run())
    }

    /// Waits until the task is cancelled.
    @Sendable private static func never(_: Duration) async throws { try await Task.sleep(for: .seconds(600)) }

    @Test("What is heard wakes at once, without looking again and again")
    func heard() async throws {
        let heard = LocalFeedNews()
        let news = SharedFeedNews(store: world.store, heard: heard, pause: Self.never)
        let position = try await position()
        async let waiting: Void = news.growth(of: hospital, beyond: position)
        while heard.waitingCount == 0 { await Task.yield() }
        try await write()
        heard.announce(hospital, position + 1)
        await waiting
        // What came before is found by the first look, though nobody told it.
        await SharedFeedNews(store: world.store, heard: LocalFeedNews(), pause: Self.never).growth(
            of: hospital, beyond: position)
    }

    @Test("What is not heard is found by looking; cancelling ends the wait")
    func looks() async throws {
        let position = try await position()
        let looks = Guarded(0)
        let news = SharedFeedNews(store: world.store, heard: LocalFeedNews()) { duration in
            guard duration == .seconds(SharedFeedNews.lookSeconds) else { return }
            let count = looks.withLock { count in
                count += 1
                return count
            }
            if count == 3 { try await write() }
        }
        await news.growth(of: hospital, beyond: position)
        #expect(looks.withLock { $0 } == 3)
        let idle = SharedFeedNews(store: world.store, heard: LocalFeedNews(), pause: Self.never)
        let waiting = Task { [hospital] in await idle.growth(of: hospital, beyond: 99) }
        waiting.cancel()
        await waiting.value
    }

    @Test("Word of a server that went back makes nobody spin, and is forgotten with a doubt")
    func falseWord() async throws {
        let heard = LocalFeedNews()
        let position = try await position()
        heard.announce(hospital, position + 5)
        let rests = Guarded(0)
        let news = SharedFeedNews(store: world.store, heard: heard) { duration in
            guard duration == .milliseconds(SharedFeedNews.restMilliseconds) else {
                return try await Self.never(duration)
            }
            let count = rests.withLock { count in
                count += 1
                return count
            }
            if count == 3 { heard.doubt() }
        }
        async let waiting: Void = news.growth(of: hospital, beyond: position)
        while heard.waitingCount == 0 { await Task.yield() }
        #expect(rests.withLock { $0 } == 3)
        try await write()
        // A doubt wakes who waits, and then the store says it.
        heard.doubt()
        await waiting
    }
}
