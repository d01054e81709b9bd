import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Administration: policies withdrawn, cases archived, hospitals closed, and who did it")
struct AdministrationTests {
    private let world: World
    private static let year: UInt64 = 366 * 86_400_000

    init() throws { world = try World() }

    private var later: @Sendable () -> UInt64 { { [world] in world.environment.now() + Self.year } }
    private var archive: ArchiveDesk { ArchiveDesk(store: world.store, books: world.books, now: later) }
    private var acts: ActDesk { ActDesk(store: world.store, books: world.books) }
    private var scope: ScopeDesk {
        ScopeDesk(store: world.store, books: world.books, now: world.environment.now)
    }

    /// A case that was accepted and closed.
    private func closedCase(of ward: Ward, _ number: UInt64, isClosed: Bool = true) async throws -> CaseID {
        let caseID = world.newCase()
        var writer = Writer(number)
        var writes: [UInt32: ([CBOR], [Dot])] = [
            1: ([.text("gx"), .unsigned(1)], []),
            4: ([.text("accept"), .text("2026-09-01"), .null, .null], []), 5: ([.text("2026-09-01")], []),
        ]
        if isClosed { writes[14] = ([.text("2026-09-02"), .null], []) }
        try writer.write(caseID, writes)
        try await ward.push(writer.run())
        return caseID
    }

    private func listed() async throws -> [CaseID] {
        // The hospital's own record is no case.
        let record = try await world.fleet.portrait(of: "H1").hospital.id.record
        return try await world.caseDesk.listed(before: nil, in: "H1", countMax: 200).cases.map(
            \.summary.caseID
        )
        .filter { $0 != record }
    }

    private func withdraw(
        _ version: Int, from addressees: RecordDesk.Addressees = .all, isForced: Bool = false
    ) async throws -> RecordDesk.Publication {
        try await world.recordDesk.withdraw(
            .init(policy: PolicyName(id: "gx", version: version), reason: "有误", isForced: isForced),
            from: addressees, by: "boss")
    }

    @Test(
        "A withdrawn version is nobody's newest, and stays that of the cases accepted under it; publishing takes it back"
    )
    func withdrawing() async throws {
        let first = try await world.hospital("H1")
        let file = try policyFile(version: 2)
        try await world.publish(file)
        #expect(world.books.casebook.policies["gx"]?.version == 2)
        #expect(try await withdraw(2).written == ["H1"])
        #expect(try await withdraw(2).unchanged == ["H1"])
        #expect(world.books.casebook.policies["gx"]?.version == 1)
        #expect(world.books.casebook.policies["gx", version: 2] != nil)
        #expect(try await world.view(of: first).withdrawn == [PolicyName(id: "gx", version: 2): "有误"])
        // Who comes later hears of it, too.
        let second = try await world.hospital("H2")
        #expect(try await world.view(of: second).withdrawn.count == 1)
        let listed = try await world.recordDesk.policies().policies.filter { $0.policy.id == "gx" }
        #expect(listed.map(\.isWithdrawn) == [true, false] && listed[0].withdrawnAt == ["H1", "H2"])
        #expect(try await world.publish(file).written == ["H1", "H2"])
        #expect(world.books.casebook.policies["gx"]?.version == 2)
        #expect(try await world.view(of: first).withdrawn.isEmpty)
        #expect(try await world.publish(file).written.isEmpty)
    }

