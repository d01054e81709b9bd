import Casework
import Persistence
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Birth certificates at central, and numbers that collide")
struct StockTests {
    private let world: World

    init() throws { world = try World() }

    private func range(_ first: String, _ last: String) throws -> CertificateRange {
        try CertificateRange(
            first: try #require(CertificateNumber(first)), last: try #require(CertificateNumber(last)))
    }

    /// A case with a certificate and its own number.
    @discardableResult
    private func use(
        _ certificate: String?, of ward: Ward, by writer: inout Writer, number: String? = nil,
        notice: String? = nil
    ) async throws -> CaseID {
        let caseID = ward.world.newCase()
        var writes: [UInt32: ([CBOR], [Dot])] = [:]
        if let certificate { writes[39] = ([.text(certificate)], []) }
        if let number { writes[3] = ([.text(number)], []) }
        if let notice { writes[15] = ([.text("accept"), .text(notice), .null], []) }
        try writer.write(caseID, writes)
        try await ward.push(writer.run())
        return caseID
    }

    private func collisions() async throws -> [String] {
        try await world.stockDesk.collisions(countMax: 50).map { collision in
            let holders = collision.holders.flatMap(\.hospitals).sorted().joined(separator: " ")
            return "\(collision.kind.rawValue) \(collision.number) \(holders)"
        }
    }

    @Test(
        "Ranges of hospitals never overlap, and the holder is told",
        arguments: [
            ("Z000000001", "Z000000100"), ("Z000000050", "Z000000050"), ("Z000000100", "Z000000200"),
            ("Y999999999", "Y999999999"), ("Z000000000", "Z000000001"), ("Z000000101", "Z000000200"),
            ("Z000000000", "Z000000000"), ("Z000000000", "Z000099999"),
        ])
    func overlapping(first: String, last: String) async throws {
        _ = try await (world.hospital("H1"), world.hospital("H2"))
        let held = try range("Z000000001", "Z000000100")
        #expect(try await world.stockDesk.assign(held, to: "H1", by: "x"))
        let other = try range(first, last)
        let refusal = CentralError.refused(
            .rangeTaken(hospital: "H1", range: try CertificateRange(first: held.first, last: held.last)))
        if held.overlaps(other) {
            for code in ["H2", "H1"] where code == "H2" || other != held {
                await #expect(throws: refusal) {
                    try await world.stockDesk.assign(other, to: code, by: "x")
                }
            }
        } else {
            #expect(try await world.stockDesk.assign(other, to: "H2", by: "x"))
        }
    }

