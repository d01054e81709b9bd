import Cryptography
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("The feed of a hospital")
struct FeedTests {
    @Test("Chain and fingerprint, recomputed from the entries alone, are those that are stored")
    func recomputed() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        var writer = Writer(1)
        let cases = (0..<3).map { _ in world.newCase() }
        for index in 0..<9 { try writer.write(cases[index % 3], [20: (CBOR.name("n\(index)"), [])]) }
        try await ward.push(writer.run())
        try await world.leave(cases[1], ward.hospital.id)
        var (chain, sums, owners) = (Chain.start, Fingerprint.empty, [CaseID: Fingerprint]())
        for (index, entry) in try await world.feed(of: ward.hospital.id).enumerated() {
            switch entry.item.subject {
            case .enters(let id): chain = chain.appending(FeedEntry.link(enters: id))
            case .leaves(let id):
                chain = chain.appending(FeedEntry.link(leaves: id))
                sums.subtract(owners.removeValue(forKey: id) ?? .empty)
            case .late(let replica, let sequence, let body, _):
                chain = chain.appending(
                    FeedEntry.link(late: ContentID(replica: replica, sequence: sequence, body: body)))
            case .change(let replica, let sequence, let body, let receipt, _):
                let change = try Change(replica: replica, sequence: sequence, body: body)
                chain = chain.appending(FeedEntry.link(change: change.id))
                sums.add(change.id)
                owners[change.caseID, default: .empty].add(change.id)
                #expect(world.books.receipts.isGenuine(receipt, for: change.id, in: ward.hospital.id))
            }
            #expect(entry.head == FeedHead(position: UInt64(index + 1), chain: chain, fingerprint: sums))
        }
        #expect(chain != .start && sums != .empty)
    }

    @Test("A case that comes into another scope brings all its changes; afterwards both feeds get new ones")
    func enters() async throws {
        let world = try World()
        let (ward, other) = (try await world.hospital("H1"), try await world.hospital("H2"))
        let caseID = world.newCase()
        var writer = Writer(1)
        for index in 0..<3 { try writer.write(caseID, [20: (CBOR.name("n\(index)"), [])]) }
        try await ward.push(writer.run())
        try await world.enter(caseID, other.hospital.id)
        try writer.write(caseID, [21: ([.text("1")], [])])
        try await ward.push(writer.run(4))
        let feed = try await world.feed(of: other.hospital.id)
        #expect(feed.count == 6)
        #expect(feed[1].item.subject == .enters(caseID))
        #expect(feed.dropFirst(2).map(\.id) == writer.changes.map(\.id))
    }

    @Test("Own changes come as a range exactly as far as the agent's head reaches")
    func ownRanges() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var writer = Writer(1)
        for index in 0..<5 { try writer.write(caseID, [20: (CBOR.name("n\(index)"), [])]) }
        try await ward.push(writer.run())
        for reached in 0...5 {
            let answer = try await ward.exchange(ward.request(heads: [writer.head(at: reached)]))
            var ranges: [FeedEntry] = []
            if reached > 0 { ranges = [.own(replica: writer.replica, first: 1, last: UInt64(reached))] }
            #expect(answer.entries.filter { if case .own = $0 { true } else { false } } == ranges)
            #expect(answer.entries.count == 1 + ranges.count + 5 - reached)
        }
        let wrong = ReplicaHead(replica: writer.replica, sequence: 5, chain: .start)
        let forked = try await ward.exchange(ward.request(heads: [wrong]))
        #expect(forked.entries.count == 6 && forked.forks.count == 1)
    }

    @Test("Entries fill the budget, the first comes whatever its size, and pages join without gap or repeat")
    func budget() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        var writer = Writer(1)
        for index in 0..<40 { try writer.write(world.newCase(), [20: (CBOR.name("n\(index)"), [])]) }
        try await ward.push(writer.run())
        for budget in [0, 1, 500, 3_000, 100_000] as [UInt64] {
            var request = ward.request()
            request.budget = budget
            var ids: [ContentID] = []
            while true {
                let answer = try await ward.exchange(request)
                #expect(answer.encoded.count <= Int(budget) + 700)
                #expect(answer.from == request.cursor && !answer.entries.isEmpty)
                ids += answer.entries.compactMap(\.id)
                request.cursor += UInt64(answer.entries.count)
                if !answer.hasMore { break }
            }
            #expect(ids == (try await world.feed(of: ward.hospital.id).compactMap(\.id)))
        }
    }

    @Test(
        "A witness or cursor that does not fit asks for repair, and nothing of the request is carried out",
        arguments: [
            (0, FeedPoint(position: 1, chain: .start)), (0, FeedPoint(position: 2, chain: .start)),
            (2, .start),
        ] as [(UInt64, FeedPoint)])
    func wentBack(cursor: UInt64, witness: FeedPoint) async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        var writer = Writer(1)
        try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
        var request = ward.request([writer.run()], heads: [writer.head])
        request.cursor = cursor
        request.witness = witness
        let answer = try await ward.exchange(request)
        #expect(answer.isRepairNeeded && answer.stored.isEmpty && answer.entries.isEmpty)
        #expect(try await world.feed(of: ward.hospital.id).count == 1)
        request.isRepair = true
        let repaired = try await ward.exchange(request)
        #expect(!repaired.isRepairNeeded && repaired.entries.isEmpty)
        #expect(repaired.stored == [Watermark(replica: writer.replica, sequence: 1)])
        #expect(try await world.feed(of: ward.hospital.id).count == 2)
    }
}

extension FeedEntry {
    var id: ContentID? {
        guard case .change(let replica, let sequence, let body, _) = self else { return nil }
        return ContentID(replica: replica, sequence: sequence, body: body)
    }
}

extension World {
    func enter(_ caseID: CaseID, _ hospital: HospitalID) async throws {
        let books = books
        try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: 0)
            try ledger.enter(caseID, hospital)
            try ledger.finish()
        }
    }

    func leave(_ caseID: CaseID, _ hospital: HospitalID) async throws {
        let books = books
        try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: 0)
            try ledger.leave(caseID, hospital)
            try ledger.finish()
        }
    }
}
