import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("The queue of what waits for a person")
struct QueueTests {
    private let world: World

    init() throws { world = try World() }

    private func query(_ change: (inout DeskQueue.Query) -> Void) -> DeskQueue.Query {
        var query = DeskQueue.Query(countMax: 3)
        change(&query)
        return query
    }

    private func tick(_ hours: UInt64) { world.clock.withLock { $0 += hours * 3_600_000 } }

    @Test(
        "An entry is as old as central's knowledge of it, whatever the authors' clocks said; the oldest come first"
    )
    func age() async throws {
        let ward = try await world.hospital("H1")
        let began = world.environment.now()
        tick(5)
        let first = try await world.disputed(ward)
        tick(5)
        let second = try await world.disputed(ward, names: ["a", "b", "c"])
        let entries = try await world.queue()
        #expect(entries.map(\.caseID) == [first.caseID, second.caseID])
        #expect(entries.map { ($0.sinceMilliseconds - began) / 3_600_000 } == [5, 10])
        tick(1)
        var writer = Writer(99)
        // One goes on with a value of the conflict: it is as old as before.
        try writer.write(first.caseID, [20: (CBOR.name("d"), [first.dots[0]])])
        try await ward.push(writer.run())
        #expect(try await world.queue().first?.sinceMilliseconds == entries[0].sinceMilliseconds)
        let old = try await world.queue(query { $0.filter.sinceAtMost = began + 6 * 3_600_000 })
        #expect(old.map(\.caseID) == [first.caseID])
    }

