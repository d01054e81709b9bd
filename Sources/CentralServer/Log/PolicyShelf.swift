import Casework
import SyncProtocol
import Web

/// The policies that central judges by: those shipped, and what was published to any hospital.
///
/// It is a copy of what the log says, kept in memory. Whoever begins to write, and every address of the API, reads it again
/// first if it may be old: at the first use, and after a transaction that touched what is published, which may have failed.
final class PolicyShelf: Sendable {
    private struct Contents: Sendable {
        var library: PolicyLibrary
        var faults: [PolicyError] = []
        var isSettled = false
    }

    private let shipped: PolicyLibrary
    private let contents: Guarded<Contents>

    init(shipped: PolicyLibrary) {
        self.shipped = shipped
        contents = Guarded(Contents(library: shipped))
    }

    var library: PolicyLibrary { contents.withLock { $0.library } }

    /// Published policies that cannot be used.
    var faults: [PolicyError] { contents.withLock { $0.faults } }

    /// Whether this is known to be what is committed.
    var isSettled: Bool { contents.withLock { $0.isSettled } }

    /// Whether a version of a policy came with the program.
    func isShipped(_ policy: Policy) -> Bool { shipped[policy.id, version: policy.version] != nil }

    /// What is published has changed, or may have.
    func unsettle() { contents.withLock { $0.isSettled = false } }

    /// Reads what is published.
    ///
    /// - Parameter isCommitted: false inside a transaction that wrote some of it: it is read once more after that.
    func load(
        from transaction: any CentralTransaction, _ dictionary: FieldDictionary, isCommitted: Bool
    ) throws(CentralError) {
        var views: [CaseID: HospitalRecordView] = [:]
        var published: [PublishedPolicy] = []
        for name in try transaction.publishedPolicies() {
            let view: HospitalRecordView
            if let known = views[name.record] {
                view = known
            } else {
                view = HospitalRecordView(
                    CaseState(folding: try transaction.changes(of: name.record).map(\.change)),
                    dictionary: dictionary)
                views[name.record] = view
            }
            published += view.policies.filter { $0.id == name.id && $0.version == name.version }
        }
        let (library, faults) = shipped.adding(published)
        // What one hospital may not go by any more, others may.
        let withdrawn = try transaction.withdrawals(in: .centralRecord)
        contents.withLock {
            $0 = Contents(
                library: library.withdrawing(withdrawn), faults: faults, isSettled: isCommitted)
        }
    }
}

extension Books {
    /// Reads what is published, if that may be old.
    func settle(_ transaction: any CentralTransaction) throws(CentralError) {
        guard !casebook.shelf.isSettled else { return }
        try casebook.shelf.load(from: transaction, casebook.dictionary, isCommitted: true)
    }
}
