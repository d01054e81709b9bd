import Casework
import Cryptography
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Settling, and taking it back")
struct SettlingTests {
    private let world: World

    init() throws { world = try World() }

    @Test("A conflict tells its base, each value with its author and doubt, and what waits for it")
    func report() async throws {
        let ward = try await world.hospital("H1")
        let (caseID, dots) = try await world.disputed(ward, names: ["a", "b"], base: "x")
        let state = try await world.state(of: caseID)
        let report = ConflictReport(
            .childName, in: try await world.changes(of: caseID), state, policies: .standard,
            dictionary: .standard)
        #expect(report.history.base(of: report.dots).map(\.value) == [CBOR.name("x")])
        #expect(report.standing.map(\.value) == [CBOR.name("a"), CBOR.name("b")])
        #expect(report.standing.map(\.author.unit) == ["H1", "H1"] && report.dots == dots.sorted())
        let members = report.members(.standard)
        #expect(members["name"] == .text("childName"))
        guard case .list(let values)? = members["values"] else { throw Broken(what: "no values") }
        #expect(values.compactMap(\.members).allSatisfy { $0["isDoubtful"] == .bool(false) })
    }

    @Test(
        "The same words choose for one and for many",
        arguments: [
            ("later", "c"), ("window", nil), ("hospital:H1", nil), ("hospital:H2", "c"), ("central", nil),
            ("department:police", nil),
        ])
    func choices(word: String, expected: String?) async throws {
        let ward = try await world.hospital("H1")
        let (caseID, _) = try await world.disputed(ward)
        var other = Writer(77)
        try other.write(
            caseID, [20: (CBOR.name("c"), [])], unit: "H2", milliseconds: 1_790_000_500_000)
        try await ward.push(other.run())
        let choice = try #require(DeskChoice(word))
        if let expected {
            let dry = try await world.settle(caseID, choice, isDryRun: true)
            #expect(dry.values == [CBOR.name(expected)] && dry.changes.isEmpty)
            #expect(try await world.names(caseID) == ["a", "b", "c"])
            _ = try await world.settle(caseID, choice)
            #expect(try await world.names(caseID) == [expected])
        } else {
            await #expect(throws: CentralError.refused(.noSuchValue(.childName))) {
                try await world.settle(caseID, choice)
            }
            #expect(try await world.names(caseID) == ["a", "b", "c"])
        }
    }

    @Test("What is no choice is refused", arguments: ["", "hospital", "later:x", "newest", "window:"])
    func noChoice(word: String) { #expect(DeskChoice(word) == nil) }

    @Test("An undo brings back all values that stood; an undo of the undo settles again, and so on")
    func undoes() async throws {
        let ward = try await world.hospital("H1")
        let (caseID, _) = try await world.disputed(ward, names: ["a", "b", "c"])
        var dots = try await world.settle(caseID, .later).changes.map(\.dot)
        for round in 0..<6 {
            let undone = try await world.undo(caseID, try #require(dots.randomElement()))
            #expect(undone.changes.count == (round % 2 == 0 ? 3 : 1), "round \(round)")
            for change in undone.changes {
                #expect(change.content?.writes[.childName]?.replaces == dots.sorted(), "round \(round)")
            }
            dots = undone.changes.map(\.dot)
            #expect(try await world.names(caseID) == (round % 2 == 0 ? ["a", "b", "c"] : ["c"]))
            let waits = try await world.queue().map(\.group)
            #expect(waits == (round % 2 == 0 ? [.childName] : []), "round \(round)")
        }
    }

    @Test(
        "After an undo the values are their authors' still: the later, and a hospital's, are what they were")
    func origins() async throws {
        let ward = try await world.hospital("H1")
        let (caseID, dots) = try await world.disputed(ward, names: ["a", "b"], base: "x")
        let settled = try await world.settle(caseID, .standing(dots[0]))
        _ = try await world.undo(caseID, settled.changes[0].dot)
        let state = try await world.state(of: caseID)
        let history = GroupHistory(of: .childName, in: try await world.changes(of: caseID), state)
        let live = state.registers[.childName]?.dots ?? []
        #expect(history.base(of: live).map(\.value) == [CBOR.name("x")])
        _ = try await world.settle(caseID, .later)
        #expect(try await world.names(caseID) == ["b"])
    }

    @Test("Who wrote since is not overrun: an undo is refused with what stands, and writes nothing")
    func staleUndo() async throws {
        let ward = try await world.hospital("H1")
        let (caseID, dots) = try await world.disputed(ward)
        let settled = try await world.settle(caseID, .standing(dots[0]))
        var later = Writer(5)
        let change = try later.write(caseID, [20: (CBOR.name("z"), [settled.changes[0].dot])])
        try await ward.push(later.run())
        let count = try await world.changes(of: caseID).count
        await #expect(throws: CentralError.refused(.stale(.childName, live: [change.dot]))) {
            try await world.undo(caseID, settled.changes[0].dot)
        }
        await #expect(throws: CentralError.refused(.notUndoable(.childName))) {
            try await world.undo(caseID, change.dot)
        }
        #expect(try await world.changes(of: caseID).count == count)
    }

    @Test(
        "A settlement holds whatever of what it had seen comes later, in any order and again",
        arguments: 0..<8)
    func stable(seed: Int) async throws {
        let ward = try await world.hospital("H1")
        let (caseID, _) = try await world.disputed(ward, names: ["a", "b", "c"], base: "x")
        _ = try await world.settle(caseID, .later)
        var changes = try await world.changes(of: caseID)
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<20 {
            changes.shuffle(using: &random)
            let again = changes + changes.prefix(2)
            let reading = CaseState(folding: again).reading(of: .childName, by: world.books.casebook.rules)
            #expect(reading.value == CBOR.name("c"), "seed \(seed)")
        }
    }

    @Test("Conflicts of a hospital's record are in the queue, and are settled like any other")
    func records() async throws {
        let ward = try await world.hospital("H1")
        let record = ward.hospital.id.record
        var (one, other) = (Writer(1), Writer(2))
        let policies = GroupID(rawValue: 9002)
        let standing = try await world.state(of: record).registers[policies]?.dots ?? []
        try one.write(record, [9002: ([.array([.text("gx")])], standing)])
        try other.write(record, [9002: ([.array([.text("ah")])], standing)])
        try await ward.push(one.run(), other.run())
        let entries = try await world.queue()
        #expect(entries.map(\.caseID) == [record] && entries.map(\.group) == [policies])
        #expect(entries.map(\.hospital) == [ward.hospital.id])
        _ = try await world.settle(record, .value([.array([.text("gx")])]), group: policies)
        #expect(try await world.queue().isEmpty)
    }

    // MARK: Losses

    @Test(
        "The window whose value lost is told what stands, who decided and why; until it writes anew or it is undone"
    )
    func losses() async throws {
        let ward = try await world.hospital("H1")
        let (caseID, dots) = try await world.disputed(ward)
        #expect(try await world.losses(of: "H1", in: caseID).isEmpty, "a conflict is no loss yet")
        let settled = try await world.settle(caseID, .standing(dots[1]))
        let told = try await world.losses(of: "H1", in: caseID)
        #expect(told.map(\.lost.dot) == [dots[0]] && told.map(\.decision.id) == settled.changes.map(\.id))
        #expect(told.map(\.decision.reason) == ["by paper"] && told.map(\.decision.author.user) == ["s"])
        #expect(try await world.losses(of: "H2", in: caseID).isEmpty)
        let undone = try await world.undo(caseID, settled.changes[0].dot)
        #expect(try await world.losses(of: "H1", in: caseID).isEmpty, "undone")
        let again = try await world.undo(caseID, undone.changes[0].dot)
        let retold = try await world.losses(of: "H1", in: caseID)
        #expect(retold.map(\.lost.dot) == [dots[0]] && retold.map(\.decision.id) == again.changes.map(\.id))
        var clerk = Writer(9)
        try clerk.write(caseID, [20: (CBOR.name("a"), again.changes.map(\.dot))])
        try await ward.push(clerk.run())
        #expect(try await world.losses(of: "H1", in: caseID).isEmpty, "written anew")
    }

    @Test("What a clerk has seen is marked as seen, by the hospital's own change only")
    func seenLosses() async throws {
        let ward = try await world.hospital("H1")
        let (caseID, dots) = try await world.disputed(ward)
        _ = try await world.settle(caseID, .standing(dots[1]))
        let loss = try #require(try await world.losses(of: "H1", in: caseID).first)
        #expect(!loss.isSeen)
        var clerk = Writer(9)
        try clerk.write(caseID, [9022: (loss.mark, [])])
        try await ward.push(clerk.run())
        #expect(try await world.losses(of: "H1", in: caseID).map(\.isSeen) == [true])
    }

    @Test("Where a rule alone does not show a value, nobody is told of a loss; the history marks it")
    func beside() async throws {
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var (one, other) = (Writer(1), Writer(2))
        let first = try one.write(caseID, [55: ([.text("1")], [])])
        let second = try other.write(caseID, [55: ([.text("2")], [])], milliseconds: 1_790_000_100_000)
        try await ward.push(one.run(), other.run())
        #expect(try await world.losses(of: "H1", in: caseID).isEmpty)
        let history = CaseHistory(try await world.changes(of: caseID), dictionary: .standard)
        #expect(history.fate(of: first, in: .motherPhone) == .beside)
        #expect(history.fate(of: second, in: .motherPhone) == .shows)
    }

    @Test("The history says of every value what became of it")
    func history() async throws {
        let ward = try await world.hospital("H1")
        let (caseID, dots) = try await world.disputed(ward)
        var changes = try await world.changes(of: caseID)
        #expect(
            changes.map { CaseHistory(changes, dictionary: .standard).fate(of: $0, in: .childName) } == [
                .disputed, .disputed,
            ])
        _ = try await world.settle(caseID, .standing(dots[0]))
        changes = try await world.changes(of: caseID)
        let history = CaseHistory(changes, dictionary: .standard)
        #expect(
            changes.map { history.fate(of: $0, in: .childName) } == [.replaced, .replaced, .shows])
        guard case .list(let entries) = history.json else { throw Broken(what: "no list") }
        #expect(entries.count == 3)
    }
}
