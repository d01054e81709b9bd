import Casework
import SyncProtocol
import Web

/// The policies that central judges by: those shipped, and what was published to any hospital.
///
/// It is a copy of what the log says, kept in memory. Whoever begins to write, and every address of the API, reads it again
/// first if it is old: at the first use, after a transaction that touched what is published, which may have failed, and where the
/// store's mark says that another process touched it.
final class PolicyShelf: Sendable {
    private struct Contents: Sendable {
        var library: PolicyLibrary
        var faults: [PolicyError] = []
        var erasures: [CaseID: Erasure] = [:]
        /// The store's mark when this was read; nil while it is not known to be what is committed.
        var mark: Mark?
    }

    /// What ``SharingTransaction/rulesMark()`` said.
    struct Mark: Hashable, Sendable {
        let number: UInt64?
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

    /// The cases that were erased, with what of each.
    var erasures: [CaseID: Erasure] { contents.withLock { $0.erasures } }

    /// Whether this is known to be what this process has committed.
    var isSettled: Bool { contents.withLock { $0.mark != nil } }

    /// Whether this is what the store holds.
    func isNewest(_ mark: Mark) -> Bool { contents.withLock { $0.mark == mark } }

    /// Whether a version of a policy came with the program.
    func isShipped(_ policy: Policy) -> Bool { shipped[policy.id, version: policy.version] != nil }

    /// What is published has changed, or may have.
    func unsettle() { contents.withLock { $0.mark = nil } }

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
        let mark = isCommitted ? Mark(number: try transaction.rulesMark()) : nil
        // What one hospital may not go by any more, others may.
        let withdrawn = try transaction.withdrawals(in: .centralRecord)
        let central = HospitalRecordView(
            CaseState(),
            central: CaseState(folding: try transaction.changes(of: .centralRecord).map(\.change)),
            dictionary: dictionary)
        contents.withLock {
            $0 = Contents(
                library: library.withdrawing(withdrawn), faults: faults, erasures: central.erasures,
                mark: mark)
        }
    }
}

extension Books {
    /// Reads what is published, unless that is at hand.
    ///
    /// - Throws: also if a program of another version has made the caches since this one began: two would make them in two ways.
    func settle(_ transaction: any CentralTransaction) throws(CentralError) {
        let mark = PolicyShelf.Mark(number: try transaction.rulesMark())
        if casebook.shelf.isNewest(mark) { return }
        if isShared, hasBegun {
            guard try transaction.cacheMaker() == casebook.maker.fingerprint else { throw Self.otherVersion }
        }
        try casebook.shelf.load(from: transaction, casebook.dictionary, isCommitted: true)
    }

    private static var otherVersion: CentralError {
        .store(
            StoreFailure(
                kind: .foreign,
                description:
                    "another version of birthcentral serves this database since: upgrade or restart this one"
            ))
    }
}
