import Casework
import Testing

@testable import Persistence
@testable import WindowAgent

@Suite("A link's settings and bytes on disk")
struct LinkStoreTests {
    private let machine: TestMachine
    init() throws { machine = try TestMachine() }

    @Test("Settings and the day's bytes are there after a restart")
    func durable() async throws {
        let store = try await machine.open()
        var settings = WindowSettings()
        try settings.set(.metered, to: "yes")
        try settings.set(.budget, to: "5MB")
        try await store.save(settings)
        #expect(try await store.count(DayTraffic(day: 7, exchanges: 10, photos: 1)).total == 11)
        #expect(try await store.count(DayTraffic(day: 8, exchanges: 5)).total == 5)
        let again = try await machine.open()
        #expect(try await again.settingSources().here == settings)
        #expect(try await again.linkRules().bytesPerDayMax == 5_000_000)
        #expect(
            try await again.count(DayTraffic(day: 7, photos: 2))
                == DayTraffic(day: 7, exchanges: 10, photos: 3))
        #expect(try await again.count(DayTraffic(day: 8)) == DayTraffic(day: 8, exchanges: 5, photos: 0))
        try await again.save(WindowSettings())
        #expect(try await again.linkRules() == LinkRules())
    }

    @Test("Days long past are forgotten")
    func oldDays() async throws {
        let store = try await machine.open()
        _ = try await store.count(DayTraffic(day: 100, exchanges: 1))
        _ = try await store.count(DayTraffic(day: 100 + WindowStore.trafficDaysKept, exchanges: 1))
        #expect(try await store.count(DayTraffic(day: 100)).total == 1)
        _ = try await store.count(DayTraffic(day: 101 + WindowStore.trafficDaysKept, exchanges: 1))
        #expect(try await store.count(DayTraffic(day: 100)).total == 0)
    }

    @Test("A budget that was spent before a restart is spent after it, for exchanges and photos")
    func budgetOverRestart() async throws {
        let store = try await machine.open()
        var settings = WindowSettings()
        try settings.set(.budget, to: "100kB")
        try await store.save(settings)
        let day = LinkRules().day(of: machine.now)
        _ = try await store.count(DayTraffic(day: day, exchanges: 40_000, photos: 60_000))
        let exchanger = Exchanger(
            store: try await machine.open(), link: FakeLink(), environment: machine.environment)
        await exchanger.restore()
        #expect(await exchanger.linkProgress.isSpent)
        machine.pass(milliseconds: 86_400_000)
        #expect(await exchanger.linkProgress.isSpent == false)
    }

    @Test("Whatever came and went between two looks, the bytes that wait are those of the outbox")
    func bytes() async throws {
        let store = try await machine.open()
        var random = SeededGenerator(seed: 5)
        for _ in 0..<40 {
            for _ in 0..<Int.random(in: 0...3, using: &random) { _ = try await store.newCase() }
            if Int.random(in: 0..<3, using: &random) == 0 {
                // From the front, as central confirms, or from elsewhere.
                let isFront = Bool.random(using: &random)
                try await store.execute(
                    isFront
                        ? "DELETE FROM outbox WHERE change = (SELECT min(change) FROM outbox)"
                        : "DELETE FROM outbox WHERE change % 7 = 3")
            }
            let lines = try await store.outbox(limit: 1000)
            #expect(try await store.outboxBytes() == lines.reduce(0) { $0 + UInt64($1.bytes) })
        }
    }

    @Test(
        "The bytes that wait are those of the outbox; looking costs a walk along it, and the day's bytes one search"
    )
    func plans() async throws {
        _ = try await machine.open().newCase()
        let store = try await machine.open()
        let line = try #require(try await store.outbox(limit: 9).first)
        #expect(try await store.outboxBytes() == UInt64(line.bytes))
        _ = try await store.count(DayTraffic(day: 3, exchanges: 1))
        let plans = try await store.plans()
        let sums = plans.filter { $0.sql.contains("sum(length(body) - ?)") }
        #expect(sums.count == 1)
        for plan in sums {
            #expect(
                plan.steps.contains { $0.hasPrefix("SEARCH outbox USING INTEGER PRIMARY KEY") }, "\(plan)")
            #expect(
                plan.steps.contains { $0.hasPrefix("SEARCH change USING INTEGER PRIMARY KEY") }, "\(plan)")
        }
        let days = plans.filter { $0.sql.contains("link_traffic") && !$0.sql.hasPrefix("INSERT") }
        #expect(days.count == 2)
        for plan in days { #expect(plan.steps.first?.hasPrefix("SEARCH link_traffic") == true, "\(plan)") }
    }
}
