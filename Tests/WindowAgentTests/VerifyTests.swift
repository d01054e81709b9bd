import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Verify: what this window and central hold is compared and mended")
struct VerifyTests {
    private let machine: TestMachine
    private var central = ModelCentral.with(.test)
    init() throws { machine = try TestMachine() }

    /// A window with some cases on which central wrote too, settled.
    private mutating func filled(caseCount: Int = 5) async throws -> (store: WindowStore, ids: [CaseID]) {
        let store = try await machine.open()
        var ids: [CaseID] = []
        for _ in 0..<caseCount {
            let id = try await store.newCase(["childName": .text("甲")])
            try await store.rename(id, "乙")
            try await central.settle(with: store)
            try central.write([try group("notes"): .init(value: [.text("x")], replaces: [])], on: id)
            machine.pass(milliseconds: 60_000)
            central.milliseconds += 60_000
            ids.append(id)
        }
        try await central.settle(with: store)
        return (store, ids)
    }

    private func expectEqual(_ store: WindowStore, _ comment: String = "") async throws {
        let result = try await central.verify(with: store)
        #expect(result.isEqual, "\(comment): \(result)")
    }

    @Test("After an exchange everything is equal, in one round trip")
    mutating func equal() async throws {
        let (store, ids) = try await filled()
        let result = try await central.verify(with: store)
        #expect(result.isEqual && result.rounds == 1 && result.count == ids.count)
    }

    @Test("Own changes on their way are no difference: unsent, sent, or confirmed and not in the feed yet")
    mutating func onTheirWay() async throws {
        let (store, ids) = try await filled()
        try await store.rename(ids[0], "丙")
        _ = try await store.newCase()
        try await expectEqual(store, "unsent")
        let outgoing = try await store.compose(bytesMax: 1 << 14, budget: 1)
        _ = try central.answer(outgoing)
        let scope = try #require(try await store.scopeSums())
        var initiator = VerifyInitiator(scope.sums, of: scope.hospital, at: scope.point)
        let answer = try await central.verifyResponder(.test).answer(initiator.first)
        guard case .elsewhere(let head) = try initiator.receive(answer) else {
            return #expect(Bool(false), "central's feed has gone on")
        }
        #expect(head == central.feeds[.test]?.head)
        try await central.settle(with: store)
        try await expectEqual(store, "sent")
        // A budget of nothing brings one entry: changes are confirmed long before the feed shows them.
        for number in 0..<5 { try await store.rename(ids[1], "丁\(number)") }
        try await central.exchange(with: store, budget: 0)
        #expect(try await store.figures().outbox == 0)
        try await central.settle(with: store)
        try await expectEqual(store)
    }

    @Test("A case that left is compared on neither side, and one that came is on both")
    mutating func movingCases() async throws {
        let (store, ids) = try await filled()
        central.leave(ids[0], .test)
        try await central.settle(with: store)
        #expect(try await central.verify(with: store).count == ids.count - 1)
        try await expectEqual(store)
        central.enterAgain(ids[0], .test)
        try await central.settle(with: store)
        try await expectEqual(store)
    }

    /// What may be lost or damaged in the file behind the program's back.
    enum Damage: CaseIterable {
        case foreignChange, ownChange, lastOwnChange, wholeCase, cacheRow, cacheSum

        func happen(to store: WindowStore) async throws {
            switch self {
            case .foreignChange:
                try await store.execute(
                    "DELETE FROM change WHERE number = (SELECT max(number) FROM change WHERE own_replica IS NULL)"
                )
            case .ownChange:
                try await store.execute("DELETE FROM change WHERE sequence = 3 AND own_replica IS NOT NULL")
            case .lastOwnChange:
                try await store.execute(
                    "DELETE FROM change WHERE number = (SELECT max(number) FROM change WHERE own_replica IS NOT NULL)"
                )
            case .wholeCase:
                try await store.execute(
                    "DELETE FROM change WHERE case_id = (SELECT min(case_id) FROM change)")
            case .cacheRow:
                try await store.execute(
                    "DELETE FROM case_cache WHERE case_id = (SELECT min(case_id) FROM case_cache)")
            case .cacheSum:
                try await store.execute(
                    "UPDATE case_cache SET fingerprint = zeroblob(32) WHERE case_id = (SELECT min(case_id) FROM case_cache)"
                )
            }
        }

