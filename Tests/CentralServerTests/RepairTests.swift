import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Changes with receipts, sums and supplies")
struct RepairTests {
    /// What a hospital holds of another central's life: changes with their receipts.
    private func history(_ world: World, of hospital: HospitalID) async throws -> [(Change, Receipt)] {
        try await world.feed(of: hospital).compactMap { entry in
            guard case .change(let replica, let sequence, let body, let receipt, _) = entry.item.subject
            else { return nil }
            return (try Change(replica: replica, sequence: sequence, body: body), receipt)
        }
    }

    @Test("A central that lost everything gets it all back, in any order and with repeats", arguments: 0..<6)
    func restored(seed: UInt64) async throws {
        let old = try World(seed: 1)
        let ward = try await old.hospital("H1")
        let caseID = old.newCase()
        var writer = Writer(1)
        for text in ["a", "b"] { try writer.write(caseID, [20: (CBOR.name(text), [])]) }
        try writer.write(caseID, [202: ([.text("done")], [])])
        try await ward.push(writer.run())
        let held = try await history(old, of: ward.hospital.id)

        let new = try World(seed: 2)
        let lost = try await old.reappear(ward, in: new)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2 {
            let pushes = held.shuffled(using: &random).map { Push.foreign($0.0, $0.1) }
            let answer = try await lost.exchange(lost.request(pushes))
            #expect(answer.unreadable.isEmpty)
        }
        #expect(try await new.feed(of: ward.hospital.id).count == held.count)
        #expect(try await new.state(of: caseID) == old.state(of: caseID))
        let answer = try await lost.push(writer.run())
        #expect(answer.stored == [Watermark(replica: writer.replica, sequence: 3)] && answer.forks.isEmpty)
        #expect(try await new.feed(of: ward.hospital.id).count == held.count)
        let ranges = try await lost.exchange(lost.request(heads: [writer.head])).entries.filter {
            if case .own = $0 { true } else { false }
        }
        #expect(!ranges.isEmpty)
    }

    @Test("What was set aside comes back set aside, also if its verdict is withheld")
    func withheldVerdict() async throws {
        let old = try World(seed: 1)
        let ward = try await old.hospital("H1")
        let caseID = old.newCase()
        var writer = Writer(1)
        try writer.write(caseID, [20: (CBOR.name("a"), [])])
        let owned = try writer.write(caseID, [202: ([.text("done")], [])])
        try await ward.push(writer.run())
        let held = try await history(old, of: ward.hospital.id)
            .filter { $0.0.content?.author.role == .window && $0.0.caseID == caseID }
        #expect(held.count == 2)
        let new = try World(seed: 2)
        let lost = try await old.reappear(ward, in: new)
        for _ in 0..<2 { _ = try await lost.exchange(lost.request(held.map { Push.foreign($0.0, $0.1) })) }
        let state = try await new.state(of: caseID)
        #expect(state.asides[owned.id]?.reasons == ["owner:202"])
        #expect(state.count == 3 && state.registers[GroupID(rawValue: 202)]?.standing.isEmpty ?? true)
    }

    @Test(
        "A forged result of a department, without a genuine receipt, waits for a person and is never in effect"
    )
    func forged() async throws {
        let world = try World()
        let (ward, other) = (try await world.hospital("H1"), try await world.hospital("H2"))
        let caseID = world.newCase()
        var (writer, forger) = (Writer(1), Writer(2))
        try writer.write(caseID, [20: (CBOR.name("n"), [])])
        try await ward.push(writer.run())
        let forged = try forger.write(caseID, [202: ([.text("done")], [])], role: .department, unit: "police")
        let receipts = [
            Receipt(bytes: [UInt8](repeating: 0, count: 16)),
            world.books.receipts.receipt(for: forged.id, in: other.hospital.id),
            world.books.receipts.receipt(for: writer.changes[0].id, in: ward.hospital.id),
        ]
        for receipt in receipts.compactMap({ $0 }) {
            var request = ward.request([.foreign(forged, receipt)])
            request.isRepair = true
            #expect(try await ward.exchange(request).unreadable.map(\.reason) == ["receipt"])
        }
        #expect(try await world.state(of: caseID).count == 1)
        let strays = try await world.mergeDesk.strays(countMax: 9)
        #expect(strays.waiting.map(\.id) == [forged.id] && strays.alarms.map(\.count) == [3])
    }

