import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

/// The law of orders: interrupted anywhere, and then let finish, each kind comes to the same end as if it had not been, has
/// lost no change that central had not confirmed, and was carried out once.
@Suite("Orders that are interrupted", .timeLimit(.minutes(4)))
struct OrderInterruptionTests {
    /// What an order has to leave: what the cases say at central and at the window, oldest first, without the record, where
    /// reports stand; and what it told. (IDs are random, and not the same in two runs.)
    private struct End: Hashable {
        let central: [[String]]
        let window: [[String]]
        let differing: Int
    }

    /// One run: the order is interrupted as the test says, the process is gone, another one opens the file and ends it.
    private struct Run {
        let machine: TestMachine
        let link: OrderLink
        let store: WindowStore
        let kind: ResyncKind

        init(_ kind: ResyncKind, seed: Int) async throws {
            self.kind = kind
            machine = try TestMachine(seed: seed)
            link = OrderLink(ModelCentral.with(.test))
            store = try await Differing.make(machine, link)
            try await link.withCentral {
                _ = try $0.order(ResyncOrder(id: "1", kind: kind.rawValue, windows: ["device-1"]))
            }
        }

        /// - Returns: the end that the order came to.
        func finish(_ comment: String) async throws -> End {
            let mine = Set(try await store.log().map(\.id))
            let reopened = try await machine.open()
            try await reopened.disarm()
            #expect(mine.isSubset(of: Set(try await reopened.log().map(\.id))), "\(comment)")
            await link.heal()
            try await OrderAgent(reopened, link, machine).running { await $0.work(times: 4) }
            let central = await link.central
            let book = central.orderBook
            #expect(book.endCount(of: "1", by: "device-1") == 1, "\(comment)")
            let report = book.report(of: "1", by: "device-1")
            #expect(report?.stage == .done && book.reports.count == 1, "\(comment)")
            #expect(try await reopened.orderRun() == nil, "\(comment)")
            let figures = try await reopened.figures()
            #expect(figures.outbox == 0 && figures.sync.repair == nil, "\(comment)")
            try await reopened.expectSound(comment)
            let held = Dictionary(grouping: try await reopened.log(), by: \.caseID)
            return End(
                central: try Self.said(central.changes), window: try Self.said(held),
                differing: report?.figures.differing ?? -1)
        }

        /// Of each case: how many changes it has, and what of them stands.
        private static func said(_ cases: [CaseID: [Change]]) throws -> [[String]] {
            let groups = [try group("notes"), try group("childName")]
            return cases.filter { $0.key != HospitalID.test.record }.sorted { $0.key < $1.key }.map {
                _, changes in
                let state = CaseState(folding: changes)
                let values = groups.map { "\(state.registers[$0]?.standing.map(\.value) ?? [])" }
                return ["\(state.count)"] + values
            }
        }
    }

    private func reference(_ kind: ResyncKind) async throws -> (end: End, messages: Int) {
        let run = try await Run(kind, seed: 1)
        let before = await run.link.messageCount
        try await OrderAgent(run.store, run.link, run.machine).running { await $0.work(times: 2) }
        let messages = await run.link.messageCount - before
        return (try await run.finish("uninterrupted"), messages)
    }

    @Test(
        "At every message to central, lost on its way there or on its way back",
        arguments: ResyncKind.allCases)
    func messages(kind: ResyncKind) async throws {
        let (end, messages) = try await reference(kind)
        #expect(kind == .rebuild || end.differing == 2)
        for cut in 0..<messages {
            for isAnswerLost in [false, true] {
                let comment = "\(kind), message \(cut), answer lost: \(isAnswerLost)"
                let run = try await Run(kind, seed: 1)
                await run.link.cut(after: cut, isAnswerLost: isAnswerLost)
                try await OrderAgent(run.store, run.link, run.machine).running { await $0.work(times: 2) }
                #expect(try await run.finish(comment) == end, "\(comment)")
            }
        }
    }

