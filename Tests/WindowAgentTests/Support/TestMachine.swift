import Casework
import Cryptography
import Foundation
import Persistence
import SealedWindow
import SyncProtocol
import Web

@testable import WindowAgent

/// A machine of a test: a directory that goes with it, a clock that the test sets, and randomness from a seed.
final class TestMachine: Sendable {
    let directory: String
    private let state: Guarded<(now: UInt64, random: SeededGenerator)>

    /// 2025-09-29T08:00:00+08:00.
    static let start: UInt64 = 1_759_104_000_000

    init(seed: Int = 1) throws {
        directory = NSTemporaryDirectory() + "window-" + UUID().uuidString
        state = Guarded((now: Self.start, random: SeededGenerator(seed: seed)))
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }  // what stays is only litter

    var environment: WindowStore.Environment {
        WindowStore.Environment(
            milliseconds: { [state] in state.withLock { $0.now } },
            random: { [state] in state.withLock { $0.random.next() } })
    }

    var now: UInt64 { state.withLock { $0.now } }

    func set(now: UInt64) { state.withLock { $0.now = now } }
    func pass(milliseconds: UInt64) { state.withLock { $0.now += milliseconds } }

    func path(_ name: String = "window.sqlite") -> String { directory + "/" + name }

    /// Opens a store and enrols it, unless it is.
    func open(
        _ name: String = "window.sqlite", hospital: HospitalID = .test, isEnrolled: Bool = true,
        duplicatesKey: SecretBytes? = nil
    ) async throws -> WindowStore {
        let store = try WindowStore(
            path: path(name), dictionary: .standard, duplicatesKey: duplicatesKey, environment: environment)
        if isEnrolled, try await store.loadEnrolment() == nil {
            try await store.enrol(.test(hospital))
        }
        return store
    }

    /// Copies a store with its log, as a backup by a file manager would while nobody writes.
    func copy(_ name: String = "window.sqlite", to copy: String) throws {
        for suffix in ["", "-wal"] {
            try? FileManager.default.removeItem(atPath: path(copy + suffix))  // most often there is none
            guard FileManager.default.fileExists(atPath: path(name + suffix)) else { continue }
            try FileManager.default.copyItem(atPath: path(name + suffix), toPath: path(copy + suffix))
        }
        try? FileManager.default.removeItem(atPath: path(copy + "-shm"))  // most often there is none
    }
}

extension HospitalID {
    static let test = HospitalID(record: CaseID(milliseconds: 1, random: (1, 1)))
}

extension Enrolment {
    static func test(_ hospital: HospitalID = .test, code: String = "YF01") -> Enrolment {
        Enrolment(
            hospital: hospital, code: code, name: "测试卫生院", device: "device-1",
            central: "https://central.test",
            centralKey: Ed25519.SigningKey.test.publicKey, recoveryKey: SealedBox.OpeningKey.test.publicKey)
    }
}

extension Ed25519.SigningKey {
    /// Central's, of which enrolments in tests know the public half.
    static let test = Ed25519.SigningKey()
}

extension SealedBox.OpeningKey {
    /// Central's recovery key.
    static let test = SealedBox.OpeningKey()
}

extension Saving {
    static let clerk = Saving(user: "clerk")
}

/// Why a test cannot go on: the test itself is broken.
struct Broken: Error { let what: String }

func testPolicy(_ id: String = "gx-yongfu") throws -> Policy {
    guard let policy = PolicyLibrary.standard[id] else { throw Broken(what: id) }
    return policy
}

func group(_ name: String) throws -> GroupID {
    guard let group = FieldDictionary.standard.group(named: name) else { throw Broken(what: name) }
    return group.id
}

extension WindowStore {
    /// Registers one newborn and tells its case.
    func newCase(
        _ answers: [String: CBOR] = ["childName": .text("测试一")], saveID: String? = nil
    ) throws -> CaseID {
        let saved = try newCases(
            [Answers(answers)], policy: try testPolicy(), Saving(user: "clerk", saveID: saveID))
        guard let id = saved.cases.first.flatMap({ CaseID($0.id) }) else { throw Broken(what: "no case") }
        return id
    }

    func view(of caseID: CaseID) throws -> CaseView {
        CaseView(id: caseID, state: try state(of: caseID), dictionary: .standard)
    }

    /// Every change with its envelope, in the order in which it came here.
    func log() throws -> [Change] {
        try database.rows("SELECT replica, sequence, body, content FROM change ORDER BY number") {
            row throws(DatabaseError) in try StoredChange(row)
        }.map { try $0.change }
    }

    /// Rows of the case cache, column by column.
    func cacheRows() throws -> [[String]] {
        try database.rows(
            """
            SELECT case_id, fingerprint, changes, conflicts, asides, forked, changed_at, summary FROM case_cache
            ORDER BY case_id
            """
        ) { row throws(DatabaseError) in
            var columns = [
                "\(try row.blob(0))", "\(try row.digest(1))", "\(try row.sealed(7, ListedRow.place))",
            ]
            for column in 2...6 { columns.append("\(try row.integer(Int32(column)))") }
            return columns
        }
    }

    func count(_ sql: StaticString) throws -> Int64 {
        try database.first(sql) { row throws(DatabaseError) in try row.integer(0) } ?? 0
    }

    func execute(_ sql: StaticString) throws { try database.execute(sql) }

    /// What is wrong inside: chains, gaps, dots, caches, outbox. Empty if nothing is.
    func faults() throws -> [String] {
        var faults = try database.integrityProblems()
        var dots: Set<String> = []
        for change in try log() where !dots.insert("\(change.caseID) \(change.dot)").inserted {
            faults.append("\(change.dot) twice")
        }
        faults += try chainFaults()
        if try count("SELECT count(*) FROM case_cache") != count("SELECT count(DISTINCT case_id) FROM change")
        {
            faults.append("a case without a cache, or the reverse")
        }
        for id in try database.rows(
            "SELECT DISTINCT case_id FROM change", decode: { row throws(DatabaseError) in try row.caseID(0) })
        {
            let folded = try state(of: id).fingerprint
            let cached = try database.first(
                "SELECT fingerprint FROM case_cache WHERE case_id = ?", .blob(id.bytes)
            ) { row throws(DatabaseError) in Fingerprint(rawValue: try row.digest(0)) }
            if folded != cached { faults.append("the cache of \(id) is not its fold") }
        }
        return faults
    }

    private func chainFaults() throws -> [String] {
        var faults: [String] = []
        let log = Dictionary(grouping: try log(), by: \.replica)
        for own in try database.rows(
            "SELECT id FROM replica", decode: { row throws(DatabaseError) in try row.replicaID(0) }
        ).compactMap({ try ownReplica($0) }) {
            var (chain, sequence) = (Chain.start, UInt64(0))
            for change in log[own.id, default: []].sorted(by: { $0.sequence < $1.sequence })
            where change.sequence <= own.sequence {
                (chain, sequence) = (chain.appending(change.id), sequence + 1)
                if change.sequence != sequence { faults.append("\(own.id) has a gap at \(sequence)") }
            }
            if chain != own.chain || sequence != own.sequence {
                faults.append("\(own.id): the head is wrong")
            }
            let waiting = try database.first(
                "SELECT count(*) FROM outbox JOIN change ON number = outbox.change WHERE own_replica = ?",
                .integer(own.number)
            ) { row throws(DatabaseError) in try row.integer(0) }
            if waiting != Int64(own.sequence - own.confirmed) {
                faults.append("\(own.id): the outbox is not what is unconfirmed")
            }
        }
        return faults
    }
}
