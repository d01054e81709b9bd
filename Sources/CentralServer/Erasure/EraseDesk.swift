import Accounts
import Casework
import Cryptography
import SyncProtocol
import Web

/// Where central's people erase a case on demand. See docs/decisions/0033-erasure.md.
struct EraseDesk: Sendable {
    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// An order to erase a case.
    struct Order: Hashable, Sendable {
        let caseID: CaseID
        let reason: String
        let user: String
    }

    /// What came of it, or would.
    struct Erased: Hashable, Sendable {
        /// Changes whose content goes; 0 if all of it is gone already.
        let changeCount: Int
        /// Pictures that it names; one that another case names, too, stays.
        let attachmentCount: Int
        /// Codes of the hospitals that have or had the case: their windows erase it with their next exchange.
        let hospitals: [String]
    }

    /// Erases all that central has of a case. It cannot be undone.
    ///
    /// - Throws: a refusal: of an unknown case, of a record, without a reason.
    func erase(_ order: Order, isDryRun: Bool) async throws(CentralError) -> Erased {
        guard 1...Erasure.reasonMax ~= order.reason.count else {
            throw CentralError.refused(
                .malformed("An erasure needs a reason of at most \(Erasure.reasonMax) characters."))
        }
        let (books, milliseconds) = (books, now())
        if isDryRun {
            return try await store.read { transaction throws(CentralError) in
                try Self.plan(order.caseID, in: transaction).erased
            }
        }
        return try await store.write { transaction throws(CentralError) in
            let (erased, seen) = try Self.plan(order.caseID, in: transaction)
            guard erased.changeCount > 0 else { return erased }
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let erasure = Erasure(seen, reason: order.reason, milliseconds: milliseconds)
            let group = try books.casebook.group(Erasure.group)
            let write = ChangeContent.Write(value: erasure.value(of: order.caseID), replaces: [])
            try ledger.write(
                Ledger.OwnChange(
                    writes: [group: write],
                    author: Author(role: .central, unit: "", user: order.user)),
                on: .centralRecord)
            AuditNote.current?.touch(order.caseID)
            try ledger.finish()
            return erased
        }
    }

    private static func plan(
        _ caseID: CaseID, in transaction: any CentralTransaction
    ) throws(CentralError) -> (erased: Erased, seen: VersionVector) {
        let changes = try transaction.changes(of: caseID).map(\.change)
        let isHospitals = try transaction.hospital(HospitalID(record: caseID)) != nil
        let isRecord = isHospitals || [.centralRecord, .staffRecord].contains(caseID)
        guard !changes.isEmpty, !isRecord else { throw CentralError.refused(.unknownCase) }
        let codes = try transaction.hospitals().map { ($0.id, $0.code) }
        let names = Dictionary(codes, uniquingKeysWith: { first, _ in first })
        let erased = Erased(
            changeCount: changes.count { !$0.isErased },
            attachmentCount: try transaction.attachments(of: caseID).count,
            hospitals: try transaction.scopes(of: caseID).compactMap { names[$0.hospital] }.sorted())
        return (erased, CaseState(folding: changes).seen)
    }
}

extension LogEvent {
    static func erasureUnfinished(_ error: any Error) -> LogEvent {
        LogEvent(
            .warning, "erasure.unfinished", "what an erasure left could not be removed: \(type(of: error))",
            ["error": .text("\(type(of: error))")])
    }
}

/// Removes what is left on the disks after cases were erased, also after a crash.
struct ErasureKeeper: Sendable {
    /// Seconds between two looks.
    static let passSeconds = 600
    /// Pictures that are removed at a time.
    static let pageCount = 256

    let store: any CentralStore
    /// Nil where there are none.
    let attachments: AttachmentStore?
    let log: LogSink

    /// Runs until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do { try await finish() } catch {
                log(.erasureUnfinished(error))
            }
            try? await Task.sleep(for: .seconds(Self.passSeconds))
        }
    }

    /// Removes the pictures, then empties the database's log, in which earlier pages lie.
    func finish() async throws {
        guard try await store.read({ transaction throws(CentralError) in try transaction.isErasureDue() })
        else { return }
        while let attachments {
            let page = try await store.read { transaction throws(CentralError) in
                try transaction.erasedAttachments(countMax: Self.pageCount)
            }
            if page.isEmpty { break }
            for hash in page { try await attachments.erase(hash) }
            try await store.write { transaction throws(CentralError) in try transaction.forgetErased(page) }
        }
        try await store.emptyLog()
        try await store.write { transaction throws(CentralError) in try transaction.noteErasureDone() }
    }
}
