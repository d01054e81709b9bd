package import Persistence
import SyncProtocol

/// Looks at a whole store: its pages, every body's content ID, every replica's chain, every feed's chain, running sum and
/// receipts, and the sums of the caches. It reads row by row, in memory that does not grow with the store.
package struct StoreAudit {
    let database: SQLConnection
    let keys: StoreKeys
    var receipts: Receipts? { keys.receipts }
    var report = AuditReport()

    /// Looks at the store as it is at one moment; others may go on writing.
    ///
    /// - Throws: if the file cannot be read at all for another reason than damage.
    package static func report(
        of database: SQLConnection, keys: StoreKeys
    ) throws(CentralError) -> AuditReport {
        var audit = StoreAudit(database: database, keys: keys)
        do {
            try database.transaction(.deferred) { try audit.run() }
        } catch let error as DatabaseError where error.kind == .corrupt {
            // What was damaged also kept the reading from ending in good order.
            audit.report.add(.file, error.description)
        } catch { throw CentralError(anyOf: error) }
        return audit.report
    }

    /// Looks at a store within a transaction that is open.
    package static func report(
        within database: SQLConnection, keys: StoreKeys
    ) throws(DatabaseError) -> AuditReport {
        var audit = StoreAudit(database: database, keys: keys)
        try audit.run()
        return audit.report
    }

    /// Opens a store or a copy of one for reading, and looks at it. A file that is damaged beyond opening is a report, too.
    package static func report(ofFile path: String, keys: StoreKeys) throws(CentralError) -> AuditReport {
        let database: Database
        do throws(DatabaseError) {
            database = try Database(path: path, mode: .readOnly, applicationID: Schema.applicationID)
        } catch {
            guard error.kind == .corrupt else { throw CentralError(error) }
            var report = AuditReport()
            report.add(.file, error.description)
            return report
        }
        return try report(of: .file(database), keys: keys)
    }

    private mutating func run() throws(DatabaseError) {
        if case .file(let file) = database {
            for problem in try file.integrityProblems() { report.add(.file, problem) }
        }
        try database.openSealsIfSealed(keys.seal)
        try look(at: .log) { audit throws(DatabaseError) in try audit.lookAtBodies() }
        try look(at: .chain) { audit throws(DatabaseError) in try audit.lookAtChains() }
        try look(at: .feed) { audit throws(DatabaseError) in try audit.lookAtFeeds() }
        try look(at: .cache) { audit throws(DatabaseError) in try audit.lookAtCaches() }
    }

    /// A damage that stops the reading of one part is a problem of that part; the others are still looked at.
    private mutating func look(
        at part: AuditReport.Part, _ body: (inout StoreAudit) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        do throws(DatabaseError) { try body(&self) } catch {
            switch error.kind {
            case .corrupt, .unexpectedValue: report.add(part == .cache ? .file : part, error.description)
            default: throw error
            }
        }
    }

    /// Every body is the one that its content ID names, and says of its case what the columns say.
    private mutating func lookAtBodies() throws(DatabaseError) {
        let audit = self
        var report = report
        defer { self.report = report }
        try database.forEach(
            "SELECT number, replica, sequence, content, body, case_id, edition FROM change ORDER BY number"
        ) { row throws(DatabaseError) in
            report.changeCount += 1
            if let fault = try audit.fault(ofChange: row) {
                report.add(.log, "change \(try row.integer(0)): \(fault)")
            }
            return .more
        }
        try database.forEach("SELECT replica, sequence, content, body FROM unreadable") {
            row throws(DatabaseError) in
            let (replica, sequence) = (try row.replica(0), try row.number(1))
            let id = ContentID(
                replica: replica, sequence: sequence, body: try row.sealedIfSound(3, SealedColumn.stray) ?? []
            )
            if id != (try row.contentID(2)) {
                report.add(
                    .log, "replica \(replica), sequence \(sequence): \(StoreAudit.otherBody)")
            }
            return .more
        }
    }

    private static let otherBody = "the body is not the one that its content ID names"

    private func fault(ofChange row: borrowing Row) throws(DatabaseError) -> String? {
        let change: Change
        do throws(DatabaseError) { change = try row.change(1) } catch {
            guard case .unexpectedValue = error.kind else { throw error }
            return Self.otherBody
        }
        let (caseID, edition) = (try row.caseID(5), try row.number(6))
        let isFiled = change.caseID == caseID && change.edition == edition
        return isFiled ? nil : "it is filed under another case or edition than its body says"
    }

    /// Every replica's chain leads, without a gap, to the end that is noted; nothing is linked elsewhere.
    private mutating func lookAtChains() throws(DatabaseError) {
        let replicas = try database.rows("SELECT id, length, chain FROM replica ORDER BY id") {
            row throws(DatabaseError) in
            ReplicaRecord(
                id: try row.replica(0), device: nil, length: try row.number(1), chain: try row.chain(2))
        }
        report.replicaCount = replicas.count
        var linkedCount = 0
        for replica in replicas { linkedCount += try lookAtChain(of: replica) }
        let allCount = try database.first(
            "SELECT (SELECT count(*) FROM change WHERE chain IS NOT NULL) + (SELECT count(*) FROM unreadable)"
        ) { row throws(DatabaseError) in try row.count(0) }
        if allCount != linkedCount { report.add(.chain, "changes are linked to a replica that is not noted") }
    }

    private mutating func lookAtChain(of replica: ReplicaRecord) throws(DatabaseError) -> Int {
        var (sequence, chain, fault) = (UInt64(0), Chain.start, String?.none)
        var count = 0
        let id = SQLiteValue(replica.id)
        try database.forEach(
            """
            SELECT sequence, content, chain FROM change WHERE replica = ? AND chain IS NOT NULL
            UNION ALL SELECT sequence, content, chain FROM unreadable WHERE replica = ? ORDER BY 1
            """, id, id
        ) { row throws(DatabaseError) in
            count += 1
            let next = try row.number(0)
            chain = chain.appending(try row.contentID(1))
            if fault == nil {
                if next != sequence + 1 {
                    fault = "sequence \(sequence + 1) is missing"
                } else if chain != (try row.chain(2)) {
                    fault = "the chain does not fit at sequence \(next)"
                }
            }
            sequence = next
            return .more
        }
        if fault == nil, sequence != replica.length || chain != replica.chain {
            fault = "the chain ends elsewhere than noted"
        }
        if let fault { report.add(.chain, "replica \(replica.id): \(fault)") }
        return count
    }

    /// What is cached of each case is about the changes that the log holds of it.
    private mutating func lookAtCaches() throws(DatabaseError) {
        var report = report
        defer { self.report = report }
        var present: (id: CaseID, count: Int, sum: Fingerprint)?
        let database = database
        func close() throws(DatabaseError) {
            guard let present else { return }
            report.caseCount += 1
            let cached = try database.first(
                "SELECT changes, fingerprint FROM case_cache WHERE case_id = ?", SQLiteValue(present.id)
            ) { row throws(DatabaseError) in (try row.count(0), try row.fingerprint(1)) }
            guard let cached, cached == (present.count, present.sum) else {
                return report.add(.cache, "case \(present.id): the cache is not about the changes in the log")
            }
        }
        try database.forEach(
            "SELECT case_id, content FROM change INDEXED BY change_by_dot ORDER BY case_id, replica, edition"
        ) { row throws(DatabaseError) in
            let (id, content) = (try row.caseID(0), try row.contentID(1))
            if present?.id != id {
                try close()
                present = (id, 0, .empty)
            }
            present?.count += 1
            present?.sum.add(content)
            return .more
        }
        try close()
        let cachedCount = try database.first("SELECT count(*) FROM case_cache") {
            row throws(DatabaseError) in try row.count(0)
        }
        if cachedCount != report.caseCount {
            report.add(.cache, "caches are there of cases that the log does not know")
        }
    }
}
