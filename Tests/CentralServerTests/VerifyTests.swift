import Foundation
import Persistence
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Verify: central's side, from its store")
struct VerifyTests {
    private let directory: TemporaryDirectory
    private let world: World
    init() throws {
        directory = try TemporaryDirectory()
        world = try World(path: directory.path + "/central.sqlite")
    }

    /// A hospital with some cases of two changes each.
    private func filled(caseCount: Int = 20) async throws -> (ward: CentralServerTests.Ward, ids: [CaseID]) {
        let ward = try await world.hospital("H1")
        var writer = Writer(0xA1)
        let ids = (0..<caseCount).map { _ in world.newCase() }
        for turn in 0..<2 {
            for (index, id) in ids.enumerated() {
                try writer.write(
                    id, [20: (CBOR.name("\(turn)"), [])],
                    milliseconds: UInt64(1_000_000 + index * 1000 + turn))
            }
        }
        try await ward.push(writer.run())
        return (ward, ids)
    }

    private func ask(
        _ ward: CentralServerTests.Ward, _ desk: VerifyDesk = VerifyDesk(), sum: Fingerprint = .empty,
        at point: FeedPoint? = nil
    ) async throws -> VerifyResponse {
        let head = try await world.store.read { transaction throws(CentralError) in
            try transaction.feedHead(of: ward.hospital.id)?.point ?? .start
        }
        return try await desk.answer(
            VerifyRequest(hospital: ward.hospital.id, point: point ?? head, question: .scope(sum)),
            from: ward.device, in: world.store, world.books, now: world.environment.now())
    }

    /// What the log says that the scope amounts to.
    private func expectedSum(_ ids: [CaseID]) async throws -> Fingerprint {
        var sum = Fingerprint.empty
        for id in ids { sum.add(try await world.state(of: id).fingerprint) }
        return sum
    }

    /// The scope with the hospital's own record.
    private func scope(_ ward: CentralServerTests.Ward, _ ids: [CaseID]) -> [CaseID] {
        ids + [ward.hospital.id.record]
    }

    private func damage(_ sql: StaticString) throws {
        let database = try Database(
            path: directory.path + "/central.sqlite", mode: .open, applicationID: Schema.applicationID)
        try database.transaction(.immediate) { _ = try database.execute(sql) }
    }

    @Test("The scope's sum is that of the log, and of the feed")
    func equal() async throws {
        let (ward, ids) = try await filled()
        let sum = try await expectedSum(scope(ward, ids))
        #expect(try await world.feed(of: ward.hospital.id).last?.head.fingerprint == sum)
        let answer = try await ask(ward, sum: sum)
        #expect(answer.answers.isEmpty)
        #expect(try await !ask(ward, sum: .empty).answers.isEmpty)
    }

    @Test("Another hospital's cases, and those that left, are not in it")
    func otherScopes() async throws {
        let (ward, ids) = try await filled()
        let other = try await world.hospital("H2")
        let otherSum = try await expectedSum([other.hospital.id.record])
        #expect(try await ask(other, sum: otherSum).answers.isEmpty)
        try await world.store.write { [world] transaction throws(CentralError) in
            var ledger = try Ledger(transaction, world.books, milliseconds: 1)
            try ledger.leave(ids[3], ward.hospital.id)
            try ledger.enter(ids[3], other.hospital.id)
            try ledger.finish()
        }
        let rest = ids.filter { $0 != ids[3] }
        #expect(try await ask(ward, sum: expectedSum(scope(ward, rest))).answers.isEmpty)
        let both = try await expectedSum([other.hospital.id.record, ids[3]])
        #expect(try await ask(other, sum: both).answers.isEmpty)
    }

