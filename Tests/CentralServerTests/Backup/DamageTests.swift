import Foundation
import Persistence
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("A damaged store takes nothing and passes nothing on")
struct DamageTests {
    /// A store whose log has a zeroed page.
    private func damaged() async throws -> (site: Site, ward: Ward) {
        let site = try Site()
        let (ward, _) = try await site.world.livelyHospital("H1", cases: 40)
        try site.rest()
        let bodies = try Database(
            path: site.storePath, mode: .readOnly, applicationID: Schema.applicationID
        ).rows("SELECT body FROM change") { row throws(DatabaseError) in Data(try row.blob(0).prefix(40)) }
        try alterFile(site.storePath) { data in
            let places = bodies.compactMap { data.range(of: $0)?.lowerBound }
            for page in Set(places.map { $0 / 4096 }) {
                data.replaceSubrange(
                    (page * 4096)..<(page * 4096 + 4096), with: [UInt8](repeating: 0, count: 4096))
            }
        }
        return (site, ward)
    }

    private func failure(_ body: () async throws -> Void) async -> StoreFailure? {
        do { try await body() } catch CentralError.store(let failure) { return failure } catch {}
        return nil
    }

    @Test("Once SQLite has found damage, every write is refused, until the file is replaced; it is told once")
    func refuses() async throws {
        let (site, ward) = try await damaged()
        let told = Guarded<[StoreFailure]>([])
        let store = try SQLiteCentralStore(
            path: site.storePath, random: { 5 }, onDamage: { failure in told.withLock { $0.append(failure) } }
        )
        let books = Books(casebook: Casebook(), receipts: site.world.books.receipts)
        let read = await failure {
            _ = try await store.read { transaction throws(CentralError) in
                try transaction.feed(of: ward.hospital.id, after: 0, countMax: 1_000)
            }
        }
        #expect(read?.kind == .damaged)
        // A write that would have touched no damaged page.
        let write = await failure {
            try await store.write { transaction throws(CentralError) in
                try transaction.raise(Alarm(kind: .fork, subject: "x"), milliseconds: 1)
            }
        }
        #expect(write?.kind == .damaged)
        var writer = Writer(77)
        try writer.write(site.world.newCase(), [20: (CBOR.name("n"), [])])
        let outcome = await Intake.commit([ward.arrival(ward.request([writer.run()]))], to: store, books)[0]
        guard case .failure(.store(let refusal)) = outcome else {
            Issue.record("an exchange was answered")
            return
        }
        #expect(refusal.kind == .damaged)
        #expect(told.withLock { $0.count } == 1)
        let problem = CentralProblem(.store(refusal))
        #expect(problem.status == 503 && problem.type.hasSuffix(":damaged"))
        // A sound file in its place is used again.
        let other = try Site(seed: 3)
        _ = try await other.world.hospital("H2")
        let copy = site.directory.path + "/sound.sqlite"
        try copyStore(other.storePath, to: copy)
        try FileManager.default.moveItem(atPath: site.storePath, toPath: site.directory.path + "/old")
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: site.storePath + suffix)
        }
        try FileManager.default.moveItem(atPath: copy, toPath: site.storePath)
        try await store.write { transaction throws(CentralError) in
            try transaction.raise(Alarm(kind: .fork, subject: "x"), milliseconds: 1)
        }
    }

    @Test("A body that its content ID does not name is neither sent nor folded; other cases go on")
    func alteredBody() async throws {
        let site = try Site()
        let (ward, writer) = try await site.world.livelyHospital("H1")
        let (other, _) = try await site.world.livelyHospital("H2")
        try site.alter(
            "UPDATE change SET body = CAST(substr(body, 1, length(body) - 1) || 'q' AS BLOB) WHERE replica = "
                + "\(Int64(bitPattern: writer.replica.rawValue)) AND sequence = 1")
        let told = Guarded<[StoreFailure]>([])
        let store = try SQLiteCentralStore(
            path: site.storePath, random: { 5 }, onDamage: { failure in told.withLock { $0.append(failure) } }
        )
        let books = Books(casebook: Casebook(), receipts: site.world.books.receipts)
        let sent = await Intake.commit([ward.arrival(ward.request())], to: store, books)[0]
        guard case .failure(.store(let refusal)) = sent else {
            Issue.record("an altered body was sent")
            return
        }
        #expect(refusal.kind == .inconsistent && CentralProblem(.store(refusal)).status == 503)
        let folded = await failure {
            _ = try await store.read { transaction throws(CentralError) in
                try transaction.changes(of: writer.changes[0].caseID)
            }
        }
        #expect(folded?.kind == .inconsistent)
        let answer = try await Intake.commit([other.arrival(other.request())], to: store, books)[0].get()
        #expect(!answer.entries.isEmpty)
    }

    @Test("What is no database is refused at the opening as damaged; a later version's file is not")
    func opening() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/central.sqlite"
        try Data("no database at all, but long enough to look like one: ".utf8).write(to: URL(filePath: path))
        let refused = await failure { _ = try SQLiteCentralStore(path: path, random: { 1 }) }
        #expect(refused?.kind == .damaged)
        let other = directory.path + "/other.sqlite"
        _ = try Database(path: other, mode: .create, applicationID: 1)
        let foreign = await failure { _ = try SQLiteCentralStore(path: other, random: { 1 }) }
        #expect(foreign?.kind == .foreign)
    }
}