    @Test("At a row that is written, anywhere in any transaction", arguments: ResyncKind.allCases)
    func rows(kind: ResyncKind) async throws {
        let (end, _) = try await reference(kind)
        var random = SeededGenerator(seed: 20_261_121 + kind.rawValue.utf8.count)
        var row = 1
        var count = 0
        while true {
            try Task.checkCancellation()
            let comment = "\(kind), row \(row)"
            let run = try await Run(kind, seed: 1)
            try await run.store.arm(row)
            try await OrderAgent(run.store, run.link, run.machine).running { await $0.work(times: 2) }
            let isThrough = try await run.store.orderStatus().last != nil
            #expect(try await run.finish(comment) == end, "\(comment)")
            count += 1
            if isThrough { break }
            row += 1 + Int(random.next() % 3)
        }
        print("ORDER \(kind): interrupted at \(count) rows of \(row)")
        #expect(count > 3)
    }
}

extension WindowStore {
    /// From now on every transaction that writes the n-th row from here fails as a whole.
    func arm(_ row: Int) throws {
        for sql in Self.traps { try database.execute(sql) }
        try database.execute("INSERT INTO trap (rest) VALUES (?)", .integer(Int64(row)))
    }

    /// Takes the traps away, if there are any.
    func disarm() throws {
        guard try count("SELECT count(*) FROM sqlite_schema WHERE name = 'trap'") == 1 else { return }
        for sql in Self.disarming { try database.execute(sql) }
    }

    private static let traps: [StaticString] = [
        "CREATE TABLE trap (rest INTEGER NOT NULL)",
        "CREATE TRIGGER trap_1 BEFORE INSERT ON change BEGIN UPDATE trap SET rest = rest - 1; SELECT RAISE(ABORT, 'trap') FROM trap WHERE rest = 0; END",
        "CREATE TRIGGER trap_2 BEFORE INSERT ON outbox BEGIN UPDATE trap SET rest = rest - 1; SELECT RAISE(ABORT, 'trap') FROM trap WHERE rest = 0; END",
        "CREATE TRIGGER trap_3 BEFORE DELETE ON outbox BEGIN UPDATE trap SET rest = rest - 1; SELECT RAISE(ABORT, 'trap') FROM trap WHERE rest = 0; END",
        "CREATE TRIGGER trap_4 BEFORE INSERT ON sync_state BEGIN UPDATE trap SET rest = rest - 1; SELECT RAISE(ABORT, 'trap') FROM trap WHERE rest = 0; END",
        "CREATE TRIGGER trap_5 BEFORE INSERT ON order_run BEGIN UPDATE trap SET rest = rest - 1; SELECT RAISE(ABORT, 'trap') FROM trap WHERE rest = 0; END",
        "CREATE TRIGGER trap_6 BEFORE DELETE ON order_run BEGIN UPDATE trap SET rest = rest - 1; SELECT RAISE(ABORT, 'trap') FROM trap WHERE rest = 0; END",
        "CREATE TRIGGER trap_7 BEFORE INSERT ON offer BEGIN UPDATE trap SET rest = rest - 1; SELECT RAISE(ABORT, 'trap') FROM trap WHERE rest = 0; END",
        "CREATE TRIGGER trap_8 BEFORE INSERT ON case_cache BEGIN UPDATE trap SET rest = rest - 1; SELECT RAISE(ABORT, 'trap') FROM trap WHERE rest = 0; END",
        "CREATE TRIGGER trap_9 BEFORE INSERT ON wanted BEGIN UPDATE trap SET rest = rest - 1; SELECT RAISE(ABORT, 'trap') FROM trap WHERE rest = 0; END",
    ]

    private static let disarming: [StaticString] = [
        "DROP TRIGGER trap_1", "DROP TRIGGER trap_2", "DROP TRIGGER trap_3", "DROP TRIGGER trap_4",
        "DROP TRIGGER trap_5", "DROP TRIGGER trap_6", "DROP TRIGGER trap_7", "DROP TRIGGER trap_8",
        "DROP TRIGGER trap_9", "DROP TABLE trap",
    ]
}
