import SyncProtocol

/// Moving all cases of a hospital, some at a time: what was interrupted is completed by repeating it.
extension ScopeDesk {
    /// Cases of one call.
    static let allPerCallMax = 100

    struct MovedAll: Hashable, Sendable {
        /// Cases that moved, or would.
        var count = 0
        /// Whether there are more.
        var hasMore = false
    }

    /// Gives up to ``allPerCallMax`` cases of a hospital to another one, in one transaction.
    ///
    /// - Parameter after: the last case of the call before, for a dry run, which moves nothing away.
    func moveAll(
        of code: String, to other: String, reason: String, by user: String, after: CaseID? = nil,
        isDryRun: Bool = false
    ) async throws(CentralError) -> (moved: MovedAll, last: CaseID?) {
        guard 1...SyncProtocol.Limits.reasonBytesMax ~= reason.utf8.count else {
            throw CentralError.refused(
                .malformed("A move needs a reason of at most \(SyncProtocol.Limits.reasonBytesMax) bytes."))
        }
        guard code != other else { throw CentralError.refused(.alreadyThere(code)) }
        if isDryRun {
            return try await store.read { transaction throws(CentralError) in
                let page = try Self.page(of: code, to: other, after: after, in: transaction)
                return (MovedAll(count: page.cases.count, hasMore: page.hasMore), page.cases.last)
            }
        }
        let (books, milliseconds) = (books, now())
        return try await store.write { transaction throws(CentralError) in
            let page = try Self.page(of: code, to: other, after: nil, in: transaction)
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let author = Author(role: .central, unit: "", user: user)
            for caseID in page.cases {
                let writes = try books.casebook.writes(moving: ledger.state(of: caseID), to: page.target)
                try ledger.write(Ledger.OwnChange(writes: writes, author: author, reason: reason), on: caseID)
            }
            if !page.cases.isEmpty { try ledger.finish() }
            return (MovedAll(count: page.cases.count, hasMore: page.hasMore), page.cases.last)
        }
    }

    private static func page(
        of code: String, to other: String, after: CaseID?, in transaction: any CentralTransaction
    ) throws(CentralError) -> (cases: [CaseID], hasMore: Bool, target: HospitalRecord) {
        guard let hospital = try transaction.hospital(code: code),
            let target = try transaction.hospital(code: other)
        else { throw CentralError.refused(.unknownHospital) }
        // Its own record, central's, and one to see whether there are more.
        let cases = try transaction.cases(of: hospital.id, after: after, countMax: allPerCallMax + 3)
            .filter { $0 != hospital.id.record && $0 != .centralRecord }
        return (Array(cases.prefix(allPerCallMax)), cases.count > allPerCallMax, target)
    }
}
