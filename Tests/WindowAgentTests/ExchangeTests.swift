import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Exchanges with central")
struct ExchangeTests {
    private let machine: TestMachine
    private var central = ModelCentral.with(.test)
    init() throws { machine = try TestMachine() }

    @Test("What was saved arrives, is confirmed and comes back as a range; then there is nothing to do")
    mutating func roundTrip() async throws {
        let store = try await machine.open()
        for _ in 0..<3 { _ = try await store.newCase() }
        let taken = try await central.exchange(with: store)
        #expect((taken.confirmed, taken.received, taken.passed) == (3, 0, 3))
        #expect(try await central.settle(with: store) == 1)
        #expect(try await store.outbox(limit: 9) == [])
        try await central.expectSettled(with: store)
        let quiet = try await store.compose(bytesMax: 1000, budget: 1000).request
        #expect(quiet.pushes == [] && quiet.wanted == [] && quiet.sums == [])
        #expect(quiet.heads.count == 1, "the replica that writes now")
    }

    @Test(
        "Only heads that matter are told: writing now, unconfirmed, not yet seen in the feed, or in turn not backed up"
    )
    mutating func heads() async throws {
        for _ in 0..<4 { _ = try await machine.open().newCase() }
        var store = try await machine.open()
        #expect(try await store.compose(bytesMax: 1000, budget: 1000).request.heads.count == 4)
        try await central.settle(with: store)
        store = try await machine.open()
        var asked: [ReplicaHead] = []
        for _ in 0..<5 {
            let heads = try await store.compose(bytesMax: 1000, budget: 1000).request.heads
            #expect(heads.count <= 1)
            asked += heads
        }
        #expect(Set(asked.map(\.replica)).count == 4)
        try await backUp(asked, store)
        #expect(try await store.figures().backedUp == 4)
        #expect(try await store.compose(bytesMax: 1000, budget: 1000).request.heads == [])
        _ = try await store.newCase()
        #expect(try await store.compose(bytesMax: 1000, budget: 1000).request.heads.count == 1)
    }

    /// Central answers that it has as much of each replica in a verified backup.
    private mutating func backUp(_ heads: [ReplicaHead], _ store: WindowStore) async throws {
        let outgoing = try await store.compose(bytesMax: 1000, budget: 1000)
        var answer = try central.answer(outgoing)
        answer.backedUp = heads.map { Watermark(replica: $0.replica, sequence: $0.sequence) }
        _ = try await store.take(answer, for: outgoing)
    }

    @Test("What was in a verified backup is never said to be in less, also when central knows of less")
    mutating func neverLess() async throws {
        let store = try await machine.open()
        for _ in 0..<3 { _ = try await store.newCase() }
        try await central.settle(with: store)
        let head = try #require(try await store.compose(bytesMax: 1000, budget: 1000).request.heads.first)
        try await backUp([head], store)
        try await backUp([ReplicaHead(replica: head.replica, sequence: 1, chain: head.chain)], store)
        #expect(try await store.figures().backedUp == 3)
    }

    @Test("A batch keeps to its bytes, but one change goes however large it is")
    func batches() async throws {
        let store = try await machine.open()
        for _ in 0..<4 { _ = try await store.newCase(["note": .text(String(repeating: "x", count: 3000))]) }
        func bodies(_ bytesMax: Int) async throws -> Int {
            try await store.compose(bytesMax: bytesMax, budget: 1).request.pushes.reduce(0) { count, push in
                if case .run(_, _, _, let bodies) = push { count + bodies.count } else { count }
            }
        }
        #expect(try await bodies(1) == 1)
        #expect(try await bodies(7000) == 2)
        #expect(try await bodies(100_000) == 4)
    }

