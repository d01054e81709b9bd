import SyncProtocol
import Web

/// What every writer to the log needs besides the transaction.
package struct Books: Sendable {
    let casebook: Casebook
    let receipts: Receipts
    /// The versions of the protocol that central speaks.
    let versions: ClosedRange<UInt64>
    private let folds = Guarded(FoldMemory())

    package init(
        casebook: Casebook, receipts: Receipts, versions: ClosedRange<UInt64> = ExchangeRequest.versions
    ) {
        self.casebook = casebook
        self.receipts = receipts
        self.versions = versions
    }

    func takeFold(of caseID: CaseID, matching summary: CaseSummary) -> CaseState? {
        folds.withLock { $0.take(caseID, matching: summary) }
    }

    func putFold(_ state: CaseState, of caseID: CaseID) {
        folds.withLock { $0.put(state, of: caseID) }
    }
}
