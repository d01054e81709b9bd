import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Repair: central went back in time")
struct RepairTests {
    private let machine: TestMachine
    private var central = ModelCentral.with(.test)
    init() throws { machine = try TestMachine() }

    /// A window with three cases, on which central wrote too, all of it after the backup that is returned.
    private mutating func filled() async throws -> (store: WindowStore, backup: ModelCentral) {
        let store = try await machine.open()
        _ = try await store.newCase()
        try await central.settle(with: store)
        let backup = central
        for _ in 0..<3 {
            let id = try await store.newCase(["childName": .text("甲")])
            try await central.settle(with: store)
            try central.write([try group("notes"): .init(value: [.text("x")], replaces: [])], on: id)
            let target = try #require(try await store.log().last)
            try central.write(asides: [target.id: .init(reason: "role", replaces: [])], on: id)
        }
        try await central.settle(with: store)
        return (store, backup)
    }

    @Test(
        "Everything that central lost is brought back, also its own changes, and the feed is read anew",
        arguments: [300, 16_384])
    mutating func bringsBack(bytesMax: Int) async throws {
        let (store, backup) = try await filled()
        let before = central.held
        central = backup
        central.epoch = Epoch(rawValue: 2)
        central.restart(replica: 0xC1)
        try await central.settle(with: store, bytesMax: bytesMax)
        #expect(central.held == before)
        #expect(central.waiting == [])
        try await central.expectSettled(with: store)
        _ = try await store.newCase()
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
    }

    @Test("Central's verdicts come before what they are about")
    mutating func verdictsFirst() async throws {
        let (store, backup) = try await filled()
        central = backup
        central.restart(replica: 0xC1)
        try await central.settle(with: store, bytesMax: 700)
        for (id, changes) in central.changes
        where changes.contains(where: { !($0.content?.asides.isEmpty ?? true) }) {
            let first = try #require(changes.first { $0.content?.author.role == .central })
            let foreign = changes.filter { $0.replica == first.replica }
            #expect(foreign.count == 2, "\(id)")
        }
        try await central.expectSettled(with: store)
    }

    @Test("A repair survives restarts and cuts at every exchange, before and after central's commit")
    mutating func cuts() async throws {
        for cut in 0..<14 {
            for isCommitted in [false, true] {
                self = try RepairTests()
                var (store, backup) = try await filled()
                let before = central.held
                central = backup
                central.restart(replica: 0xC1)
                for _ in 0..<cut { try await central.exchange(with: store, bytesMax: 500) }
                let outgoing = try await store.compose(bytesMax: 500, budget: 1000)
                if isCommitted { _ = try central.answer(outgoing) }
                let repair = try await store.figures().sync.repair
                store = try await machine.open()
                #expect(try await store.figures().sync.repair == repair)
                try await central.settle(with: store, bytesMax: 500)
                #expect(before.subtracting(central.held).count == 0, "cut \(cut), \(isCommitted)")
                try await central.expectSettled(with: store, "cut \(cut), \(isCommitted)")
            }
        }
    }

    @Test("Central that goes back once more in the middle of a repair gets everything all the same")
    mutating func twice() async throws {
        for step in 1..<12 {
            self = try RepairTests()
            let (store, backup) = try await filled()
            let before = central.held
            central = backup
            central.restart(replica: 0xC1)
            for _ in 0..<step { try await central.exchange(with: store, bytesMax: 500) }
            central = backup
            central.epoch = Epoch(rawValue: 3)
            central.restart(replica: 0xC2)
            try await central.settle(with: store, bytesMax: 500)
            #expect(before.subtracting(central.held).count == 0, "step \(step)")
            try await central.expectSettled(with: store, "step \(step)")
        }
    }

    @Test("What was saved during a repair arrives too")
    mutating func savesMeanwhile() async throws {
        let (store, backup) = try await filled()
        central = backup
        central.restart(replica: 0xC1)
        for _ in 0..<6 {
            try await central.exchange(with: store, bytesMax: 500)
            _ = try await store.newCase()
        }
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
    }

    @Test("An ordered push of one case does not hide that central went back")
    mutating func narrowOrder() async throws {
        let (store, backup) = try await filled()
        let before = central.held
        central = backup
        central.restart(replica: 0xC1)
        let id = try #require(try await store.cases(limit: 1).first?.id)
        try await store.orderRepair(.push, only: id)
        try await central.settle(with: store)
        #expect(central.held == before)
        try await central.expectSettled(with: store)
    }

    @Test(
        "Resync orders discard nothing and end", arguments: [SyncState.Repair.Cause.push, .pull],
        [false, true])
    mutating func orders(cause: SyncState.Repair.Cause, isSingle: Bool) async throws {
        let (store, _) = try await filled()
        let id = try await store.newCase()
        let witness = try await store.figures().sync.witness
        try await store.orderRepair(cause, only: isSingle ? id : nil)
        try await central.settle(with: store)
        #expect(try await store.figures().sync.witness.position >= witness.position)
        try await central.expectSettled(with: store)
    }

