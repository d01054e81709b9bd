import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Resyncs that central orders")
struct OrderDeskTests {
    private let world: World
    private let ward: Ward
    private var desk: OrderDesk {
        OrderDesk(store: world.store, books: world.books, environment: world.environment)
    }

    init() async throws {
        world = try World()
        ward = try await world.hospital("YF")
    }

    /// The window reports, in a run of its own.
    private func report(
        _ order: String, _ stage: ResyncReport.Stage, by ward: Ward, writer: inout Writer,
        figures: ResyncFigures = ResyncFigures()
    ) async throws {
        let report = ResyncReport(
            order: order, window: ward.device.id.description, stage: stage, figures: figures)
        try writer.write(ward.hospital.id.record, [9010: (report.value, [])])
        try await ward.push(writer.run(Int(writer.length)))
    }

    @Test("An order is a change of the hospital's record, for all of its computers; again it is the same one")
    func order() async throws {
        let second = try await ward.secondComputer()
        let wish = OrderDesk.Wish(kind: .verify, isDryRun: true, reason: "自检")
        let (order, isNew) = try await desk.order(wish, for: "YF", by: "chen")
        #expect(isNew && order.id.hasPrefix("YF-") && order.id.count == 11)
        #expect(Set(order.windows) == [ward.device.id.description, second.device.id.description])
        let again = try await desk.order(wish, for: "YF", by: "chen")
        #expect(!again.isNew && again.order.id == order.id)
        #expect(try await desk.order(OrderDesk.Wish(kind: .verify), for: "YF", by: "chen").isNew)
        let standing = try await world.view(of: ward).orders.orders
        #expect(standing.count == 2 && standing[0].user == "chen" && standing[0].reason == "自检")
        await #expect(throws: CentralError.refused(.unknownHospital)) {
            try await desk.order(wish, for: "ZZ", by: "chen")
        }
        let empty = try await world.fleet.add(
            Fleet.Particulars(code: "LZ", name: "n", policies: ["gx"]), by: "tester")
        await #expect(throws: CentralError.refused(.noWindows(count: 0))) {
            try await desk.order(wish, for: empty.code, by: "chen")
        }
    }

    @Test(
        "The list tells per computer: ordered, seen, under way, done with figures, and for how long it waits")
    func list() async throws {
        let second = try await ward.secondComputer()
        let order = try await desk.order(OrderDesk.Wish(kind: .push), for: "YF", by: "chen").order
        world.clock.withLock { $0 += 5_000 }
        var line = try #require(try await desk.list(of: nil).first)
        #expect(line.windows.allSatisfy { $0.report == nil } && line.waitsMilliseconds == 5_000)
        var (first, other) = (Writer(1), Writer(2))
        for stage in [ResyncReport.Stage.seen, .underWay] {
            try await report(order.id, stage, by: ward, writer: &first)
            line = try #require(try await desk.list(of: "YF").first)
            let window = line.windows.first { $0.device == ward.device.id.description }
            #expect(window?.report?.stage == stage && !line.isOver)
        }
        let figures = ResyncFigures(cases: 9, differing: 2, sent: 3)
        try await report(order.id, .done, by: ward, writer: &first, figures: figures)
        try await report(order.id, .done, by: second, writer: &other)
        line = try #require(try await desk.list(of: "YF").first)
        #expect(line.isOver && line.waitsMilliseconds == nil)
        #expect(line.windows.first { $0.device == ward.device.id.description }?.report?.figures == figures)
        // What is over can be ordered anew.
        #expect(try await desk.order(OrderDesk.Wish(kind: .push), for: "YF", by: "chen").isNew)
    }

    @Test("A computer whose key was revoked is waited for no more")
    func revoked() async throws {
        let second = try await ward.secondComputer()
        let order = try await desk.order(OrderDesk.Wish(kind: .push), for: "YF", by: "chen").order
        var writer = Writer(1)
        try await report(order.id, .done, by: ward, writer: &writer)
        #expect(try await desk.list(of: "YF").first?.isOver == false)
        try await world.fleet.revoke(second.device.id)
        #expect(try await desk.list(of: "YF").first?.isOver == true)
        #expect(try await desk.order(OrderDesk.Wish(kind: .push), for: "YF", by: "chen").isNew)
    }

    @Test("Withdrawn once; again it is harmless, and an unknown order is refused")
    func withdraw() async throws {
        let order = try await desk.order(OrderDesk.Wish(kind: .pull), for: "YF", by: "chen").order
        #expect(try await desk.withdraw(order.id, by: "li").isNew)
        #expect(try await !desk.withdraw(order.id, by: "li").isNew)
        let line = try #require(try await desk.list(of: "YF").first)
        #expect(line.order.isWithdrawn && line.isOver)
        #expect(line.order.windows == order.windows && line.order.kind == "pull")
        #expect(try await world.view(of: ward).orders.orders.count == 1)
        for unknown in ["YF-00000000", "", "-", "ZZ-1"] {
            await #expect(throws: CentralError.refused(.unknownOrder)) {
                try await desk.withdraw(unknown, by: "li")
            }
        }
    }

    @Test("So many orders may be open; what is over makes room, in the record too")
    func limits() async throws {
        var ids: [String] = []
        for _ in 0..<OrderDesk.openMax {
            let wish = OrderDesk.Wish(kind: .push, only: world.newCase())
            ids.append(try await desk.order(wish, for: "YF", by: "chen").order.id)
        }
        await #expect(throws: CentralError.refused(.tooManyOrders)) {
            try await desk.order(OrderDesk.Wish(kind: .verify), for: "YF", by: "chen")
        }
        for id in ids { _ = try await desk.withdraw(id, by: "chen") }
        for _ in 0..<3 {
            let wish = OrderDesk.Wish(kind: .push, only: world.newCase())
            ids.append(try await desk.order(wish, for: "YF", by: "chen").order.id)
            _ = try await desk.withdraw(ids[ids.count - 1], by: "chen")
        }
        let book = try await world.view(of: ward).orders
        #expect(
            book.orders.count == OrderDesk.overMax && book.orders.map(\.id) == ids.suffix(OrderDesk.overMax))
    }

    @Test("No window gives orders: a change that does is set aside")
    func forged() async throws {
        let order = ResyncOrder(id: "YF-1", kind: "push", windows: [ward.device.id.description])
        var writer = Writer(1)
        try writer.write(ward.hospital.id.record, [9009: (order.value, [])])
        try await ward.push(writer.run())
        #expect(try await world.caches().asides.map(\.reasons) == [["owner:9009"]])
        #expect(try await world.view(of: ward).orders.orders.isEmpty)
    }
}
