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
            var ledger = Ledger(transaction, world.books, milliseconds: 1)
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
        await #expect(throws: CentralError.refused(.unsupportedVersion)) {
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
        let lost = try await expectedSum(scope(ward, ids))
        #expect(lost != sum)
        #expect(try await ask(ward, sum: lost).answers.isEmpty)
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