        var isInLog: Bool { self != .cacheRow && self != .cacheSum }
    }

    @Test("What was lost here is found and comes back; caches are made anew", arguments: Damage.allCases)
    mutating func lostHere(damage: Damage) async throws {
        let (store, _) = try await filled()
        let before = try await store.log()
        try await damage.happen(to: store)
        let found = try await central.verify(with: store)
        #expect(found.isEqual == !damage.isInLog, "\(damage)")
        #expect(found.cases.count == (damage.isInLog ? 1 : 0), "\(damage)")
        if damage.isInLog { try await store.orderRepair(of: found.cases) }
        try await central.settle(with: store)
        try await expectEqual(store, "\(damage)")
        #expect(Set(try await store.log()) == Set(before), "\(damage)")
        if damage != .wholeCase { try await store.expectSound("\(damage)") }
        // What is written from now on goes the usual way.
        _ = try await store.newCase()
        try await central.settle(with: store)
        #expect(try await store.figures().outbox == 0)
        try await expectEqual(store, "\(damage)")
    }

    @Test("What central lost of others' changes is brought back, and nothing else is sent")
    mutating func lostThere() async throws {
        let (store, ids) = try await filled()
        let foreign = try #require(try await store.log().first { $0.content?.author.role == .central })
        central.lose(foreign.id)
        let found = try await central.verify(with: store)
        #expect(found.differing == [foreign.caseID])
        try await store.orderRepair(of: found.cases)
        try await central.settle(with: store)
        #expect(central.held.contains(foreign.id))
        #expect(ids.contains(foreign.caseID))
        try await expectEqual(store)
    }

    @Test("A change of this window that is missing in the middle of central's chain is found, and stays told")
    mutating func holeInChain() async throws {
        let (store, _) = try await filled()
        let own = try #require(try await store.log().first { $0.content?.author.role == .window })
        central.lose(own.id)
        let before = Set(try await store.log())
        let found = try await central.verify(with: store)
        #expect(found.differing == [own.caseID])
        try await store.orderRepair(of: found.cases)
        try await central.settle(with: store)
        #expect(try await store.figures().sync.repair == nil)
        #expect(try await store.count("SELECT count(*) FROM wanted") == 0)
        #expect(Set(try await store.log()) == before)
        #expect(try await central.verify(with: store).differing == [own.caseID])
    }