    @Test(
        "Changes of central and departments come in, are folded and shown, within any budget",
        arguments: [1, 700, 1 << 20])
    mutating func others(budget: UInt64) async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        try await central.settle(with: store)
        let police = Author(role: .department, unit: "police", user: "po")
        for number in 0..<5 {
            try central.write([try group("notes"): .init(value: [.text("\(number)")], replaces: [])], on: id)
        }
        try central.write(
            [
                try group("hukouResult"): .init(
                    value: [.text("done"), .null, .null, .null, .null, .null], replaces: [])
            ],
            on: id, by: police)
        let rounds = try await central.settle(with: store, budget: budget)
        #expect(rounds >= (budget == 1 ? 6 : 1))
        #expect(try await store.view(of: id).text("hukouResultStatus") == "done")
        try await central.expectSettled(with: store)
    }

    @Test("A set-aside is followed, and what it had replaced stands again")
    mutating func asides() async throws {
        let store = try await machine.open()
        let id = try await store.newCase(["childName": .text("甲")])
        _ = try await store.edit(id, ["childName": .text("乙")], .clerk)
        let target = try #require(try await store.log().last)
        try await central.settle(with: store)
        try central.write(asides: [target.id: .init(reason: "role", replaces: [])], on: id)
        try await central.settle(with: store)
        #expect(try await store.view(of: id).text("childName") == "甲")
        #expect(try await store.figures().asides == 1)
        try await central.expectSettled(with: store)
    }

    @Test("The same answer twice, or a late one, changes nothing")
    mutating func repeatedAnswers() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        let first = try await store.compose(bytesMax: 100_000, budget: 100_000)
        let answer = try central.answer(first)
        let second = try await store.compose(bytesMax: 100_000, budget: 100_000)
        try central.write([try group("notes"): .init(value: [.text("x")], replaces: [])], on: id)
        let later = try central.answer(second)
        #expect(try await store.take(later, for: second).confirmed == 1)
        let (rows, figures) = (try await store.cacheRows(), try await store.figures())
        for (response, outgoing) in [(answer, first), (later, second), (later, first), (answer, second)] {
            let taken = try await store.take(response, for: outgoing)
            #expect((taken.confirmed, taken.received, taken.passed, taken.hasMore) == (0, 0, 0, false))
        }
        #expect(try await store.cacheRows() == rows)
        #expect(try await store.figures() == figures)
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
    }

    @Test("An answer to a request of before is not used once a repair was ordered")
    mutating func answerAfterOrder() async throws {
        let store = try await machine.open()
        _ = try await store.newCase()
        let outgoing = try await store.compose(bytesMax: 100_000, budget: 100_000)
        let answer = try central.answer(outgoing)
        try await store.orderRepair(.pull)
        let taken = try await store.take(answer, for: outgoing)
        #expect(taken.confirmed == 0 && taken.isRepairing && taken.hasMore)
        #expect(try await store.figures().sync.witness == .start)
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
    }

    @Test(
        "Cursor, witness and data are one transaction: an answer that cannot be stored leaves all as it was")
    mutating func oneTransaction() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        try await central.settle(with: store)
        for _ in 0..<9 {
            let text = String(repeating: "x", count: 9000)
            try central.write([try group("notes"): .init(value: [.text(text)], replaces: [])], on: id)
        }
        let (rows, figures) = (try await store.cacheRows(), try await store.figures())
        var refusals = 0
        for room in Int64(0)..<60 {
            let outgoing = try await store.compose(bytesMax: 1000, budget: 1 << 20)
            let answer = try central.answer(outgoing)
            try await store.limitPages(more: room)
            do { _ = try await store.take(answer, for: outgoing) } catch { refusals += 1 }
            try await store.limitPages(more: nil)
            if try await store.figures() != figures { break }
            #expect(try await store.cacheRows() == rows)
            try await store.expectSound()
        }
        #expect(refusals > 10, "the limit did not bite")
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
    }

    @Test(
        "A case that enters brings its history; one that leaves is marked and out of the sum; both are followed"
    )
    mutating func scope() async throws {
        let store = try await machine.open()
        let mine = try await store.newCase()
        try await central.settle(with: store)
        let other = HospitalID(record: CaseID(milliseconds: 2, random: (2, 2)))
        central.open(other)
        let moved = CaseID(milliseconds: 77, random: (7, 7))
        central.enter(moved, other)
        for name in ["甲", "乙"] {
            try central.write([try group("childName"): .init(value: [.text(name)], replaces: [])], on: moved)
        }
        central.enter(moved, .test)
        central.leave(mine, .test)
        try await central.settle(with: store)
        #expect(try await store.departedCases(limit: 9).map(\.id) == [mine])
        #expect(try await store.state(of: moved).count == 2)
        try await central.expectSettled(with: store)
        try await store.orderRepair(.pull)
        try await central.settle(with: store)
        #expect(try await store.departedCases(limit: 9).map(\.id) == [mine])
        try await central.expectSettled(with: store)
    }

    @Test("A case that comes back is the window's again, and can leave once more")
    mutating func comesBack() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        try await central.settle(with: store)
        for _ in 0..<2 {
            central.leave(id, .test)
            try await central.settle(with: store)
            central.enterAgain(id, .test)
            try await central.settle(with: store)
            #expect(try await store.cases(limit: 1).map(\.id) == [id])
            _ = try await store.edit(id, ["note": .text("\(machine.now)")], .clerk)
            try await central.settle(with: store)
            try await central.expectSettled(with: store)
            machine.pass(milliseconds: 1)
        }
    }

    @Test("Unsent changes of a case that left are still taken")
    mutating func lateChanges() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        try await central.settle(with: store)
        _ = try await store.edit(id, ["note": .text("late")], .clerk)
        let late = try #require(try await store.log().last)
        central.leave(id, .test)
        try await central.settle(with: store)
        #expect(central.held.contains(late.id))
        #expect(try await store.figures().outbox == 0)
    }

    @Test("Entries of a later version are kept as they came, and the feed is followed past them")
    mutating func unknownEntries() async throws {
        let store = try await machine.open()
        _ = try await store.newCase()
        var writer = CBORWriter()
        writer.writeArray(2)
        writer.write(UInt64(99))
        writer.write("of tomorrow")
        central.append(.unknown(writer.bytes), to: .test)
        try await central.settle(with: store)
        _ = try await store.newCase()
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
        #expect(try await store.count("SELECT count(*) FROM kept_entry") == 1)
    }

    @Test("A received change that no version can read is kept, told, and in nobody's way")
    mutating func poison() async throws {
        let store = try await machine.open()
        _ = try await store.newCase()
        central.append(.poison(ReplicaID(rawValue: 66), 3, [0xFF, 0x00]), to: .test)
        _ = try await store.newCase()
        try await central.settle(with: store)
        _ = try await store.newCase()
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
        #expect(try await store.figures().refusals == 1)
        #expect(try await store.count("SELECT length(item) FROM kept_entry") == 43)  // sealed
    }

    @Test("An own change that is not here is asked for, told, and in nobody's way", arguments: 1...5)
    mutating func missingOwnChange(sequence: Int) async throws {
        var store = try await machine.open()
        let id = try await store.newCase()
        for text in ["1", "2", "3", "4"] { _ = try await store.edit(id, ["note": .text(text)], .clerk) }
        // Central has it, and the answer with its place in the feed is lost.
        let outgoing = try await store.compose(bytesMax: 1 << 20, budget: 1)
        _ = try central.answer(outgoing)
        try await store.remove(sequence: Int64(sequence))
        try await central.settle(with: store)
        #expect(try await store.state(of: id) == central.state(of: id))
        #expect(try await store.figures().sync.place.point == central.feeds[.test]?.head)
        #expect(try await store.figures().sync.repair == nil)
        #expect(try await store.figures().refusals == 1)
        store = try await machine.open()
        _ = try await store.newCase()
        try await central.settle(with: store)
        #expect(try await store.figures().outbox == 0)
    }

    @Test("One dot and one sequence with several contents are all kept, in whatever mixture they come")
    mutating func variants() async throws {
        let store = try await machine.open()
        let (id, other) = (try await store.newCase(), try await store.newCase())
        try await central.settle(with: store)
        let replica = ReplicaID(rawValue: 99)
        for (sequence, edition, caseID) in [
            (1, 1, id), (1, 1, other), (1, 1, id), (2, 1, id), (2, 2, id), (1, 2, id),
        ] {
            let content = ChangeContent(
                writes: [try group("notes"): .init(value: [.text("\(central.held.count)")], replaces: [])],
                time: HybridTime(rawValue: 1), author: Author(role: .central, unit: "", user: "x"))
            central.accept(
                try Change(
                    replica: replica, sequence: UInt64(sequence), caseID: caseID, edition: UInt64(edition),
                    content: content), for: nil)
        }
        try await central.settle(with: store)
        #expect(try await store.state(of: id).forked.count == 2)
        #expect(try await store.state(of: id) == central.state(of: id))
        #expect(try await store.figures().changes == 8)
        #expect(try await store.figures().sync.repair == nil)
    }

    @Test("Of several cases that are pulled each comes whole, one exchange after the other")
    mutating func wanted() async throws {
        let store = try await machine.open()
        var ids: [CaseID] = []
        for _ in 0..<3 { ids.append(try await store.newCase()) }
        try await central.settle(with: store)
        for id in ids { try await store.orderRepair(.pull, only: id) }
        let cursor = try await store.figures().sync.place
        try await central.settle(with: store)
        #expect(try await store.count("SELECT count(*) FROM wanted") == 0)
        #expect(try await store.figures().sync.place == cursor, "the feed is not read again for that")
        try await central.expectSettled(with: store)
    }
}

extension WindowStore {
    /// Takes an own change out of the log, as damage to the file might.
    func remove(sequence: Int64) throws {
        try database.execute("DELETE FROM outbox")
        try database.execute("UPDATE replica SET confirmed = sequence")
        try database.execute("DELETE FROM change WHERE sequence = ?", .integer(sequence))
    }
}
