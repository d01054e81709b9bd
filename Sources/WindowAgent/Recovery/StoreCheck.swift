package import Cryptography
import Persistence
import SyncProtocol

/// What a check of the whole store found. No stored values.
package struct StoreReport: Hashable, Sendable, Codable {
    /// What SQLite finds wrong with the file, in its words.
    package var file: [String] = []
    /// Changes that are not what was saved.
    package var damagedChanges: [String] = []
    /// Own replicas whose chain does not fit their changes.
    package var brokenChains: [String] = []
    /// Cases whose caches do not fit the log: `birthwindow resync rebuild` makes them anew.
    package var staleCaches: [String] = []
    package var changes = 0
    package var cases = 0

    package init() {}

    /// Findings of a kind that are named.
    package static let namedMax = 100

    package var isSound: Bool {
        file.isEmpty && damagedChanges.isEmpty && brokenChains.isEmpty && staleCaches.isEmpty
    }

    /// The first finding that a rebuild of the caches does not mend; nil if there is none.
    package var damage: String? {
        file.first ?? damagedChanges.first.map { "change \($0) is not what was saved" }
            ?? brokenChains.first.map { "the chain of replica \($0) is broken" }
    }
}

/// Reads everything that is stored and compares it with itself, over a connection of its own: nobody who saves waits for it.
package actor StoreCheck {
    private let path: String
    private let sealKey: SecretBytes
    private let executor = QueueExecutor(label: "birthwindow.check")

    nonisolated package var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    package init(path: String, sealKey: SecretBytes) { (self.path, self.sealKey) = (path, sealKey) }

    /// What SQLite finds wrong with the file.
    package func fileProblems() throws -> [String] {
        try Database(path: path, mode: .readOnly, applicationID: WindowSchema.applicationID)
            .integrityProblems()
    }

    /// Everything, as of one moment.
    package func report() throws -> StoreReport {
        let database = try Database(
            path: path, mode: .readOnly, applicationID: WindowSchema.applicationID)
        try SQLConnection.file(database).openSeals(sealKey)
        var report = StoreReport()
        report.file = try database.integrityProblems()
        guard report.file.isEmpty else { return report }
        try database.transaction(.deferred) {
            var sums: [CaseID: Fingerprint] = [:]
            try Self.readLog(database, &report, &sums)
            try Self.checkChains(database, &report)
            try Self.checkCaches(database, sums, &report)
        }
        return report
    }

    private static func readLog(
        _ database: Database, _ report: inout StoreReport, _ sums: inout [CaseID: Fingerprint]
    ) throws {
        var (found, damaged) = (sums, [String]())
        var count = 0
        try database.forEach("SELECT replica, sequence, body, content, case_id FROM change ORDER BY number") {
            row throws(DatabaseError) in
            let stored = try StoredChange(row)
            count += 1
            let caseID = try row.caseID(4)
            found[caseID, default: .empty].add(stored.content)
            // Any error is the same finding.
            if (try? stored.verify()) == nil { damaged.append("\(stored.replica).\(stored.sequence)") }
            return .more
        }
        (sums, report.changes, report.cases) = (found, count, found.count)
        report.damagedChanges = Array(damaged.prefix(StoreReport.namedMax))
    }

    private static func checkChains(_ database: Database, _ report: inout StoreReport) throws {
        let heads = try database.rows("SELECT number, id, sequence, chain FROM replica ORDER BY number") {
            row throws(DatabaseError) in
            (
                number: try row.integer(0), id: try row.replicaID(1), sequence: try row.integer(2),
                chain: Chain(rawValue: try row.digest(3))
            )
        }
        for head in heads where report.brokenChains.count < StoreReport.namedMax {
            var (chain, sequence, isWhole) = (Chain.start, Int64(0), true)
            try database.forEach(
                """
                SELECT sequence, content, chain FROM change
                WHERE replica = ? AND own_replica = ? ORDER BY sequence
                """, .blob(head.id.bytes), .integer(head.number)
            ) { row throws(DatabaseError) in
                (chain, sequence) = (chain.appending(ContentID(rawValue: try row.digest(1))), sequence + 1)
                let (place, link) = (try row.integer(0), Chain(rawValue: try row.digest(2)))
                isWhole = place == sequence && link == chain
                return isWhole ? .more : .enough
            }
            if !isWhole || chain != head.chain || sequence != head.sequence {
                report.brokenChains.append(head.id.description)
            }
        }
    }

    private static func checkCaches(
        _ database: Database, _ sums: [CaseID: Fingerprint], _ report: inout StoreReport
    ) throws {
        var missing = sums
        var wrong: [String] = []
        try database.forEach("SELECT case_id, fingerprint FROM case_cache") { row throws(DatabaseError) in
            let id = try row.caseID(0)
            if missing.removeValue(forKey: id) != Fingerprint(rawValue: try row.digest(1)) {
                wrong.append(id.description)
            }
            return .more
        }
        wrong += missing.keys.map(\.description)
        report.staleCaches = Array(wrong.sorted().prefix(StoreReport.namedMax))
    }
}

/// Looks after the file of a store: checks it after the start and once a day, beside the work.
package actor StoreUpkeep {
    private let store: WindowStore
    private let check: StoreCheck

    static let (firstSeconds, laterSeconds) = (60, 86_400)

    init(store: WindowStore) { (self.store, check) = (store, store.check) }

    /// Runs until the task is cancelled.
    func run() async {
        var seconds = Self.firstSeconds
        while !Task.isCancelled {
            // Cancelled when the agent stops.
            try? await Task.sleep(for: .seconds(seconds))
            if Task.isCancelled { return }
            await checkOnce()
            seconds = Self.laterSeconds
        }
    }

    /// Checks the file once; what is damaged keeps the store from being written.
    func checkOnce() async {
        do {
            if let problem = try await check.fileProblems().first { await store.noteDamage(problem) }
        } catch let error as DatabaseError where error.kind == .corrupt {
            await store.noteDamage(error.description)
        } catch {}  // busy, or gone: whoever saves next hears of it
    }
}