    @Test("One dot with two contents: both are kept, the case is marked, and an alarm is raised")
    func forkedDot() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var (one, clone) = (Writer(1), Writer(1))
        try one.write(caseID, [20: (CBOR.name("a"), [])])
        let other = try clone.write(caseID, [20: (CBOR.name("b"), [])])
        let receipt = world.books.receipts.receipt(for: other.id, in: ward.hospital.id)
        try await ward.push(one.run(), .foreign(other, receipt))
        let state = try await world.state(of: caseID)
        #expect(state.forked == [other.dot] && state.count == 2)
        #expect(state.registers[GroupID(rawValue: 20)]?.standing.count == 2)
        #expect(try await world.caches().summaries.map(\.forkedCount).max() == 1)
        #expect(try await world.mergeDesk.strays(countMax: 9).alarms.map(\.alarm.kind) == [.forkedDot])
        let verdict = MergeDesk.Verdict(
            caseID: caseID, target: other.id, isTakenUp: false, seen: [], reason: "clone", user: "s")
        try await world.mergeDesk.give(verdict)
        #expect(
            try await world.state(of: caseID).registers[GroupID(rawValue: 20)]?.standing.map(\.id) == [
                one.changes[0].id
            ])
    }

    @Test("Only cases that differ are told of, with what central has seen; another hospital's looks unknown")
    func sums() async throws {
        let world = try World()
        let (ward, other) = (try await world.hospital("H1"), try await world.hospital("H2"))
        let (mine, theirs) = (world.newCase(), world.newCase())
        var (writer, stranger) = (Writer(1), Writer(2))
        let change = try writer.write(mine, [20: (CBOR.name("n"), [])])
        try stranger.write(theirs, [20: (CBOR.name("m"), [])])
        try await ward.push(writer.run())
        try await other.push(stranger.run())
        var sum = Fingerprint.empty
        sum.add(change.id)
        var request = ward.request()
        request.sums = [CaseSum(caseID: mine, fingerprint: sum)]
        #expect(try await ward.exchange(request).differences.isEmpty)
        request.sums = [mine, theirs, world.newCase()].map { CaseSum(caseID: $0, fingerprint: .empty) }
        let differences = try await ward.exchange(request).differences
        #expect(differences.map(\.caseID) == request.sums.map(\.caseID))
        #expect(differences.map { $0.seen.contains(change.dot) } == [true, false, false])
        #expect(differences.map(\.seen.isEmpty) == [false, true, true])
    }

    @Test(
        "Cases in scope are supplied again on request, with receipts that central takes back; others are not")
    func supplied() async throws {
        let world = try World()
        let (ward, other) = (try await world.hospital("H1"), try await world.hospital("H2"))
        let caseID = world.newCase()
        var writer = Writer(1)
        let change = try writer.write(caseID, [20: (CBOR.name("n"), [])])
        try await ward.push(writer.run())
        var request = ward.request()
        request.cursor = 2
        request.wanted = [caseID]
        let receipt = world.books.receipts.receipt(for: change.id, in: ward.hospital.id)
        #expect(
            try await ward.exchange(request).entries == [
                .supplied(
                    replica: change.replica, sequence: change.sequence, body: change.body, receipt: receipt)
            ])
        // Before it came, nothing of it counts yet: the feed brings all of it.
        request.cursor = 0
        #expect(try await ward.exchange(request).entries.count == 2)
        request.hospital = other.hospital.id
        request.cursor = 1
        #expect(try await other.exchange(request).entries.isEmpty)
    }
}

extension World {
    /// The same hospital and computer at another central, as an operator would restore them.
    func reappear(_ ward: Ward, in world: World) async throws -> Ward {
        let (hospital, device) = (ward.hospital, ward.device)
        try await world.store.write { transaction throws(CentralError) in
            try transaction.put(hospital)
            try transaction.put(device)
        }
        return Ward(world: world, hospital: hospital, device: device)
    }
}
