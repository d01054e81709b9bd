import SyncProtocol
import Web

/// What every writer to the log needs besides the transaction.
package struct Books: Sendable {
    let casebook: Casebook
    let receipts: Receipts
    /// The versions of the protocol that central speaks.
    let versions: ClosedRange<UInt64>
    /// Whether other processes write to the store as well.
    let isShared: Bool
    private let folds = Guarded(FoldMemory())
    private let begun = Guarded(false)

    package init(
        casebook: Casebook, receipts: Receipts, versions: ClosedRange<UInt64> = ExchangeRequest.versions,
        isShared: Bool = false
    ) {
        self.casebook = casebook
        self.receipts = receipts
        self.versions = versions
        self.isShared = isShared
    }

    /// Whether the caches were seen to be this program's; what another process makes of them later is not for this one to undo.
    var hasBegun: Bool { begun.withLock { $0 } }

    func noteBegun() { begun.withLock { $0 = true } }

    func takeFold(of caseID: CaseID, matching summary: CaseSummary) -> CaseState? {
        folds.withLock { $0.take(caseID, matching: summary) }
    }

    func putFold(_ state: CaseState, of caseID: CaseID) {
        folds.withLock { $0.put(state, of: caseID) }
    }
}