    @Test("A hospital is left without any version only if that is forced; elsewhere nothing changes")
    func onlyVersion() async throws {
        _ = try await (world.hospital("H1"), world.hospital("H2"))
        await #expect(throws: CentralError.refused(.onlyPolicy(hospitals: ["H1", "H2"]))) {
            try await withdraw(1)
        }
        await #expect(throws: CentralError.refused(.unknownPolicy)) { try await withdraw(9) }
        #expect(try await withdraw(1, from: .hospitals(codes: ["H2"]), isForced: true).written == ["H2"])
        #expect(world.books.casebook.policies["gx"]?.version == 1)
        let listed = try #require(
            try await world.recordDesk.policies().policies.first { $0.policy.id == "gx" })
        #expect(!listed.isWithdrawn && listed.withdrawnAt == ["H2"])
        // What is published for all serves each of them.
        try await world.publish(policyFile(version: 2))
        #expect(try await withdraw(1).written == ["H1", "H2"])
    }

    @Test("What was said last counts, be it to one hospital or to all; a rebuild changes nothing")
    func lastWord() async throws {
        _ = try await (world.hospital("H1"), world.hospital("H2"))
        try await world.publish(policyFile(version: 2))
        func withdrawnAt() async throws -> [String] {
            try await world.recordDesk.policies().policies.first { $0.policy.id == "gx" }?.withdrawnAt ?? []
        }
        let policy = PolicyName(id: "gx", version: 2)
        let steps: [(RecordDesk.Addressees, Bool, [String])] = [
            (.all, true, ["H1", "H2"]), (.hospitals(codes: ["H1"]), false, ["H2"]),
            (.all, true, ["H1", "H2"]), (.hospitals(codes: ["H2"]), false, ["H1"]), (.all, false, []),
            (.hospitals(codes: ["H2"]), true, ["H2"]),
        ]
        for (addressees, isWithdrawn, expected) in steps {
            world.clock.withLock { $0 += 1 }
            if isWithdrawn {
                _ = try await withdraw(2, from: addressees)
            } else {
                _ = try await world.recordDesk.reinstate(policy, at: addressees, by: "boss")
            }
            #expect(try await withdrawnAt() == expected)
        }
        try await Rebuild(store: world.store, books: world.books).run()
        #expect(try await withdrawnAt() == ["H2"])
    }

    @Test("The list says how many cases were accepted under each version, after a rebuild too")
    func counting() async throws {
        let ward = try await world.hospital("H1")
        for number in 1...3 { _ = try await closedCase(of: ward, UInt64(number), isClosed: number > 1) }
        for _ in 1...2 {
            let listed = try await world.recordDesk.policies().policies.first { $0.policy.id == "gx" }
            #expect(listed?.caseCount == 3)
            try await Rebuild(store: world.store, books: world.books).run()
        }
    }

    @Test(
        "What is over for long enough is archived and leaves the lists; it can be opened, and a rebuild changes nothing"
    )
    func archiving() async throws {
        let ward = try await world.hospital("H1")
        let (over, open) = (
            try await closedCase(of: ward, 1), try await closedCase(of: ward, 2, isClosed: false)
        )
        let young = ArchiveDesk(store: world.store, books: world.books, now: world.environment.now)
        #expect(try await young.plan(.init()).candidates.isEmpty)
        #expect(try await archive.plan(.init(days: 367)).candidates.isEmpty)
        #expect(try await archive.plan(.init()).candidates.map(\.ended.caseID) == [over])
        let archived = try await archive.run(.init(), reason: "满一年", by: "boss")
        #expect(archived == ArchiveDesk.Archived(cases: [over]))
        #expect(try await archive.run(.init(), reason: "满一年", by: "boss").cases.isEmpty)
        #expect(try await listed() == [open])
        #expect(try await archive.list(after: nil, countMax: 9).map(\.ended.caseID) == [over])
        #expect(try await world.state(of: over).count == 2)
        try await Rebuild(store: world.store, books: world.books).run()
        #expect(try await listed() == [open])
        try await archive.open(over, reason: "查阅", by: "boss")
        #expect(try await Set(listed()) == [over, open])
        await #expect(throws: CentralError.refused(.unknownCase)) {
            try await archive.open(over, reason: "again", by: "boss")
        }
    }

    @Test("A case with a conflict stays, and the plan says why; a window's word archives nothing")
    func hindrances() async throws {
        let ward = try await world.hospital("H1")
        let caseID = try await closedCase(of: ward, 1)
        var (one, other) = (Writer(11), Writer(12))
        try one.write(caseID, [20: (CBOR.name("a"), [])])
        try other.write(caseID, [20: (CBOR.name("b"), []), 9060: ([.text("2026-09-02")], [])])
        try await ward.push(one.run(), other.run())
        #expect(try await listed() == [caseID])
        let archived = try await archive.run(.init(), reason: "满一年", by: "boss")
        #expect(archived.cases.isEmpty && archived.stayed.map(\.hindrance) == [.conflict])
    }

    @Test("A hospital's own setting decides how long its cases stay; an order beyond the limits is refused")
    func terms() async throws {
        let ward = try await world.hospital("H1")
        _ = try await closedCase(of: ward, 1)
        try await world.store.write { [world] transaction throws(CentralError) in
            var ledger = try Ledger(transaction, world.books, milliseconds: 1)
            let group = try world.books.casebook.group("hospitalSettings")
            let settings = CBOR.map([.init(key: .text("archiveAfterDays"), value: .text("9999"))])
            try ledger.write(
                Ledger.OwnChange(
                    writes: [group: ChangeContent.Write(value: [settings], replaces: [])],
                    author: Author(role: .central, unit: "", user: "boss")),
                on: ward.hospital.id.record, for: ward.hospital.id)
            try ledger.finish()
        }
        #expect(try await archive.plan(.init()).candidates.isEmpty)
        #expect(try await archive.plan(.init(days: 1)).candidates.count == 1)
        for days in [0, -1, ArchiveDesk.daysMax + 1] {
            await #expect(throws: CentralError.self) { try await archive.plan(.init(days: days)) }
        }
        for reason in ["", String(repeating: "x", count: 2_049)] {
            await #expect(throws: CentralError.self) {
                try await archive.run(.init(), reason: reason, by: "b")
            }
        }
    }

    @Test("All cases of a hospital move, some at a time; then it can be closed, and not before")
    func closing() async throws {
        let (old, _) = try await (world.hospital("H1"), world.hospital("H2"))
        // What is for all is in every hospital's scope, and no case.
        try await world.publish(policyFile(version: 2))
        let count = ScopeDesk.allPerCallMax + 3
        for number in 1...count { _ = try await closedCase(of: old, UInt64(number)) }
        let fleet = world.fleet
        await #expect(throws: CentralError.refused(.casesLeft)) {
            try await fleet.close("H1", reason: "并入", by: "boss", isDryRun: true)
        }
        let (dry, last) = try await scope.moveAll(
            of: "H1", to: "H2", reason: "并入", by: "boss", isDryRun: true)
        #expect(dry == .init(count: ScopeDesk.allPerCallMax, hasMore: true))
        let rest = try await scope.moveAll(
            of: "H1", to: "H2", reason: "并入", by: "boss", after: last, isDryRun: true)
        #expect(rest.moved == .init(count: 3, hasMore: false))
        for expected in [ScopeDesk.MovedAll(count: 100, hasMore: true), .init(count: 3), .init()] {
            #expect(try await scope.moveAll(of: "H1", to: "H2", reason: "并入", by: "boss").moved == expected)
        }
        #expect(
            try await world.caseDesk.listed(before: nil, in: "H2", countMax: 200).cases.count == count)
        #expect(try await fleet.close("H1", reason: "并入", by: "boss", isDryRun: false).revokedCount == 1)
        #expect(try await fleet.portrait(of: "H1").closedOn != nil)
        #expect(try await fleet.portrait(of: "H1").activeDeviceCount == 0)
        await #expect(throws: CentralError.refused(.closed("H1"))) { try await fleet.issueToken(for: "H1") }
        await #expect(throws: CentralError.refused(.closed("H1"))) {
            try await fleet.close("H1", reason: "并入", by: "boss", isDryRun: false)
        }
        await #expect(throws: CentralError.refused(.alreadyThere("H2"))) {
            try await scope.moveAll(of: "H2", to: "H2", reason: "并入", by: "boss")
        }
    }

    @Test("Acts are listed, the last first, by kind and hospital, page by page, and again after a rebuild")
    func acting() async throws {
        let ward = try await world.hospital("H1")
        _ = try await world.hospital("H2")
        try await world.publish(policyFile(version: 2))
        _ = try await withdraw(2)
        let caseID = try await closedCase(of: ward, 1)
        _ = try await archive.run(.init(), reason: "满一年", by: "keeper")
        for _ in 1...2 {
            let all = try await acts.acts(before: nil, of: nil, in: nil, countMax: 200)
            #expect(all.acts.first?.kind == .archive && all.acts.first?.author.user == "keeper")
            #expect(all.acts.first?.change.caseID == caseID && all.acts.first?.reason == "满一年")
            #expect(
                all.next == nil
                    && all.acts.map(\.number.rawValue) == all.acts.map(\.number.rawValue).sorted(by: >))
            // What is for all is said once.
            let withdrawals = try await acts.acts(before: nil, of: .withdrawal, in: nil, countMax: 200).acts
            #expect(withdrawals.count == 1)
            #expect(withdrawals.allSatisfy { $0.about["policy"] == "gx" && $0.about["version"] == "2" })
            let ofOne = try await acts.acts(before: nil, of: .withdrawal, in: "H2", countMax: 200).acts
            #expect(ofOne.map(\.hospitals) == [["H1", "H2"]])
            var (place, paged): (ChangeNumber?, [ActDesk.Act]) = (nil, [])
            repeat {
                let page = try await acts.acts(before: place, of: nil, in: nil, countMax: 3)
                paged += page.acts
                place = page.next
            } while place != nil
            #expect(paged == all.acts)
            try await Rebuild(store: world.store, books: world.books).run()
        }
    }
}
