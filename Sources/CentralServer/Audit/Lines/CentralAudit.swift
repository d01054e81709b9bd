import Accounts
import Casework
import SyncProtocol
import Web

/// Central's own audit log, and what windows told of theirs: what commands, programs and pages ask.
struct CentralAudit: AuditSite {
    /// Anchors of one computer in one answer, the last ones.
    static let anchorsMax = 10_000
    /// Lines that are read at a time.
    private static let pageCount = 1000

    let store: any CentralStore
    let books: Books
    let clock: @Sendable () -> UInt64
    let desk: AuditDesk

    func now() -> UInt64 { clock() }

    func flush() async throws { try await desk.flush { try await write($0) } }

    /// Commits lines.
    func write(_ lines: [AuditLine]) async throws(CentralError) {
        try await store.write { transaction throws(CentralError) in try transaction.append(lines) }
    }

    func lines(
        before: UInt64?, countMax: Int, caseID: CaseID?, _ filter: AuditFilter
    ) async throws -> AuditPage {
        try await store.read { transaction throws(CentralError) in
            try AuditPage.filled(before: before, countMax: countMax, filter) {
                (place, count) throws(CentralError) in
                try transaction.auditLines(before: place, of: caseID, countMax: count)
            }
        }
    }

    /// Looks at all that was there when it began, page by page; others go on meanwhile.
    func verdict(anchors: [AuditAnchor]) async throws -> AuditVerdict? {
        let told = try await own().map(\.anchor)
        let start = try await store.read { transaction throws(CentralError) in
            try transaction.auditHead().map { ($0, transaction.auditChain()) }
        }
        guard let (head, chain) = start else { return nil }
        var walk = AuditWalk(head, chain, anchors: anchors + told)
        var last = UInt64(0)
        while true {
            let place = last
            let page = try await store.read { transaction throws(CentralError) in
                try transaction.auditLines(after: place, countMax: Self.pageCount)
            }
            for stored in page where stored.sequence <= head.end.sequence { walk.take(stored) }
            guard let end = page.last, end.sequence <= head.end.sequence else { break }
            last = end.sequence
        }
        let isLonger = try await store.read { transaction throws(CentralError) in
            guard let end = try transaction.auditHead()?.end.sequence else { return false }
            return try !transaction.auditLines(after: end, countMax: 1).isEmpty
        }
        return walk.finish(hasMore: isLonger)
    }

    /// What central told of its own log in its record: the windows hold it, too.
    func own() async throws(CentralError) -> [KeptAnchor] {
        let group = try books.casebook.group(KeptAnchor.group)
        return try await store.read { transaction throws(CentralError) in
            KeptAnchor.all(in: try transaction.changes(of: .centralRecord).map(\.change), group)
        }
    }

    func anchors(of code: String?) async throws -> [KeptAnchor] {
        try await store.read { transaction throws(CentralError) in
            var kept: [KeptAnchor] = []
            var hospitals = try transaction.hospitals()
            if let code {
                hospitals.removeAll { $0.code != code }
                guard !hospitals.isEmpty else { throw CentralError.refused(.unknownHospital) }
            }
            for hospital in hospitals {
                for device in try transaction.devices(of: hospital.id) {
                    kept += try transaction.auditAnchors(of: device.id, countMax: Self.anchorsMax)
                        .reversed().map { anchor in
                            var anchor = anchor
                            (anchor.device, anchor.hospital) = (device.id.description, hospital.code)
                            return anchor
                        }
                }
            }
            return kept
        }
    }
}

/// Looks after central's log: tells where it stands, once a day or after many lines, in central's own record, which every window holds; and
/// cuts off what was kept for long enough.
struct AuditKeeper: Sendable {
    /// Seconds between two looks.
    static let passSeconds = 3600
    /// Lines after which it is told before a day has passed.
    static let linesMax: UInt64 = 10_000
    static let dayMilliseconds: UInt64 = 86_400_000

    let audit: CentralAudit
    let recordDesk: RecordDesk
    let environment: Environment
    /// Nothing of central's own is written before its caches are those of this program.
    let settle: @Sendable () async throws -> Void

    /// Runs until the task is cancelled; then writes what waits.
    func run() async {
        while !Task.isCancelled {
            do { try await pass() } catch {
                environment.log(
                    LogEvent(
                        .error, "audit.upkeep-failed",
                        "the audit log could not be looked after: \(type(of: error))",
                        ["error": "\(type(of: error))"]))
            }
            // Cancelling ends it.
            try? await Task.sleep(for: .seconds(Self.passSeconds))
        }
        do { try await audit.flush() } catch {
            environment.log(
                LogEvent(
                    .error, "audit.lines-lost", "lines of the audit log were lost: \(type(of: error))",
                    ["error": "\(type(of: error))"]))
        }
    }

    /// Of several processes over one store each may do it: what is told twice is told once.
    func pass() async throws {
        try await settle()
        try await tellIfDue()
        while try await cut() > 0 {}
    }

    func tellIfDue() async throws {
        let head = try await audit.store.read { transaction throws(CentralError) in
            try transaction.auditHead()
        }
        guard let anchor = head?.anchor else { return }
        let last = try await audit.own().last
        if let last, last.anchor.log == anchor.log {
            let lines = anchor.sequence - min(anchor.sequence, last.anchor.sequence)
            let age = environment.now() - min(environment.now(), last.milliseconds)
            guard lines >= Self.linesMax || lines > 0 && age >= Self.dayMilliseconds else { return }
        }
        _ = try await recordDesk.hand(
            [KeptAnchor.value(anchor)], of: KeptAnchor.group, to: .all, by: "",
            isDue: { $0 != KeptAnchor.value(anchor) })
    }

    /// - Returns: how many lines were cut off.
    func cut() async throws(CentralError) -> Int {
        let now = environment.now()
        return try await audit.store.write { transaction throws(CentralError) in
            guard let head = try transaction.auditHead() else { return 0 }
            let old = try transaction.auditLines(
                after: head.cut.sequence, countMax: AuditRetention.cutMax
            ).prefix { $0.milliseconds < AuditRetention.earliest(now: now) }
            // The last line stays: a log has an end.
            guard let last = old.last, last.sequence < head.end.sequence else { return 0 }
            try transaction.cutAudit(through: AuditPlace(sequence: last.sequence, value: last.value))
            var line = AuditLine(.log, at: now, site: .central, route: "")
            line.note = "cut through \(last.sequence)"
            try transaction.append([line])
            return old.count
        }
    }
}
