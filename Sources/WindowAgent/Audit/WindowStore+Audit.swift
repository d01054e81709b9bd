package import Accounts
import Casework
import Cryptography
import Persistence
package import SyncProtocol

/// The audit log of this window, in its store.
extension WindowStore {
    /// Where lines are sealed: under the store's key, so that a case whose key is destroyed leaves a log that can be proved.
    static let auditPlace = "audit_line.line"

    /// What one opening remembers of its log.
    struct AuditMemory {
        /// Nil until the first line of this opening.
        var head: AuditHead?
        /// What central was told last, and when.
        var told: (sequence: UInt64, at: UInt64)?
    }

    /// Commits lines, in their order.
    package func record(_ lines: [AuditLine]) throws { try writeUnwitnessed { try append(lines) } }

    /// Adds the line of a request to what it changes, within the transaction of the change. A log that cannot take it keeps nobody from
    /// saving: then the line is written later, by itself.
    ///
    /// - Returns: whether it is in the transaction.
    func witness(_ note: AuditNote) throws -> Bool {
        guard let line = note.lineOfChange else { return false }
        let before = memory.audit
        do {
            try database.savepoint { try append([line]) }
            return true
        } catch {
            memory.audit = before
            // What has ended the transaction has to be told to whoever saves.
            guard let error = error as? DatabaseError, ![.full, .io, .corrupt].contains(error.kind) else {
                throw error
            }
            return false
        }
    }

    private func append(_ lines: [AuditLine]) throws {
        var head = try openHead()
        for line in lines { try append(line, to: &head) }
        try keep(head)
    }

    /// The log's head, inside the caller's transaction; the first one after opening begins with a line that says so.
    private func openHead() throws -> AuditHead {
        if let head = memory.audit.head { return head }
        let head = try openLog()
        try keep(head)
        return head
    }

    /// Keeps the head where the log's end is, in the store and in memory alike: the next line goes behind it.
    private func keep(_ head: AuditHead) throws(DatabaseError) {
        try database.execute(
            "UPDATE audit_log SET cut = ?, cut_chain = ?, sequence = ?, chain = ? WHERE id = 1",
            .integer(Int64(head.cut.sequence)), .blob(head.cut.value.bytes),
            .integer(Int64(head.end.sequence)), .blob(head.end.value.bytes))
        memory.audit.head = head
    }

    private func append(_ line: AuditLine, to head: inout AuditHead) throws(DatabaseError) {
        let (sequence, bytes) = (head.end.sequence + 1, line.encoded)
        let value = auditChain.value(after: head.end.value, sequence, bytes)
        try database.execute(
            "INSERT INTO audit_line (sequence, at, case_id, line, chain) VALUES (?, ?, ?, ?, ?)",
            .integer(Int64(sequence)), .integer(Int64(clamping: line.milliseconds)),
            line.cases.first.map { .blob($0.bytes) } ?? .null, .sealed(bytes, .store(Self.auditPlace)),
            .blob(value.bytes))
        head.end = AuditPlace(sequence: sequence, value: value)
    }

    /// The log as it stands, with a line that says that it was opened: copies of one store that are opened at two machines, or a copy
    /// that was put back, part there.
    private func openLog() throws -> AuditHead {
        let now = environment.milliseconds()
        var line = AuditLine(.log, at: now, site: .window, route: "")
        let mark = environment.random().bigEndianBytes.hexadecimal
        var head: AuditHead
        if let known = try auditHead() {
            head = known
            line.note = "opened \(mark)"
        } else {
            let log = environment.random().bigEndianBytes + environment.random().bigEndianBytes
            let start = AuditPlace(sequence: 0, value: auditChain.start(of: log))
            head = AuditHead(log: log, cut: start, end: start)
            try database.execute(
                "INSERT INTO audit_log (id, log, cut, cut_chain, sequence, chain) VALUES (1, ?, 0, ?, 0, ?)",
                .blob(log), .blob(start.value.bytes), .blob(start.value.bytes))
            line.note = "begun \(mark)"
        }
        try append(line, to: &head)
        return head
    }

    /// What is noted of the log; nil before its first line.
    package func auditHead() throws -> AuditHead? {
        try database.first("SELECT log, cut, cut_chain, sequence, chain FROM audit_log WHERE id = 1") {
            row throws(DatabaseError) in
            AuditHead(
                log: try row.blob(0),
                cut: AuditPlace(sequence: UInt64(try row.integer(1)), value: try row.plainDigest(2)),
                end: AuditPlace(sequence: UInt64(try row.integer(3)), value: try row.plainDigest(4)))
        }
    }

    // MARK: Reading