    @Test("Cut at any step, before and after central's commit, nothing unconfirmed is lost and it is mended")
    mutating func interrupted() async throws {
        for cut in 0..<9 {
            for isCommitted in [false, true] {
                self = try VerifyTests()
                var (store, ids) = try await filled(caseCount: 3)
                let foreign = try #require(
                    try await store.log().first { $0.content?.author.role == .central })
                central.lose(foreign.id)
                try await Damage.foreignChange.happen(to: store)
                try await store.rename(ids[1], "未确认")
                var mine = Set(try await store.log())
                let found = try await central.verify(with: store)
                #expect(found.differing.count == 2)
                try await store.orderRepair(of: found.cases)
                for _ in 0..<cut {
                    try await central.exchange(with: store, bytesMax: 300)
                    try await store.rename(ids[2], "修复时写的")
                    machine.pass(milliseconds: 1)
                    mine.formUnion(try await store.log())
                }
                let outgoing = try await store.compose(bytesMax: 300, budget: 1000)
                if isCommitted { _ = try central.answer(outgoing) }
                store = try await machine.open()
                let comment = "cut \(cut), \(isCommitted)"
                #expect(mine.isSubset(of: Set(try await store.log())), "\(comment)")
                try await central.settle(with: store, bytesMax: 300)
                #expect(try await store.figures().outbox == 0, "\(comment)")
                #expect(mine.allSatisfy { central.held.contains($0.id) }, "\(comment)")
                try await expectEqual(store, comment)
                try await store.expectSound(comment)
            }
        }
    }

    @Test("A verify's repair does not hide that central went back, and never narrows another one")
    mutating func wentBack() async throws {
        let (store, ids) = try await filled()
        let before = central.held
        var backup = ModelCentral.with(.test)
        backup.epoch = Epoch(rawValue: 2)
        backup.restart(replica: 0xC1)
        central = backup
        try await store.orderRepair(of: [ids[0]])
        try await central.settle(with: store)
        #expect(central.held == before)
        try await central.expectSettled(with: store)
        for cause in [SyncState.Repair.Cause.push, .pull, .centralWentBack, .sumsDiffer] {
            for only in [nil, ids[0]] {
                let other = SyncState.Repair(cause: cause, only: only)
                let verify = SyncState.Repair(cause: .verify)
                #expect(other.widened(by: verify).only == nil)
                #expect(other.widened(by: verify).cause != .verify)
                #expect(verify.widened(by: other).only == nil)
                #expect(verify.widened(by: other).cause != .verify)
            }
        }
    }

    @Test("While a repair is under way, or an exchange comes between, there are no sums")
    mutating func notNow() async throws {
        let (store, ids) = try await filled()
        try await store.orderRepair(of: [ids[0]])
        #expect(try await store.scopeSums() == nil)
    }

    @Test("Reading the log once for a verify: what it costs")
    mutating func cost() async throws {
        let (store, _) = try await filled(caseCount: 2)
        try await store.copyChanges(count: 3_000)
        let began = ContinuousClock.now
        let scope = try #require(try await store.scopeSums())
        print("VERIFY agent: 3,000 cases of 1 change in \(ContinuousClock.now - began)")
        #expect(scope.sums.count >= 3_000)
    }
}

extension ModelCentral {
    func verifyResponder(_ hospital: HospitalID) async throws -> VerifyResponder {
        let feed = try #require(feeds[hospital])
        let items = feed.scope.compactMap { id -> SortedSums.Item? in
            let state = state(of: id)
            guard state.count > 0 else { return nil }
            return SortedSums.Item(id, lastTime: state.lastTime, sum: state.fingerprint)
        }
        return VerifyResponder(SortedSums(items), at: feed.head)
    }

    /// One verify over the real encodings.
    func verify(with store: WindowStore, in hospital: HospitalID = .test) async throws -> VerifyResult {
        let scope = try #require(try await store.scopeSums())
        let responder = try await verifyResponder(hospital)
        var initiator = VerifyInitiator(scope.sums, of: scope.hospital, at: scope.point)
        var request = initiator.first
        while true {
            let answer = responder.answer(try VerifyRequest(decoding: request.encoded))
            switch try initiator.receive(try VerifyResponse(decoding: answer.encoded)) {
            case .send(let next): request = next
            case .finished(let result): return result
            case .elsewhere: throw Broken(what: "central is at another place")
            }
        }
    }
}

extension WindowStore {
    func rename(_ id: CaseID, _ name: String) throws {
        _ = try edit(id, ["childName": .text(name)], .clerk)
    }

    /// Many cases of one change each, as if another hospital had written them.
    func copyChanges(count: Int) throws {
        try write {
            for number in 1...count {
                let change = try Change(
                    replica: ReplicaID(rawValue: 77), sequence: UInt64(number),
                    caseID: CaseID(milliseconds: UInt64(number), random: (1, UInt64(number) << 2)),
                    edition: 1,
                    content: ChangeContent(
                        time: HybridTime(milliseconds: UInt64(number)),
                        author: Author(role: .window, unit: "x", user: "x")))
                try insert(change, own: nil, receipt: nil, savedAt: 1)
                try database.execute(
                    "INSERT INTO case_cache (case_id, fingerprint, changes, conflicts, asides, forked, changed_at, summary) VALUES (?, ?, 1, 0, 0, 0, 1, x'7b7d')",
                    .blob(change.caseID.bytes),
                    .blob(change.id.bytes))
            }
        }
    }
}
