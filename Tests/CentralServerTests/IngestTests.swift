import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Taking what devices push")
struct IngestTests {
    /// A replica with ordinary changes on several cases, one change that is set aside and one unreadable body.
    private func mixedWriter(_ world: World) throws -> Writer {
        var writer = Writer(11)
        let cases = [world.newCase(), world.newCase()]
        for index in 0..<8 {
            try writer.write(cases[index % 2], [20: (CBOR.name("n\(index)"), [])])
            if index == 3 {
                try writer.write(cases[0], [20: (CBOR.name("x"), [])], role: .department, unit: "police")
            }
            if index == 5 { writer.append([0x83, 0x01]) }
        }
        return writer
    }

    @Test("Any split and repeat of a run gives the same log and feed", arguments: 0..<24)
    func splits(seed: UInt64) async throws {
        let whole = try World()
        let ward = try await whole.hospital("H1")
        let writer = try mixedWriter(whole)
        try await ward.push(writer.run())

        let parted = try World()
        let other = try await parted.hospital("H1")
        #expect(try mixedWriter(parted).head == writer.head)
        var random = SeededGenerator(seed: seed + 1)
        var sent = 0
        while sent < Int(writer.length) {
            let first = Int.random(in: 1...(sent + 1), using: &random)
            let last = Int.random(in: first...Int(writer.length), using: &random)
            try await other.push(writer.run(first, through: last))
            sent = max(sent, last)
        }
        #expect(try await whole.feed(of: ward.hospital.id) == parted.feed(of: other.hospital.id))
        #expect(try await whole.caches() == parted.caches())
    }