    @Test("Filters by kind, hospital, group, assignee and policy, and counts that agree with them")
    func filters() async throws {
        let (one, other) = (try await world.hospital("H1"), try await world.hospital("H2"))
        let first = try await world.disputed(one)
        try await world.disputed(one)
        try await world.disputed(other)
        var writer = Writer(50)
        let aside = world.newCase()
        try writer.write(aside, [202: ([.text("done")], [])], unit: "H2")
        try await other.push(writer.run())
        #expect(try await world.mergeDesk.assign(first.caseID, to: "li", by: "s") != nil)
        #expect(try await world.mergeDesk.assign(first.caseID, to: "li", by: "s") == nil)
        func count(_ change: (inout DeskQueue.Query) -> Void) async throws -> Int {
            try await world.queue(query(change)).count
        }
        #expect(try await count { _ in } == 4)
        #expect(try await count { $0.filter.kind = .aside } == 1)
        #expect(try await count { $0.hospitalCode = "H1" } == 2)
        #expect(try await count { $0.filter.group = .childName } == 3)
        #expect(try await count { $0.filter.assignee = "li" } == 1)
        #expect(try await count { $0.filter.assignee = "" } == 3)
        #expect(try await count { $0.filter.policy = "gx" } == 0)
        #expect(try await count { $0.isByWaiting = true } == 4)
        await #expect(throws: CentralError.refused(.unknownHospital)) {
            try await world.queue(query { $0.hospitalCode = "H9" })
        }
        tick(30)
        let counts = try await world.deskQueue.counts()
        #expect(counts.map(\.count.count).reduce(0, +) == 4)
        #expect(counts.filter { $0.hospital == "H1" }.map(\.count.count).reduce(0, +) == 2)
        #expect(counts.filter { $0.count.kind == .aside }.map(\.count.count) == [1])
        #expect(counts.filter { $0.count.assignee == "li" }.map(\.count.count) == [1])
        #expect(Set(counts.map(\.count.band)) == [1])
    }

    @Test("An assignment is a change of the case: it travels to the window; a window's own is set aside")
    func assignment() async throws {
        let ward = try await world.hospital("H1")
        let (caseID, _) = try await world.disputed(ward)
        let change = try #require(try await world.mergeDesk.assign(caseID, to: "li", by: "s"))
        #expect(try await world.feed(of: ward.hospital.id).last?.id == change.id)
        var writer = Writer(60)
        try writer.write(caseID, [9021: ([.text("me")], [])])
        try await ward.push(writer.run())
        #expect(try await world.caches().asides.map(\.reasons) == [["owner:9021"]])
        #expect(try await world.queue().allSatisfy { $0.assignee == "li" })
        _ = try await world.mergeDesk.assign(caseID, to: nil, by: "s")
        #expect(try await world.queue().allSatisfy { $0.assignee.isEmpty })
        for name in ["", String(repeating: "x", count: 129)] {
            await #expect(throws: CentralError.self) {
                try await world.mergeDesk.assign(caseID, to: name, by: "s")
            }
        }
    }

    @Test(
        "A page goes on where the last ended, whatever others do meanwhile: nothing twice, nothing left out",
        arguments: 0..<6)
    func paging(seed: Int) async throws {
        let ward = try await world.hospital("H1")
        var random = SeededGenerator(seed: UInt64(seed))
        var open: [CaseID] = []
        for _ in 0..<20 {
            tick(1)
            open.append(try await world.disputed(ward).caseID)
        }
        var (settled, listed): (Set<CaseID>, [CaseID]) = ([], [])
        var asked = DeskQueue.Query(countMax: 3)
        let old = Set(open)
        while true {
            let page = try await world.deskQueue.page(asked)
            listed += page.map(\.entry.caseID)
            guard page.count == 3, let last = page.last?.entry else { break }
            asked.after = DeskEntry(place: last.place)
            #expect(asked.after != nil, "\(last.place)")
            let victim = try #require(open.randomElement(using: &random))
            if settled.insert(victim).inserted { _ = try await world.settle(victim, .later) }
            tick(1)
            open.append(try await world.disputed(ward).caseID)
        }
        #expect(Set(listed).count == listed.count, "seed \(seed)")
        #expect(old.subtracting(settled).isSubset(of: listed), "seed \(seed)")
    }

    @Test(
        "What is no place of the queue is refused", arguments: ["", "1.2.3", "x.y.z.a.b", "1..conflict..-1"])
    func place(text: String) { #expect(DeskEntry(place: text) == nil) }

    // MARK: What was set aside, and what entered no case

    @Test("A change set aside waits until a person has said that it stays out, or has taken it up")
    func asides() async throws {
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var writer = Writer(1)
        try writer.write(caseID, [20: (CBOR.name("a"), [])])
        let target = try writer.write(caseID, [202: ([.text("done")], [])])
        try await ward.push(writer.run())
        let item = try #require(try await world.deskQueue.page(DeskQueue.Query()).first)
        #expect(item.entry.kind == .aside && item.entry.target == target.id)
        func verdict(_ isTakenUp: Bool) async throws -> Change {
            let seen = try await world.state(of: caseID).asides[target.id]?.dots ?? []
            return try await world.mergeDesk.give(
                MergeDesk.Verdict(
                    caseID: caseID, target: target.id, isTakenUp: isTakenUp, seen: seen, reason: "r",
                    user: "s"))
        }
        _ = try await verdict(false)
        #expect(try await world.queue().isEmpty)
        #expect(try await world.state(of: caseID).isAside(target.id))
        _ = try await verdict(true)
        #expect(try await world.queue().isEmpty)
        #expect(try await !world.state(of: caseID).isAside(target.id))
    }

    @Test("A stray waits under its hospital's record; rejected it stays out, and a rebuild knows that")
    func strays() async throws {
        let ward = try await world.hospital("H1")
        var writer = Writer(1)
        writer.append([0x01])
        var stranger = Writer(2)
        let caseID = world.newCase()
        let change = try stranger.write(caseID, [20: (CBOR.name("a"), [])])
        let forged = try #require(Receipt(bytes: [UInt8](repeating: 1, count: 16)))
        try await ward.push(writer.run(), .foreign(change, forged))
        let items = try await world.deskQueue.page(DeskQueue.Query())
        #expect(Set(items.map(\.entry.kind)) == [.stray, .unreadable])
        #expect(items.allSatisfy { $0.entry.caseID == ward.hospital.id.record && $0.hospital == "H1" })
        let unreadable = try #require(items.first { $0.entry.kind == .unreadable }?.entry.target)
        func verdict(_ id: ContentID, _ isTakenUp: Bool) async throws -> Change {
            try await world.mergeDesk.give(
                MergeDesk.Verdict(
                    caseID: nil, target: id, isTakenUp: isTakenUp, seen: [], reason: "r", user: "s"))
        }
        await #expect(throws: CentralError.refused(.notReadable)) { try await verdict(unreadable, true) }
        _ = try await verdict(unreadable, false)
        #expect(try await world.queue().map(\.kind) == [.stray])
        await #expect(throws: CentralError.refused(.staleVerdict(unreadable))) {
            try await verdict(unreadable, false)
        }
        #expect(try await verdict(change.id, true) == change)
        #expect(try await world.queue().isEmpty)
        #expect(try await world.names(caseID) == ["a"])
        await #expect(throws: CentralError.refused(.unknownChange)) { try await verdict(change.id, true) }
        let caches = try await world.caches()
        try await Rebuild(store: world.store, books: world.books).run()
        #expect(try await world.caches() == caches)
    }

    @Test(
        "Cases that share a number wait, each, since the second one took it, and no longer than they share it"
    )
    func collisions() async throws {
        let ward = try await world.hospital("H1")
        var writer = Writer(1)
        let (first, second) = (world.newCase(), world.newCase())
        try writer.write(first, [39: ([.text("Z000000001")], [])])
        try await ward.push(writer.run())
        #expect(try await world.queue().isEmpty)
        tick(3)
        let began = world.environment.now()
        let taken = try writer.write(second, [39: ([.text("Z000000001")], [])])
        try await ward.push(writer.run())
        // Two cases with one certificate may be one child's, too.
        let entries = try await world.queue().filter { $0.kind == .collision }
        #expect(Set(entries.map(\.caseID)) == [first, second])
        #expect(entries.allSatisfy { $0.sinceMilliseconds == began })
        let item = try #require(try await world.deskQueue.items(of: first).first)
        #expect(item.holders.values.map { Set($0) } == [[first, second]])
        let caches = try await world.caches()
        try await Rebuild(store: world.store, books: world.books).run()
        #expect(try await world.caches() == caches)
        try writer.write(second, [39: ([.text("Z000000002")], [taken.dot])])
        try await ward.push(writer.run())
        #expect(try await world.queue().isEmpty)
    }

    @Test("Every reason has a sentence and something to do about it")
    func reasons() {
        for word in [
            "owner:20,21", "foreign-case", "malformed", "receipt", "too-large", "role", "unreadable-head",
            "in a person's words", "owner:x",
        ] {
            let reason = AsideReason(word)
            #expect(!reason.chinese(.standard).isEmpty && !reason.remedies.isEmpty, "\(word)")
        }
        #expect(AsideReason("owner:20,21") == .ownership([.childName, GroupID(rawValue: 21)]))
        #expect(AsideReason("owner:20").chinese(.standard).contains("新生儿姓名"))
        #expect(AsideReason("owner:x") == .words("owner:x"))
    }
}
