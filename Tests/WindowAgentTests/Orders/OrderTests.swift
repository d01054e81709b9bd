import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Orders of central's", .timeLimit(.minutes(2)))
struct OrderTests {
    private let machine: TestMachine
    private let link: OrderLink

    init() throws {
        machine = try TestMachine()
        link = OrderLink(ModelCentral.with(.test))
    }

    /// Some cases on which central wrote too, settled; then central has lost a change of its own, and the window one, and one
    /// change waits to be sent.
    private func differing() async throws -> WindowStore {
        try await Differing.make(machine, link)
    }

    private func order(
        _ id: String, _ kind: ResyncKind, only: CaseID? = nil, isDryRun: Bool = false,
        windows: [String] = ["device-1"]
    ) async throws {
        try await link.withCentral {
            _ = try $0.order(
                ResyncOrder(id: id, kind: kind.rawValue, only: only, isDryRun: isDryRun, windows: windows))
        }
    }

    private func report(_ id: String) async -> ResyncReport? {
        await link.central.orderBook.report(of: id, by: "device-1")
    }

    @Test("Each kind is carried out once, and reports what it came to", arguments: ResyncKind.allCases)
    func each(kind: ResyncKind) async throws {
        let store = try await differing()
        try await order("1", kind)
        try await OrderAgent(store, link, machine).running { await $0.work(times: 2) }
        let report = try #require(await report("1"))
        #expect(report.stage == .done && report.figures.remaining == 0)
        // The hospital's record is a case to a verify.
        #expect(report.figures.cases == ([.verify, .rebuild].contains(kind) ? 4 : 3))
        switch kind {
        case .verify, .pull:
            #expect(report.figures.differing == 2 && report.figures.received >= 1)
            #expect(report.figures.sent >= 1)
        case .push: #expect(report.figures.differing == 2 && report.figures.sent >= 1)
        case .rebuild: #expect(report.figures == ResyncFigures(cases: 4))
        }
        #expect(await link.central.orderBook.reports.count == 1)
        let status = try await store.orderStatus()
        #expect(status.underWay == nil && status.last?.id == "1" && status.last?.stage == .done)
        try await store.expectSound()
        #expect(try await store.figures().outbox == 0)
    }

