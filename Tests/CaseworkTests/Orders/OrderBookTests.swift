import SyncProtocol
import Testing

@testable import Casework

@Suite("Orders to resync, and what is to be done next")
struct OrderBookTests {
    private func order(
        _ id: String, _ kind: String = "push", windows: [String] = ["a", "b"], isWithdrawn: Bool = false
    ) -> ResyncOrder {
        var order = ResyncOrder(id: id, kind: kind, windows: windows)
        order.isWithdrawn = isWithdrawn
        return order
    }

    private func report(_ id: String, _ window: String, _ stage: ResyncReport.Stage) -> ResyncReport {
        ResyncReport(order: id, window: window, stage: stage)
    }

    @Test("Orders are begun one after the other as they were given, and each once")
    func inOrder() {
        let orders = [order("1"), order("2", "verify"), order("3", "rebuild")]
        var reports: [ResyncReport] = []
        var begun: [String] = []
        while let next = OrderBook(orders: orders, reports: reports).next(for: "a", underWay: nil).begun {
            begun.append(next.id)
            reports.append(report(next.id, "a", begun.count == 2 ? .failed : .done))
        }
        #expect(begun == ["1", "2", "3"])
        #expect(OrderBook(orders: orders, reports: reports).next(for: "b", underWay: nil).begun?.id == "1")
    }

    @Test("While one is under way none is begun; those that wait are noted once")
    func waiting() {
        let orders = [order("1"), order("2"), order("3")]
        let first = OrderBook(orders: orders, reports: []).next(for: "a", underWay: nil)
        #expect(first.begun?.id == "1" && first.noted.map(\.order) == ["2", "3"])
        #expect(first.noted.allSatisfy { $0.stage == .seen && $0.note == nil })
        let book = OrderBook(
            orders: orders + [order("4")],
            reports: [report("1", "a", .underWay)] + first.noted)
        let second = book.next(for: "a", underWay: "1")
        #expect(second.begun == nil && second.noted.map(\.order) == ["4"])
    }

    @Test("One that ran here without reporting its end is begun again, and that is known")
    func again() {
        let book = OrderBook(orders: [order("1")], reports: [report("1", "a", .underWay)])
        let next = book.next(for: "a", underWay: nil)
        #expect(next.begun?.id == "1" && next.isBegunAgain)
        #expect(!book.next(for: "b", underWay: nil).isBegunAgain)
    }

    @Test("What is withdrawn, or for other windows, is not begun; what a later version ordered waits")
    func notNow() {
        let orders = [
            order("1", isWithdrawn: true), order("2", windows: ["b"]), order("3", "polish"), order("4"),
        ]
        let next = OrderBook(orders: orders, reports: []).next(for: "a", underWay: nil)
        #expect(next.begun?.id == "4" && next.noted.map(\.order) == ["3"])
        #expect(next.noted.first?.note == "the window's software is too old for it")
        let later = OrderBook(orders: orders, reports: next.noted + [report("4", "a", .done)])
        #expect(later.next(for: "a", underWay: nil) == OrderBook.Next())
    }

    @Test("An order is over when it is withdrawn, or all of its windows that still take part are at an end")
    func over() {
        let book = OrderBook(
            orders: [order("1")], reports: [report("1", "a", .done), report("1", "b", .underWay)])
        #expect(!book.isOver(order("1"), for: ["a", "b"]))
        #expect(book.isOver(order("1"), for: ["a"]) && book.isOver(order("1"), for: ["a", "c"]))
        #expect(book.isOver(order("1", isWithdrawn: true), for: ["a", "b"]))
    }

    /// Writes changes of a record.
    private struct Pen {
        private(set) var changes: [Change] = []

        @discardableResult
        mutating func write(_ value: [CBOR], in group: String, by role: Role, replaces: [Dot] = []) throws
            -> Dot
        {
            let id = try #require(FieldDictionary.standard.group(named: group)).id
            let replica = ReplicaID(rawValue: UInt64(role.rawValue) + 1)
            let sequence = UInt64(changes.count { $0.replica == replica } + 1)
            let change = try Change(
                replica: replica, sequence: sequence, caseID: CaseID(milliseconds: 7, random: (7, 7)),
                edition: sequence,
                content: ChangeContent(
                    writes: [id: .init(value: value, replaces: replaces)],
                    time: HybridTime(milliseconds: UInt64(changes.count)),
                    author: Author(role: role, unit: "", user: "x")))
            changes.append(change)
            return change.dot
        }