    @Test("The longest range is found from its far end; the same one again writes nothing")
    func longRange() async throws {
        let ward = try await world.hospital("H1")
        let longest = try range("Z000000001", "Z000100000")
        #expect(try await world.stockDesk.assign(longest, to: "H1", by: "x"))
        let feed = try await world.feed(of: ward.hospital.id)
        #expect(try await !world.stockDesk.assign(longest, to: "H1", by: "x"))
        #expect(try await world.feed(of: ward.hospital.id) == feed)
        await #expect(throws: CentralError.self) {
            try await world.stockDesk.assign(try range("Z000100000", "Z000100001"), to: "H1", by: "x")
        }
        #expect(try await world.stockDesk.assign(try range("Z000100001", "Z000100001"), to: "H1", by: "x"))
        await #expect(throws: CentralError.refused(.unknownHospital)) {
            try await world.stockDesk.assign(try range("A000000001", "A000000001"), to: "H9", by: "x")
        }
    }

    @Test("The stock of each hospital: assigned, used, voided, remaining, next, low")
    func lines() async throws {
        let ward = try await world.hospital("H1")
        _ = try await world.hospital("H2")
        _ = try await world.stockDesk.assign(try range("Z000000001", "Z000000025"), to: "H1", by: "x")
        var writer = Writer(1)
        for number in 1...3 { try await use("Z00000000\(number)", of: ward, by: &writer) }
        try writer.write(ward.hospital.id.record, [9005: ([.text("Z000000004"), .text("x"), .null], [])])
        try await ward.push(writer.run())
        let lines = try await world.stockDesk.lines(of: nil)
        #expect(lines.map(\.hospital.code) == ["H1"])
        let line = try #require(lines.first)
        #expect(line.stock.assignedCount == 25 && line.stock.usedCount == 3 && line.stock.voidedCount == 1)
        #expect(line.stock.remainingCount == 21 && line.stock.next?.description == "Z000000005")
        #expect(!line.isLow)
        try await use("Z000000005", of: ward, by: &writer)
        #expect(try await world.stockDesk.lines(of: "H1").first?.isLow == true)
        #expect(try await world.stockDesk.lines(of: "H2").first?.stock.isAssigned == false)
    }

    private func void(_ first: String, _ last: String, isDryRun: Bool = false) async throws -> Int {
        try await world.stockDesk.void(
            StockDesk.Voiding(range: try range(first, last), reason: "运输途中受潮", isDryRun: isDryRun), of: "H1",
            by: "x")
    }

    @Test(
        "Lost certificates are voided at central, all of a range or none; again changes nothing; a rebuild finds the same"
    )
    func voiding() async throws {
        let ward = try await world.hospital("H1")
        _ = try await world.stockDesk.assign(try range("Z000000001", "Z000000025"), to: "H1", by: "x")
        var writer = Writer(1)
        try await use("Z000000010", of: ward, by: &writer)
        #expect(try await void("Z000000001", "Z000000005", isDryRun: true) == 5)
        #expect(try await world.stockDesk.lines(of: "H1").first?.stock.voidedCount == 0)
        #expect(try await void("Z000000001", "Z000000005") == 5)
        #expect(try await void("Z000000004", "Z000000007") == 2)
        #expect(try await void("Z000000004", "Z000000007") == 0)
        let used = CentralError.refused(.certificateUsed(try #require(CertificateNumber("Z000000010"))))
        await #expect(throws: used) { try await void("Z000000008", "Z000000012") }
        let beyond = CentralError.refused(.notHeld(try #require(CertificateNumber("Z000000026"))))
        await #expect(throws: beyond) { try await void("Z000000020", "Z000000026") }
        await #expect(throws: CentralError.self) { try await void("Z000000001", "Z000001001") }
        let stock = try #require(try await world.stockDesk.lines(of: "H1").first?.stock)
        #expect(stock.voidedCount == 7 && stock.next?.description == "Z000000008")
        let caches = try await world.recordCaches()
        try await Rebuild(store: world.store, books: world.books).run()
        #expect(try await world.recordCaches() == caches)
        // A window that was offline used one all the same.
        try await use("Z000000001", of: ward, by: &writer)
        #expect(try await collisions() == ["voided-and-used Z000000001 H1"])
        let acts = try await ActDesk(store: world.store, books: world.books).acts(
            before: nil, of: .stock, in: "H1", countMax: 50)
        #expect(acts.acts.count == 8 && acts.acts.first?.about["number"] == "Z000000007")
    }

    @Test("As many as one order may void are voided")
    func voidingMany() async throws {
        _ = try await world.hospital("H1")
        _ = try await world.stockDesk.assign(try range("Z000000001", "Z000002000"), to: "H1", by: "x")
        #expect(try await void("Z000000001", "Z000001000") == StockDesk.voidedAtOnceMax)
        await #expect(throws: CentralError.self) { try await void("Z000001001", "Z000002001") }
        #expect(try await world.stockDesk.lines(of: "H1").first?.stock.remainingCount == 1_000)
    }

    @Test("Collisions of every kind are found, and go when their cause goes; a rebuild finds the same")
    func kinds() async throws {
        let (one, two) = (try await world.hospital("H1"), try await world.hospital("H2"))
        _ = try await world.stockDesk.assign(try range("Z000000001", "Z000000009"), to: "H1", by: "x")
        var (first, second) = (Writer(1), Writer(2))
        try await use("Z000000001", of: one, by: &first, number: "N-1", notice: "W-1")
        try await use("Z000000002", of: one, by: &first, number: "N-2", notice: "W-2")
        #expect(try await collisions().isEmpty)
        let twin = try await use("Z000000001", of: two, by: &second, number: "N-1", notice: "W-1")
        let outside = try await use("Y000000001", of: one, by: &first)
        try first.write(one.hospital.id.record, [9005: ([.text("Z000000002"), .text("x"), .null], [])])
        try await one.push(first.run())
        let expected = [
            "certificate-twice Z000000001 H1 H2", "case-number-twice N-1 H1 H2",
            "notice-number-twice W-1 H1 H2", "voided-and-used Z000000002 H1", "outside-range Y000000001 H1",
        ]
        #expect(try await collisions() == expected)
        let caches = try await world.recordCaches()
        try await Rebuild(store: world.store, books: world.books).run()
        #expect(try await world.recordCaches() == caches)
        #expect(try await collisions() == expected)
        // A third holder, and then all but one put another number in its place.
        let third = try await use("Z000000001", of: one, by: &first)
        #expect(try await world.stockDesk.collisions(countMax: 50).first?.holders.count == 3)
        for (caseID, number) in [(third, "Z000000003"), (twin, "Z000000004"), (outside, "Z000000005")] {
            try await world.caseDesk.edit(
                CaseDesk.Edit(caseID: caseID, answers: ["birthCertNo": .text(number)], user: "x"))
        }
        #expect(try await collisions().filter { $0.contains("certificate-") || $0.contains("outside") } == [])
        #expect(try await world.recordCaches() == rebuilt())
    }

    private func rebuilt() async throws -> [String] {
        try await Rebuild(store: world.store, books: world.books).run()
        return try await world.recordCaches()
    }

    @Test("Both values of a conflict count, and a case that was merged into another holds no certificate")
    func conflictAndMerge() async throws {
        let ward = try await world.hospital("H1")
        var (first, second) = (Writer(1), Writer(2))
        let caseID = try await use("Z000000001", of: ward, by: &first)
        try second.write(caseID, [39: ([.text("Z000000002")], [])])
        try await ward.push(second.run())
        let other = try await use("Z000000002", of: ward, by: &first)
        #expect(try await collisions() == ["certificate-twice Z000000002 H1 H1"])
        try await DuplicateDesk(store: world.store, books: world.books, now: world.environment.now).merge(
            DuplicateDesk.Merge(from: other, into: caseID, reason: "r", user: "desk"))
        #expect(try await collisions() == [])
    }

    @Test("Lists are bounded, and what is told of one number is whole", arguments: 1...4)
    func bounded(countMax: Int) async throws {
        let ward = try await world.hospital("H1")
        var writer = Writer(1)
        for number in 1...3 {
            for _ in 0..<3 { try await use("Z00000000\(number)", of: ward, by: &writer) }
        }
        let found = try await world.stockDesk.collisions(countMax: countMax)
        #expect(found.count == min(countMax, 3) && found.allSatisfy { $0.holders.count == 3 })
    }

    /// Undoes the migrations from `0004-records` on.
    private static let downgrade: [StaticString] = [
        "DROP TABLE feed_backup", "DROP TABLE attachment_backup",
        "DROP TABLE task_turn", "DROP TABLE task_claim", "ALTER TABLE department DROP COLUMN disabled",
        "ALTER TABLE department DROP COLUMN old_hash", "ALTER TABLE department DROP COLUMN old_until",
        "DROP TABLE duplicate_case", "DROP TABLE duplicate_key", "DROP TABLE duplicate_pair",
        "DROP TABLE verified_backup", "ALTER TABLE replica DROP COLUMN backed_up", "DROP TABLE cache_maker",
        "DROP TABLE bundle_answer", "ALTER TABLE contact DROP COLUMN sent_at",
        "ALTER TABLE contact DROP COLUMN bundle", "DROP TABLE attachment_want", "DROP TABLE attachment_name",
        "DROP INDEX unreadable_by_time", "DROP INDEX waiting_by_time", "DROP TABLE signed_nonce",
        "DROP INDEX device_by_next_key",
        "DROP TABLE desk_entry", "DROP INDEX unreadable_by_hospital", "DROP INDEX unreadable_by_content",
        "DROP INDEX waiting_by_hospital", "ALTER TABLE unreadable DROP COLUMN settled",
        "ALTER TABLE waiting DROP COLUMN settled", "ALTER TABLE change DROP COLUMN received",
        "ALTER TABLE device DROP COLUMN next_public_key", "ALTER TABLE device DROP COLUMN last_replica",
        "DROP TABLE case_fact", "DROP TABLE open_item", "DROP TABLE record_calendar",
        "DROP TABLE record_setting", "DROP TABLE case_arrival", "DROP TABLE device_condition",
        "DROP TABLE lag_sample", "DELETE FROM migration WHERE identifier > '0004-records'",
        "ALTER TABLE case_cache DROP COLUMN last_time",
        "DROP TABLE case_number", "DROP TABLE published_policy", "DROP TABLE certificate_range",
        "DROP TABLE voided_certificate", "DROP TABLE withdrawn_policy", "DROP TABLE case_course",
        "DROP TABLE act", "DROP TABLE rules_mark", "DROP TABLE key_mark",
        "DELETE FROM migration WHERE identifier = '0004-records'",
        "PRAGMA user_version = 3",
    ]

    @Test("A store of the version before gets its numbers at the first request")
    func upgraded() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/central.sqlite"
        let caches: [String]
        do {
            let world = try World.plain(path: path)
            let ward = try await world.hospital("H1")
            var writer = Writer(1)
            for _ in 0..<2 { try await use("Z000000001", of: ward, by: &writer) }
            caches = try await world.recordCaches()
        }
        let database = try Database(path: path, mode: .open, applicationID: Schema.applicationID)
        for sql in Self.downgrade { try database.execute(sql) }
        let upgraded = try World(seed: 2, path: path)
        try await Rebuild(store: upgraded.store, books: upgraded.books).runIfNeeded()
        #expect(try await upgraded.recordCaches() == caches)
        #expect(try await upgraded.stockDesk.collisions(countMax: 9).count == 1)
    }
}