    @Test("The order in which replicas come changes neither what is in the feed nor what the cases say")
    func orders() async throws {
        var outcomes: [(Set<ContentID?>, Fingerprint?, Caches)] = []
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2, 0, 1, 2]] {
            let world = try World()
            let ward = try await world.hospital("H1")
            let caseID = world.newCase()
            var writers = [Writer(21), Writer(22), Writer(23)]
            for index in writers.indices {
                try writers[index].write(caseID, [20: (CBOR.name("n\(index)"), [])])
            }
            for index in order { try await ward.push(writers[index].run()) }
            let feed = try await world.feed(of: ward.hospital.id)
            outcomes.append((Set(feed.map(\.id)), feed.last?.head.fingerprint, try await world.caches()))
        }
        #expect(outcomes[0].0.count == 4 && outcomes[0].2.conflicts.count == 1)
        for outcome in outcomes.dropFirst() {
            #expect(outcome.0 == outcomes[0].0)
            #expect(outcome.1 == outcomes[0].1)
            #expect(outcome.2 == outcomes[0].2)
        }
    }

    @Test("An exchange repeated after a lost answer changes nothing and hears the same")
    func repeats() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let writer = try mixedWriter(world)
        let request = ward.request([writer.run()], heads: [writer.head])
        let first = try await ward.exchange(request)
        let feed = try await world.feed(of: ward.hospital.id)
        #expect(first.unreadable.map(\.reason) == ["role", "unreadable-head"])
        #expect(try await ward.exchange(request) == first)
        #expect(try await world.feed(of: ward.hospital.id) == feed)
    }

    @Test("A gap is not taken, and the sender hears how far the chain reaches")
    func gap() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let writer = try mixedWriter(world)
        try await ward.push(writer.run(1, through: 2))
        let answer = try await ward.push(writer.run(4, through: 6))
        #expect(answer.stored == [Watermark(replica: writer.replica, sequence: 2)])
        #expect(answer.forks.isEmpty)
    }

    @Test(
        "Two writers of one replica are told apart, by the head and by the run, and nothing of the second is taken"
    )
    func fork() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var (one, other) = (Writer(31), Writer(31))
        for text in ["a", "b", "c"] {
            try one.write(caseID, [20: (CBOR.name(text), [])])
            try other.write(caseID, [20: (CBOR.name(text == "a" ? "a" : text + "'"), [])])
        }
        try other.write(caseID, [20: (CBOR.name("d"), [])])
        try await ward.push(one.run())
        for request in [
            ward.request([other.run()], heads: []), ward.request([other.run(4)], heads: [other.head(at: 3)]),
            ward.request([other.run(4)], heads: []),
        ] {
            let answer = try await ward.exchange(request)
            #expect(answer.stored.isEmpty)
            #expect(answer.forks.first?.checkpoints == [one.head(at: 1), one.head(at: 2), one.head(at: 3)])
        }
        #expect(try await world.feed(of: ward.hospital.id).count == 4)
        #expect(try await world.mergeDesk.strays(countMax: 9).alarms.map(\.alarm.kind) == [.fork])
    }

    @Test("The checkpoints of a chain halve their way down to its first link")
    func checkpoints() {
        #expect(checkpointSequences(length: 20) == [1, 4, 12, 16, 18, 19, 20])
        #expect(checkpointSequences(length: 1) == [1])
        #expect(checkpointSequences(length: 0).isEmpty)
        #expect(checkpointSequences(length: .max >> 1).count <= Limits.checkpointsMax)
    }

    @Test("A replica belongs to the computer that brought it first")
    func otherDevice() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        var writer = try mixedWriter(world)
        try await ward.push(writer.run())
        let last = Int(writer.length)
        try writer.write(world.newCase(), [20: (CBOR.name("z"), [])])
        let answer = try await ward.secondComputer().push(writer.run(last + 1))
        #expect(answer.unreadable.map(\.reason) == ["not-your-replica"])
        #expect(answer.stored.isEmpty)
    }

    @Test("A verdict that a device made up in central's name enters no case, and its chain goes on")
    func forgedVerdict() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var (clerk, forger) = (Writer(1), Writer(2))
        let target = try clerk.write(caseID, [20: (CBOR.name("a"), [])])
        try await ward.push(clerk.run())
        let forged = ChangeContent(
            time: HybridTime(milliseconds: 1), author: Author(role: .central, unit: "", user: "chen"),
            asides: [target.id: ChangeContent.Aside(reason: "gone", replaces: [])])
        forger.append(
            try Change(replica: forger.replica, sequence: 1, caseID: caseID, edition: 1, content: forged).body
        )
        try forger.write(caseID, [21: ([.text("female")], [])])
        for _ in 0..<2 {
            let answer = try await ward.push(forger.run())
            #expect(answer.unreadable.map(\.reason) == ["role"])
            #expect(answer.stored == [Watermark(replica: forger.replica, sequence: 2)])
        }
        let state = try await world.state(of: caseID)
        #expect(!state.isAside(target.id) && state.count == 2)
    }

    @Test(
        "Nothing is taken behind a fork, or behind another device's replica, as it may name what will be named anew"
    )
    func behindAFork() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        var (one, other, later) = (Writer(1), Writer(1), Writer(2))
        let caseID = world.newCase()
        try one.write(caseID, [20: (CBOR.name("a"), [])])
        let named = try other.write(caseID, [20: (CBOR.name("b"), [])])
        try later.write(caseID, [20: (CBOR.name("c"), [named.dot])])
        try await ward.push(one.run())
        let forked = try await ward.push(other.run(), later.run())
        #expect(forked.forks.map(\.replica) == [one.replica])
        #expect(forked.stored == [Watermark(replica: later.replica, sequence: 0)])
        let refused = try await ward.secondComputer().push(one.run(), later.run())
        #expect(refused.unreadable.map(\.reason) == ["not-your-replica"])
        let values = try await world.state(of: caseID).registers[GroupID(rawValue: 20)]?.standing.map(\.value)
        #expect(values == [CBOR.name("a")])
        #expect(try await ward.push(later.run()).stored == [Watermark(replica: later.replica, sequence: 1)])
    }

    @Test("A change that is set aside has its verdict before it in the feed, and is not in effect")
    func asidePrecedes() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var writer = Writer(41)
        try writer.write(caseID, [20: (CBOR.name("good"), [])])
        let owned = try writer.write(caseID, [202: ([.text("done")], [])])
        try await ward.push(writer.run())
        let dots = try await world.feed(of: ward.hospital.id).map { try $0.change?.dot }
        let state = try await world.state(of: caseID)
        let verdicts = try #require(state.asides[owned.id])
        let place = try #require(dots.firstIndex(of: owned.dot))
        #expect(verdicts.reasons == ["owner:202"])
        #expect(dots[place - 1] == verdicts.dots.first)
        #expect(dots.count == 4)
        #expect(state.registers[GroupID(rawValue: 202)]?.standing.isEmpty ?? true)
        #expect(try await world.caches().asides.count == 1)
    }

    @Test("A department's result that a device made up enters no case and gets no receipt; its chain goes on")
    func forgedResult() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var writer = Writer(41)
        try writer.write(caseID, [20: (CBOR.name("good"), [])])
        try writer.write(caseID, [202: ([.text("done")], [])], role: .department, unit: "police")
        try writer.write(caseID, [21: ([.text("female")], [])])
        for _ in 0..<2 {
            let answer = try await ward.push(writer.run())
            #expect(answer.unreadable.map(\.reason) == ["role"])
            #expect(answer.stored == [Watermark(replica: writer.replica, sequence: 3)])
        }
        #expect(try await world.feed(of: ward.hospital.id).count == 3)
        let state = try await world.state(of: caseID)
        #expect(state.count == 2 && state.registers[GroupID(rawValue: 202)] == nil)
    }

    @Test("A change on another hospital's case is set aside there, and its sender hears of it each time")
    func foreignCase() async throws {
        let world = try World()
        let (ward, other) = (try await world.hospital("H1"), try await world.hospital("H2"))
        let caseID = world.newCase()
        var (own, intruder) = (Writer(51), Writer(52))
        try own.write(caseID, [20: (CBOR.name("good"), [])])
        try await ward.push(own.run())
        let change = try intruder.write(caseID, [20: (CBOR.name("bad"), [])])
        for _ in 0..<2 {
            let answer = try await other.push(intruder.run())
            #expect(answer.unreadable.map(\.reason) == ["foreign-case"])
        }
        #expect(try await world.feed(of: other.hospital.id).count == 1)
        #expect(try await world.state(of: caseID).asides[change.id]?.reasons == ["foreign-case"])
        #expect(try await world.feed(of: ward.hospital.id).count == 4)
    }

    @Test(
        "Who registers a case that others brought back without its beginning is no stranger; a case that is registered, a record, and a case that is registered for somebody else cannot be claimed so"
    )
    func beginning() async throws {
        let world = try World()
        let (ward, other) = (try await world.hospital("H1"), try await world.hospital("H2"))
        let hospital = try #require(FieldDictionary.standard.group(named: "hospital")?.id.rawValue)
        func claim(of caseID: CaseID, for named: Ward, by writer: inout Writer) throws -> [Push] {
            let value = [CBOR.bytes(named.hospital.id.record.bytes)]
            try writer.write(caseID, [hospital: (value, [])])
            return [writer.run()]
        }
        let (begun, registered) = (world.newCase(), world.newCase())
        var (own, writer) = (Writer(51), Writer(52))
        try own.write(begun, [20: (CBOR.name("later part"), [])])
        _ = try await ward.exchange(ward.request([own.run()]))
        var registrar = Writer(53)
        _ = try await ward.exchange(ward.request(try claim(of: registered, for: ward, by: &registrar)))
        let targets = [
            (registered, other), (ward.hospital.id.record, other), (.centralRecord, other), (begun, ward),
        ]
        for (index, (caseID, named)) in targets.enumerated() {
            var intruder = Writer(60 + UInt64(index))
            let answer = try await other.exchange(
                other.request(try claim(of: caseID, for: named, by: &intruder)))
            let reason = caseID == .centralRecord ? "central-record" : "foreign-case"
            #expect(answer.unreadable.map(\.reason) == [reason])
        }
        let answer = try await other.exchange(other.request(try claim(of: begun, for: other, by: &writer)))
        #expect(answer.unreadable.isEmpty)
        let state = try await world.state(of: begun)
        #expect(state.asides.count == 1 && writer.changes.allSatisfy { !state.isAside($0.id) })
    }

    @Test("A change of a later schema is taken as it is")
    func laterSchema() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var body = CBORWriter()
        body.writeArray(4)
        body.write(caseID.bytes)
        body.write(UInt64(1))
        body.write(UInt64(2))
        body.write("later")
        var writer = Writer(61)
        writer.append(body.bytes)
        let answer = try await ward.push(writer.run())
        #expect(answer.unreadable.isEmpty)
        #expect(try await world.caches().asides.isEmpty)
        #expect(try await world.feed(of: ward.hospital.id).count == 2)
    }

    @Test("A body that is too large is kept aside and blocks nothing behind it")
    func tooLarge() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        var writer = Writer(71)
        writer.append([UInt8](repeating: 0, count: Limits.bodyBytesMax + 1))
        try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
        let answer = try await ward.push(writer.run())
        #expect(answer.unreadable.map(\.reason) == ["too-large"])
        #expect(answer.stored == [Watermark(replica: writer.replica, sequence: 2)])
        #expect(try await world.mergeDesk.strays(countMax: 9).unreadable.count == 1)
    }
}
