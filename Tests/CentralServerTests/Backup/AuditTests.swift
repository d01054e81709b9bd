import Foundation
import Persistence
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("What an audit of a store finds", .timeLimit(.minutes(3)))
struct AuditTests {
    /// A store at rest, in one file.
    private func store() async throws -> Site {
        let site = try Site()
        for code in ["H1", "H2"] { _ = try await site.world.livelyHospital(code) }
        try site.rest()
        return site
    }

    @Test("A store with every kind of row is sound")
    func sound() async throws {
        let report = try await store().audit()
        #expect(report.problems == [])
        #expect(report.changeCount > 20 && report.entryCount > 20 && report.replicaCount == 3)
    }

    static let alterations: [(sql: String, part: AuditReport.Part)] = [
        (
            "UPDATE change SET body = CAST(substr(body, 1, length(body) - 1) || 'q' AS BLOB) WHERE number = 3",
            .log
        ),
        ("UPDATE change SET edition = edition + 1 WHERE number = 3", .log),
        ("UPDATE change SET case_id = randomblob(16) WHERE number = 3", .log),
        ("UPDATE unreadable SET body = x'02'", .log),
        ("UPDATE change SET content = randomblob(32) WHERE number = 3", .chain),
        ("UPDATE change SET chain = randomblob(32) WHERE number = 3", .chain),
        (
            "DELETE FROM change WHERE number = (SELECT max(number) FROM change WHERE chain IS NOT NULL)",
            .chain
        ),
        ("UPDATE replica SET length = length + 1", .chain),
        ("DELETE FROM replica WHERE backed_up = 0", .chain),
        ("DELETE FROM unreadable", .chain),
        ("UPDATE feed SET chain = randomblob(32) WHERE position = 4", .feed),
        ("UPDATE feed SET fingerprint = randomblob(32) WHERE position = 4", .feed),
        ("UPDATE feed SET receipt = randomblob(16) WHERE position = 4 AND kind = 1", .feed),
        ("UPDATE feed SET case_id = randomblob(16) WHERE kind = 4", .feed),
        ("DELETE FROM feed WHERE position = 4", .feed),
        ("UPDATE hospital SET position = position - 1", .feed),
        ("UPDATE case_cache SET changes = changes + 1", .cache),
        ("UPDATE case_cache SET fingerprint = randomblob(32)", .cache),
        ("DELETE FROM case_cache WHERE case_id IN (SELECT case_id FROM case_cache LIMIT 1)", .cache),
        (
            "INSERT INTO case_cache SELECT randomblob(16), 1, fingerprint, 0, 0, 0, 0, 0 FROM case_cache LIMIT 1",
            .cache
        ),
        ("UPDATE device SET hospital = randomblob(16)", .file),
    ]

    @Test("Every row that says something else is found, in its part", arguments: alterations.indices)
    func altered(index: Int) async throws {
        let site = try await store()
        let (sql, part) = Self.alterations[index]
        try site.alter(sql)
        let report = try site.audit()
        #expect(report.problems.contains { $0.part == part }, "\(sql): \(report.problems)")
        #expect(report.isDamaged == (part != .cache), "\(sql): \(report.problems)")
    }

    @Test("Damaged pages, a cut file and no database at all are found", arguments: 0..<6)
    func damagedFile(how: Int) async throws {
        let site = try await store()
        let page = 4096
        let leaf = try await leafOfLog(site)
        try alterFile(site.storePath) { data in
            switch how {
            case 0: data.replaceSubrange(0..<16, with: [UInt8](repeating: 0, count: 16))
            case 1:
                data.replaceSubrange(
                    (leaf * page)..<(leaf * page + page), with: [UInt8](repeating: 0, count: page))
            case 2: data.removeLast(data.count / 2)
            case 3: data[leaf * page + 3] ^= 0xFF  // the count of cells
            case 4: data = Data("This is no database, but a text of somebody's.".utf8)
            default: data[page + 5] ^= 0xFF
            }
        }
        let report = try site.audit()
        #expect(report.isDamaged)
    }

    /// The page in which most bodies lie, from 0.
    private func leafOfLog(_ site: Site) async throws -> Int {
        let data = try Data(contentsOf: URL(filePath: site.storePath))
        let database = try Database(
            path: site.storePath, mode: .readOnly, applicationID: Schema.applicationID)
        let body = try database.first("SELECT body FROM change WHERE number = 5") {
            row throws(DatabaseError) in
            try row.blob(0)
        }
        let needle = Data(try #require(body).prefix(40))
        return try #require(data.range(of: needle)).lowerBound / 4096
    }

    /// `AUDIT_SEED` repeats a run.
    @Test("Where an audit finds nothing after a byte was altered, the log and the feeds still say the same")
    func anyByte() async throws {
        let given = ProcessInfo.processInfo.environment["AUDIT_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0..<1_000_000)
        var random = SeededGenerator(seed: seed)
        let site = try await store()
        let sound = try Data(contentsOf: URL(filePath: site.storePath))
        let said = try contents(site)
        var found = 0
        for round in 0..<80 {
            var data = sound
            let place = Int.random(in: 0..<data.count, using: &random)
            data[place] ^= UInt8.random(in: 1...255, using: &random)
            try data.write(to: URL(filePath: site.storePath))
            if (try? site.audit().isDamaged) ?? true {
                found += 1
                continue
            }
            #expect(try contents(site) == said, "AUDIT_SEED=\(seed), round \(round), byte \(place)")
        }
        #expect(found > 0)
    }

    private func contents(_ site: Site) throws -> [[UInt8]] {
        let database = try Database(
            path: site.storePath, mode: .readOnly, applicationID: Schema.applicationID)
        return try database.rows(
            "SELECT body FROM change UNION ALL SELECT chain FROM feed UNION ALL SELECT chain FROM replica ORDER BY 1"
        ) { row throws(DatabaseError) in try row.blob(0) }
    }
}