    /// Lines before a number, the last first.
    ///
    /// - Parameter caseID: those whose first case it is.
    package func auditLines(
        before: UInt64?, countMax: Int, caseID: CaseID?, _ filter: AuditFilter
    ) throws -> AuditPage {
        try AuditPage.filled(before: before, countMax: countMax, filter) { before, count in
            let (place, count) = (
                SQLiteValue.integer(Int64(clamping: before)), SQLiteValue.integer(Int64(count))
            )
            guard let caseID else {
                return try database.rows(
                    """
                    SELECT sequence, at, case_id, line, chain FROM audit_line WHERE sequence < ?
                    ORDER BY sequence DESC LIMIT ?
                    """, place, count, decode: StoredAuditLine.init)
            }
            return try database.rows(
                """
                SELECT sequence, at, case_id, line, chain FROM audit_line WHERE case_id = ? AND sequence < ?
                ORDER BY sequence DESC LIMIT ?
                """, .blob(caseID.bytes), place, count, decode: StoredAuditLine.init)
        }
    }

    /// Looks through the whole log; other calls go on between its pages.
    package func verifyAudit(anchors: [AuditAnchor] = []) async throws -> AuditVerdict? {
        guard let head = try auditHead() else { return nil }
        var walk = AuditWalk(head, auditChain, anchors: anchors)
        var last = Int64(-1)
        while true {
            let page = try database.rows(
                """
                SELECT sequence, at, case_id, line, chain FROM audit_line WHERE sequence > ? AND sequence <= ?
                ORDER BY sequence LIMIT 1000
                """, .integer(last), .integer(Int64(clamping: head.end.sequence)),
                decode: StoredAuditLine.init)
            for stored in page { walk.take(stored) }
            guard let end = page.last else { break }
            last = Int64(clamping: end.sequence)
            await Task.yield()
        }
        // What came behind the end that was noted is none of the log's, unless it came since.
        let isLonger =
            try database.first("SELECT max(sequence) FROM audit_line") { row throws(DatabaseError) in
                UInt64(try row.integer(0))
            } ?? 0 > (try auditHead()?.end.sequence ?? 0)
        return walk.finish(hasMore: isLonger)
    }

    // MARK: Telling and cutting

    /// What central is told with the next exchange; nil if it is not due, or nothing is new.
    func auditToTell() throws -> AuditAnchor? {
        guard let head = try auditHead(), head.end.sequence > 0 else { return nil }
        let now = environment.milliseconds()
        if let told = memory.audit.told {
            guard head.end.sequence != told.sequence else { return nil }
            if now >= told.at, now - told.at < AuditRetention.tellMilliseconds { return nil }
        }
        return head.anchor
    }

    func noteAuditTold(_ anchor: AuditAnchor?) {
        guard let anchor else { return }
        memory.audit.told = (anchor.sequence, environment.milliseconds())
    }

    /// Cuts lines off the front that have been kept for long enough, and says so in a line.
    ///
    /// - Returns: how many.
    @discardableResult
    package func cutAudit() throws -> Int {
        let now = environment.milliseconds()
        return try writeUnwitnessed {
            guard let known = try auditHead() else { return 0 }
            let cut = try database.rows(
                """
                SELECT sequence, at, case_id, line, chain FROM audit_line WHERE sequence > ?
                ORDER BY sequence LIMIT ?
                """, .integer(Int64(known.cut.sequence)), .integer(Int64(AuditRetention.cutMax)),
                decode: StoredAuditLine.init
            ).prefix { $0.milliseconds < AuditRetention.earliest(now: now) }
            // The last line stays: a log has an end.
            guard let last = cut.last, last.sequence < known.end.sequence else { return 0 }
            var head = try openHead()
            head.cut = AuditPlace(sequence: last.sequence, value: last.value)
            try database.execute(
                "DELETE FROM audit_line WHERE sequence <= ?", .integer(Int64(last.sequence)))
            try keep(head)
            var line = AuditLine(.log, at: now, site: .window, route: "")
            line.note = "cut through \(last.sequence)"
            try append([line])
            return cut.count
        }
    }
}

extension StoredAuditLine {
    /// `sequence, at, case_id, line, chain`
    fileprivate init(_ row: borrowing Row) throws(DatabaseError) {
        self.init(
            sequence: UInt64(try row.integer(0)), bytes: try row.sealedIfSound(3, WindowStore.auditPlace),
            value: try row.plainDigest(4), milliseconds: UInt64(clamping: try row.integer(1)),
            firstCase: try row.optionalBlob(2).flatMap { CaseID(bytes: $0) })
    }
}

extension Row {
    /// A keyed value, which lies open.
    fileprivate borrowing func plainDigest(_ column: Int32) throws(DatabaseError) -> Digest {
        guard let digest = Digest(bytes: try blob(column)) else {
            throw unexpected(column, wanted: "32 bytes")
        }
        return digest
    }
}

extension WindowStore {
    /// Whether a case is over here: closed, withdrawn or merged, put away by central, or another hospital's by now. One that is unknown is not.
    func isOver(_ caseID: CaseID) throws -> Bool {
        try freshen()
        if try hasDeparted(caseID) { return true }
        let course = try database.first(
            "SELECT COALESCE(stage, ''), archived FROM case_cache WHERE case_id = ?", .blob(caseID.bytes)
        ) { row throws(DatabaseError) in (try row.text(0), try row.integer(1)) }
        guard let course else { return false }
        return course.1 == 1 || CaseStage(rawValue: course.0)?.isOver ?? false
    }
}