    @Test("A change whose receipt central does not know waits for a person, is told, and holds nothing up")
    mutating func badReceipt() async throws {
        let (store, backup) = try await filled()
        try await store.execute(
            "UPDATE change SET receipt = zeroblob(16) WHERE number = (SELECT max(number) FROM change WHERE own_replica IS NULL)"
        )
        central = backup
        central.restart(replica: 0xC1)
        try await central.settle(with: store)
        #expect(Set(central.waiting).count == 1)
        #expect(try await store.figures().sync.repair == nil)
        #expect(try await store.figures().refusals == 1)
        let rounds = central.waiting.count
        try await store.orderRepair(.push)
        try await central.settle(with: store)
        #expect(central.waiting.count == rounds + 1, "an order offers it once more, and once only")
    }

    @Test("A change of others without a receipt is told and holds nothing up")
    mutating func noReceipt() async throws {
        let (store, backup) = try await filled()
        try await store.execute("UPDATE change SET receipt = NULL WHERE own_replica IS NULL")
        central = backup
        central.restart(replica: 0xC1)
        try await central.settle(with: store)
        #expect(try await store.figures().sync.repair == nil)
        #expect(try await store.figures().refusals > 0)
        #expect(try await store.figures().outbox == 0)
    }

    @Test("A feed that ends otherwise is repaired and read anew, at most once a day")
    mutating func otherFeed() async throws {
        let (store, _) = try await filled()
        try await store.execute("UPDATE sync_state SET chain = zeroblob(32)")
        let rounds = try await central.settle(with: store)
        #expect(rounds > 1)
        try await central.expectSettled(with: store)
        #expect(try await store.figures().sync.mismatchAt == machine.now)
        #expect(try await store.figures().sync.mendedAt == machine.now)
        try await store.execute("UPDATE sync_state SET chain = zeroblob(32)")
        #expect(try await central.settle(with: store) == 1)
        machine.pass(milliseconds: WindowStore.mismatchMillisecondsMin)
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
    }

    @Test(
        "A scope whose sum differs is to be verified, not repaired; if the logs are equal, the sum of the log is kept"
    )
    mutating func mismatch() async throws {
        let (store, _) = try await filled()
        try await store.execute("UPDATE sync_state SET fingerprint = zeroblob(32)")
        let taken = try await central.exchange(with: store)
        #expect(taken.needsVerify && !taken.isRepairing)
        #expect(try await store.figures().sync.mismatchAt == machine.now)
        let scope = try #require(try await store.scopeSums())
        try await store.noteVerified()
        try await store.adoptSum(of: scope)
        machine.pass(milliseconds: 5)
        #expect(try await !central.exchange(with: store).needsVerify)
        #expect(try await store.figures().sync.mendedAt == machine.now)
        try await central.expectSettled(with: store)
    }

    @Test("An answer to the middle of a repair by a central that went back again begins it anew")
    mutating func sentBack() async throws {
        let (store, backup) = try await filled()
        let before = central.held
        central = backup
        central.restart(replica: 0xC1)
        for _ in 0..<3 { try await central.exchange(with: store, bytesMax: 300) }
        let head = try #require(try await store.figures().sync.repair?.head)
        // Another life, whose feed is longer by now than the one that the repair has seen.
        central = backup
        central.restart(replica: 0xC2)
        let id = try #require(central.changes.keys.first)
        let notes = try group("notes")
        for _ in 0...head.position {
            try central.write([notes: .init(value: [.text("z")], replaces: [])], on: id)
        }
        let taken = try await central.exchange(with: store, bytesMax: 300)
        #expect(taken.isRepairing && taken.hasMore)
        #expect(try await store.figures().sync.repair?.head == nil)
        try await central.settle(with: store, bytesMax: 300)
        #expect(before.subtracting(central.held).isEmpty)
        try await central.expectSettled(with: store)
    }

    @Test("A case whose leaving central has forgotten is the window's again")
    mutating func forgottenLeaving() async throws {
        let (store, _) = try await filled()
        let backup = central
        let id = try #require(try await store.cases(limit: 1).first?.id)
        central.leave(id, .test)
        try await central.settle(with: store)
        #expect(try await store.departedCases(limit: 9).map(\.id) == [id])
        central = backup
        central.restart(replica: 0xC1)
        try await central.settle(with: store)
        #expect(try await store.departedCases(limit: 9).isEmpty)
        _ = try await store.edit(id, ["note": .text("on")], .clerk)
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
    }

    @Test("More cases than fit into one page of sums")
    mutating func pages() async throws {
        let store = try await machine.open()
        for _ in 0..<30 {
            _ = try await store.newCases(
                (0..<10).map { Answers(["childName": .text("\($0)")]) }, policy: try testPolicy(), .clerk)
        }
        try await central.settle(with: store, bytesMax: 1 << 20)
        let before = central.held
        central = ModelCentral.with(.test)
        central.epoch = Epoch(rawValue: 2)
        try await central.settle(with: store, bytesMax: 1 << 20)
        #expect(central.held == before)
        try await central.expectSettled(with: store)
    }
}