        var book: OrderBook { OrderBook(CaseState(folding: changes)) }
    }

    @Test("A record says what was written; only central orders, only windows report, and faults are left out")
    func record() throws {
        var pen = Pen()
        let id = CaseID(milliseconds: 1, random: (1, 1))
        let given = ResyncOrder(
            id: "YF-1", kind: "pull", only: id, isDryRun: true, reason: "自检", windows: ["a"])
        let dot = try pen.write(given.value, in: "resyncOrder", by: .central)
        try pen.write(order("YF-2").value, in: "resyncOrder", by: .window)
        try pen.write([.text("x")], in: "resyncOrder", by: .central)
        let figures = ResyncFigures(cases: 5, differing: 4, sent: 3, received: 2, remaining: 1)
        let said = ResyncReport(order: "YF-1", window: "a", stage: .done, figures: figures, note: "n")
        try pen.write(said.value, in: "resyncReport", by: .window)
        try pen.write(report("YF-1", "b", .done).value, in: "resyncReport", by: .central)
        try pen.write([.text("YF-1"), .text("a"), .text("asleep")], in: "resyncReport", by: .window)
        let long = String(repeating: "x", count: ResyncOrder.idLongest + 1)
        try pen.write(order(long).value, in: "resyncOrder", by: .central)
        let book = pen.book
        #expect(book.orders.map(\.id) == ["YF-1"] && book.reports.count == 1)
        let read = try #require(book["YF-1"])
        #expect((read.kind, read.only, read.isDryRun, read.reason) == ("pull", id, true, "自检"))
        #expect(read.dots == [dot] && read.windows == ["a"] && !read.isWithdrawn)
        #expect(book.report(of: "YF-1", by: "a")?.figures == figures)
        #expect(book.report(of: "YF-1", by: "a")?.note == "n")
        let wordy = said.value.dropLast() + [.text(String(repeating: "n", count: 1_000))]
        try pen.write([.text("YF-1"), .text("c")] + wordy.dropFirst(2), in: "resyncReport", by: .window)
        #expect(pen.book.report(of: "YF-1", by: "c")?.note?.count == ResyncReport.noteLongest)
        // Members that a later version adds at the end, or an earlier one lacks, are no fault.
        try pen.write(order("YF-3").value + [.text("later")], in: "resyncOrder", by: .central)
        #expect(pen.book["YF-3"] != nil)
    }

    @Test("Withdrawn by one of two who wrote at once is withdrawn")
    func withdrawnAtOnce() throws {
        var pen = Pen()
        let dot = try pen.write(order("1").value, in: "resyncOrder", by: .central)
        try pen.write(
            order("1", isWithdrawn: true).value, in: "resyncOrder", by: .central, replaces: [dot])
        #expect(pen.book.orders.count == 1 && pen.book["1"]?.isWithdrawn == true)
        try pen.write(order("1").value, in: "resyncOrder", by: .central)
        #expect(pen.book.orders.count == 1 && pen.book["1"]?.isWithdrawn == true)
        #expect(pen.book["1"]?.dots.count == 2)
    }

    @Test("A report replaces what was said before the end, and what was said of orders that are gone; no end")
    func replaced() throws {
        var pen = Pen()
        try pen.write(order("1").value, in: "resyncOrder", by: .central)
        let seen = try pen.write(report("1", "a", .seen).value, in: "resyncReport", by: .window)
        try pen.write(report("1", "b", .seen).value, in: "resyncReport", by: .window)
        let gone = try pen.write(report("0", "a", .done).value, in: "resyncReport", by: .window)
        #expect(Set(pen.book.replaced(by: report("1", "a", .underWay))) == [seen, gone])
        try pen.write(
            report("1", "a", .done).value, in: "resyncReport", by: .window, replaces: [seen, gone])
        #expect(pen.book.replaced(by: report("1", "a", .done)).isEmpty)
        try pen.write(report("1", "a", .underWay).value, in: "resyncReport", by: .window)
        // An end is not taken back by what was said beside it.
        #expect(pen.book.report(of: "1", by: "a")?.stage == .done)
        try pen.write(report("1", "a", .done).value, in: "resyncReport", by: .window)
        #expect(pen.book.endCount(of: "1", by: "a") == 2)
    }
}