    @Test("Another hospital than the device's is refused, as is a version that is not spoken")
    func refusals() async throws {
        let (ward, _) = try await filled(caseCount: 1)
        let other = try await world.hospital("H2")
        let request = VerifyRequest(hospital: ward.hospital.id, point: .start, question: .scope(.empty))
        await #expect(throws: CentralError.refused(.otherHospital)) {
            try await VerifyDesk().answer(
                request, from: other.device, in: world.store, world.books, now: 0)
        }
        var later = request
        later.version = 2
        await #expect(throws: CentralError.refused(.unsupportedVersion(spoken: 1...1))) {
            try await VerifyDesk().answer(later, from: ward.device, in: world.store, world.books, now: 0)
        }
    }

    @Test("At another place of the feed nothing is answered but where the head is")
    func elsewhere() async throws {
        let (ward, _) = try await filled()
        let head = try #require(try await world.feed(of: ward.hospital.id).last?.head.point)
        let earlier = FeedPoint(position: head.position - 1, chain: .start)
        #expect(try await ask(ward, at: earlier) == VerifyResponse(point: head))
        let forged = FeedPoint(position: head.position, chain: .start)
        #expect(try await ask(ward, at: forged) == VerifyResponse(point: head))
    }

    @Test("Later messages are answered for the place where the verify began, though the feed goes on")
    func goesOn() async throws {
        let (ward, ids) = try await filled()
        let desk = VerifyDesk()
        let head = try #require(try await world.feed(of: ward.hospital.id).last?.head.point)
        let sum = try await expectedSum(scope(ward, ids))
        _ = try await ask(ward, desk)
        var writer = Writer(0xB2)
        try writer.write(ids[0], [20: (CBOR.name("later"), [])])
        try await ward.push(writer.run())
        let stretch = VerifyRequest.Stretch(
            lower: .start, parts: [VerifyRequest.Part(mark: SumMark(sum), upper: .end)])
        func later(_ now: UInt64) async throws -> VerifyResponse {
            try await desk.answer(
                VerifyRequest(hospital: ward.hospital.id, point: head, question: .ranges([stretch])),
                from: ward.device, in: world.store, world.books, now: now)
        }
        let now = world.environment.now()
        #expect(try await later(now) == VerifyResponse(point: head))
        #expect(try await later(now + VerifyDesk.keptMilliseconds).point != head)
        #expect(try await ask(ward, desk, at: head).point != head)
    }

    @Test(
        "Caches that are lost, wrong, or of before the place of a case was kept do no harm and are made anew",
        arguments: 0..<3)
    func caches(kind: Int) async throws {
        let (ward, ids) = try await filled()
        let sum = try await expectedSum(scope(ward, ids))
        let before = try await world.caches()
        switch kind {
        case 0: try damage("DELETE FROM case_cache")
        case 1: try damage("UPDATE case_cache SET fingerprint = zeroblob(32)")
        default: try damage("UPDATE case_cache SET last_time = NULL")
        }
        #expect(try await ask(ward, sum: sum).answers.isEmpty)
        #expect(try await world.caches() == before)
        let cases = try await world.store.read { transaction throws(CentralError) in
            try transaction.scopeCases(of: ward.hospital.id, after: nil, countMax: 1000)
        }
        for one in cases {
            #expect(one.cached == one.logged)
            #expect(try await world.state(of: one.caseID).lastTime == one.lastTime)
        }
    }

    @Test("A change that the log lost differs, though the cache still counts it")
    func lostChange() async throws {
        let (ward, ids) = try await filled()
        let sum = try await expectedSum(scope(ward, ids))
        try damage("DELETE FROM change WHERE number = (SELECT max(number) FROM change)")
        #expect(try await !ask(ward, sum: sum).answers.isEmpty)
        let cases = try await world.store.read { transaction throws(CentralError) in
            try transaction.scopeCases(of: ward.hospital.id, after: nil, countMax: 1000)
        }
        #expect(cases.allSatisfy { $0.cached == $0.logged })
        let lost = try await expectedSum(scope(ward, ids))
        #expect(lost != sum)
        #expect(try await ask(ward, sum: lost).answers.isEmpty)
    }

    @Test(
        "What the log lost within a chain is taken back to where it was, and the feed can be read again",
        arguments: [[5], [5, 6, 7], [1], [40], [39, 40]])
    func lostInChain(sequences: [Int]) async throws {
        let ward = try await world.hospital("H1")
        var writer = Writer(0xA1)
        let ids = (0..<20).map { _ in world.newCase() }
        for turn in 0..<2 {
            for id in ids { try writer.write(id, [20: (CBOR.name("\(turn)"), [])]) }
        }
        try await ward.push(writer.run())
        var later = Writer(0xB2)
        try later.write(ids[0], [20: (CBOR.name("x"), [])])
        try await ward.push(later.run())
        let (feed, caches) = (try await world.feed(of: ward.hospital.id), try await world.caches())
        for sequence in sequences { try damage(lostSequence: sequence) }
        let request = ward.request([writer.run(sequences[0])], heads: [writer.head])
        let response = try await ward.exchange(request)
        #expect(response.forks.isEmpty)
        #expect(response.stored == [Watermark(replica: writer.replica, sequence: 40)])
        #expect(try await world.feed(of: ward.hospital.id) == feed)
        #expect(try await world.caches() == caches)
        #expect(try await ask(ward, sum: expectedSum(scope(ward, ids))).answers.isEmpty)
        // Once more changes nothing.
        #expect(try await ward.exchange(request).forks.isEmpty)
        #expect(try await world.feed(of: ward.hospital.id) == feed)
    }

    @Test("What is written after the newest changes were lost takes no lost change's place in a feed")
    func writtenAfterLoss() async throws {
        let ward = try await world.hospital("H1")
        let ids = (0..<3).map { _ in world.newCase() }
        var writer = Writer(0xA1)
        for id in ids { try writer.write(id, [20: (CBOR.name("1"), [])]) }
        try await ward.push(writer.run())
        let feed = try await world.feed(of: ward.hospital.id)
        for sequence in [2, 3] { try damage(lostSequence: sequence) }
        var other = Writer(0xB2)
        for id in ids { try other.write(id, [21: (CBOR.name("2"), [])]) }
        // From behind the lost entries: what lies there cannot be read until it is back.
        var request = ward.request([other.run()])
        request.cursor = UInt64(feed.count)
        _ = try await ward.exchange(request)
        request.pushes = [writer.run()]
        _ = try await ward.exchange(request)
        let now = try await world.feed(of: ward.hospital.id)
        #expect(Array(now.prefix(feed.count)) == feed)
        #expect(now.count == feed.count + 3)
        for id in ids { #expect(try await world.state(of: id).count == 2) }
        #expect(try await ask(ward, sum: expectedSum(scope(ward, ids))).answers.isEmpty)
    }

    @Test("Another content for what was lost is a fork, and nothing of it is taken")
    func forgedForLost() async throws {
        let ward = try await world.hospital("H1")
        let id = world.newCase()
        var (writer, forger) = (Writer(0xA1), Writer(0xA1))
        for name in ["1", "2", "3"] {
            try writer.write(id, [20: (CBOR.name(name), [])])
            try forger.write(id, [20: (CBOR.name(name == "2" ? "forged" : name), [])])
        }
        try await ward.push(writer.run())
        try damage(lostSequence: 2)
        var request = ward.request([forger.run()])
        request.cursor = try await world.store.read { transaction throws(CentralError) in
            try transaction.feedHead(of: ward.hospital.id)?.position ?? 0  // behind the lost entry
        }
        let response = try await ward.exchange(request)
        #expect(response.forks.map(\.replica) == [writer.replica])
        #expect(try await world.state(of: id).count == 2)
    }

    @Test("What the log lost of others is taken back with its receipt, to where it was")
    func lostForeign() async throws {
        let (ward, ids) = try await filled()
        var foreign = Writer(0xD3)
        for name in ["a", "b", "c"] { try foreign.write(ids[1], [20: (CBOR.name(name), [])]) }
        try await ward.push(foreign.run())
        let feed = try await world.feed(of: ward.hospital.id)
        let change = foreign.changes[1]
        try damage("DELETE FROM change WHERE sequence = 2 AND replica = 211")
        let receipt = world.books.receipts.receipt(for: change.id, in: ward.hospital.id)
        var request = ward.request([.foreign(change, receipt)])
        request.isRepair = true
        _ = try await ward.exchange(request)
        #expect(try await world.feed(of: ward.hospital.id) == feed)
        #expect(try await ward.exchange(ward.request(heads: [foreign.head])).forks.isEmpty)
    }

    private func damage(lostSequence: Int) throws {
        let database = try Database(
            path: directory.path + "/central.sqlite", mode: .open, applicationID: Schema.applicationID)
        try database.transaction(.immediate) {
            _ = try database.execute(
                "DELETE FROM change WHERE sequence = ? AND replica = 161", .integer(Int64(lostSequence)))
        }
    }

    @Test("A case of which the log lost everything is not in the scope, and its cache is forgotten")
    func lostCase() async throws {
        let (ward, ids) = try await filled(caseCount: 2)
        try damage("DELETE FROM change WHERE case_id = (SELECT max(case_id) FROM change WHERE replica = 161)")
        _ = try await ask(ward)
        let rest = try await world.caches().summaries.map(\.caseID)
        #expect(Set(ids).subtracting(rest).count == 1)
        #expect(rest.count == 2)
    }

    @Test("Pages: more cases than are read at a time")
    func pages() async throws {
        let (ward, ids) = try await filled(caseCount: VerifyDesk.pageCount * 2)
        let began = ContinuousClock.now
        #expect(try await ask(ward, sum: expectedSum(scope(ward, ids))).answers.isEmpty)
        print(
            "VERIFY central: \(ids.count) cases of 2 changes in \(ContinuousClock.now - began), folds of the test included"
        )
    }
}