    @Test("A dry run tells and changes nothing", arguments: ResyncKind.allCases)
    func dryRun(kind: ResyncKind) async throws {
        let store = try await differing()
        try await OrderAgent(store, link, machine).running { _ = await $0.exchanger.exchangeNow() }
        let before = Set(try await store.log().map(\.id))
        let held = await link.central.held
        try await order("1", kind, isDryRun: true)
        try await OrderAgent(store, link, machine).running { await $0.work() }
        let report = try #require(await report("1"))
        #expect(report.stage == .done)
        if kind == .verify { #expect(report.figures.differing == 2 && report.figures.remaining == 2) }
        let record = HospitalID.test.record
        let after = try await store.log().filter { $0.caseID != record }.map(\.id)
        #expect(Set(after) == before)
        #expect(await link.central.held.isSuperset(of: held))
        #expect(try await store.figures().sync.repair == nil)
    }

    @Test("Several orders are carried out as they were given; those that wait are told as seen")
    func several() async throws {
        let store = try await differing()
        for (index, kind) in [ResyncKind.rebuild, .verify, .push].enumerated() {
            try await order("\(index)", kind)
        }
        try await OrderAgent(store, link, machine).running { agent in
            _ = await agent.exchanger.exchangeNow()
            let run = try await store.takeUpOrder()
            #expect(run?.order.id == "0")
            let status = try await store.orderStatus()
            #expect(status.underWay?.id == "0" && status.last == nil)
            _ = await agent.exchanger.exchangeNow()
            #expect(await report("0")?.stage == .underWay)
            #expect(await report("1")?.stage == .seen)
            #expect(await report("2")?.stage == .seen)
            await agent.work(times: 2)
        }
        let ended = await link.central.orderBook.reports
        #expect(ended.map(\.order) == ["0", "1", "2"] && ended.allSatisfy { $0.stage == .done })
    }

    @Test("By itself: once exchanges have come to rest, and again when an order comes")
    func byItself() async throws {
        let store = try await differing()
        try await order("1", .push)
        let agent = OrderAgent(store, link, machine)
        try await agent.running { agent in
            let keeping = Task { await agent.keeper.run() }
            defer { keeping.cancel() }
            var rounds = 0
            while await report("1")?.stage != .done, rounds < 1_000 {
                _ = await agent.exchanger.exchangeNow()
                rounds += 1
            }
            #expect(await report("1")?.stage == .done)
            keeping.cancel()
            await keeping.value
        }
    }

    @Test("One that was withdrawn before it began is left; one for other windows, too")
    func withdrawn() async throws {
        let store = try await differing()
        try await link.withCentral { central in
            var order = ResyncOrder(id: "1", kind: "push", windows: ["device-1"])
            let dot = try central.order(order).dot
            order.isWithdrawn = true
            try central.order(order, replacing: [dot])
        }
        try await order("2", .push, windows: ["device-2"])
        try await OrderAgent(store, link, machine).running { await $0.work(times: 2) }
        #expect(await link.central.orderBook.reports.isEmpty)
        // Who comes back after months finds what was not withdrawn.
        try await order("3", .verify)
        machine.pass(milliseconds: 90 * 24 * 3600 * 1000)
        try await OrderAgent(store, link, machine).running { await $0.work(times: 2) }
        #expect(await link.central.orderBook.reports.map(\.order) == ["3"])
    }

    @Test("A case that is not here ends the order, except a pull, which asks for it")
    func unknownCase() async throws {
        let store = try await differing()
        let absent = CaseID(milliseconds: 5, random: (5, 5))
        for kind in ResyncKind.allCases { try await order(kind.rawValue, kind, only: absent) }
        try await OrderAgent(store, link, machine).running { await $0.work(times: 2) }
        for kind in [ResyncKind.verify, .push, .rebuild] {
            let report = await report(kind.rawValue)
            #expect(report?.stage == .failed && report?.note == "this window has no such case", "\(kind)")
        }
        #expect(await report("pull")?.stage == .done)
    }

    @Test("An order of a kind that a later version knows waits, and does not hold up the others")
    func laterKind() async throws {
        let store = try await differing()
        try await link.withCentral {
            _ = try $0.order(ResyncOrder(id: "1", kind: "polish", windows: ["device-1"]))
        }
        try await order("2", .rebuild)
        try await OrderAgent(store, link, machine).running { await $0.work(times: 2) }
        #expect(await report("1")?.stage == .seen)
        #expect(await report("1")?.note == "the window's software is too old for it")
        #expect(await report("2")?.stage == .done)
    }

    @Test("Restored from a backup made before it was done, it is not done again: its own report comes back")
    func restored() async throws {
        var store = try await differing()
        try await order("1", .push)
        try await OrderAgent(store, link, machine).running { _ = await $0.exchanger.exchangeNow() }
        try machine.copy(to: "backup.sqlite")
        try await OrderAgent(store, link, machine).running { await $0.work(times: 2) }
        #expect(await report("1")?.stage == .done)
        store = try await machine.open("backup.sqlite")
        try await OrderAgent(store, link, machine).running { await $0.work(times: 2) }
        #expect(await link.central.orderBook.endCount(of: "1", by: "device-1") == 1)
        #expect(await link.central.orderBook.reports.count == 1)
    }

    @Test("Restored from a backup made while it was under way, it ends once more, does no harm, and says so")
    func restoredUnderWay() async throws {
        var store = try await differing()
        try await order("1", .pull)
        try await OrderAgent(store, link, machine).running { agent in
            _ = await agent.exchanger.exchangeNow()
            _ = try await store.takeUpOrder()
        }
        try machine.copy(to: "backup.sqlite")
        try await OrderAgent(store, link, machine).running { await $0.work(times: 2) }
        store = try await machine.open("backup.sqlite")
        try await OrderAgent(store, link, machine).running { await $0.work(times: 3) }
        let book = await link.central.orderBook
        #expect(book.endCount(of: "1", by: "device-1") == 2)
        #expect(book.report(of: "1", by: "device-1")?.note == "carried out once more, which did no harm")
        let figures = try await store.figures()
        #expect(figures.outbox == 0 && figures.sync.repair == nil)
    }

    @Test("Without a way to central it is left alone for a minute, and not tried in a loop")
    func retry() async throws {
        let store = try await differing()
        try await order("1", .verify)
        let agent = OrderAgent(store, link, machine)
        try await agent.running { agent in
            _ = await agent.exchanger.exchangeNow()
            await link.cut(after: 0, isAnswerLost: false)
            await agent.keeper.carryOut()
            let run = try await store.orderRun()
            #expect(run != nil)
            let before = await link.messageCount
            #expect(await agent.keeper.isDue == false)
            machine.pass(milliseconds: OrderKeeper.retryMilliseconds)
            #expect(await agent.keeper.isDue)
            machine.set(now: 1)
            #expect(await agent.keeper.isDue)
            #expect(await link.messageCount == before)
        }
    }
}

/// What the tests of orders begin with.
enum Differing {
    static func make(_ machine: TestMachine, _ link: OrderLink) async throws -> WindowStore {
        let store = try await machine.open()
        let agent = OrderAgent(store, link, machine)
        try await agent.running { agent in
            var ids: [CaseID] = []
            for _ in 0..<3 {
                let id = try await store.newCase(["childName": .text("甲")])
                ids.append(id)
                _ = await agent.exchanger.exchangeNow()
                let notes = try group("notes")
                try await link.withCentral {
                    _ = try $0.write([notes: .init(value: [.text("x")], replaces: [])], on: id)
                }
                machine.pass(milliseconds: 60_000)
                _ = await agent.exchanger.exchangeNow()
            }
            let foreign = try await store.log().filter { $0.content?.author.role == .central }
            guard let first = foreign.first else { throw Broken(what: "central wrote nothing") }
            await link.withCentral { $0.lose(first.id) }
            try await store.execute(
                "DELETE FROM change WHERE number = (SELECT max(number) FROM change WHERE own_replica IS NULL)"
            )
            _ = try await store.rebuild()
            let middle = ids[1]
            try await store.rename(middle, "未确认")
        }
        return store
    }
}
