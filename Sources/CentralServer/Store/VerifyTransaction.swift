package import SyncProtocol

/// What a verify compares.
package protocol VerifyTransaction {
    /// Up to `countMax` cases in a hospital's scope after one, ascending, with the sums of what the log holds of each.
    func scopeCases(
        of hospital: HospitalID, after: CaseID?, countMax: Int
    ) throws(CentralError) -> [ScopeCase]
    /// Forgets all that is cached of a case.
    func dropCache(of caseID: CaseID) throws(CentralError)
    /// Entries of a feed whose change the log has lost. Looks at the whole feed.
    func lostEntries(of hospital: HospitalID) throws(CentralError) -> [LostEntry]
}

/// An entry of a feed whose change is not in the log any more. The feed's chain tells which one it was.
package struct LostEntry: Hashable, Sendable {
    package let number: ChangeNumber
    /// The feed's chain before the entry, and after it.
    package let before: Chain
    package let after: Chain

    package init(number: ChangeNumber, before: Chain, after: Chain) {
        self.number = number
        self.before = before
        self.after = after
    }
}

/// A case of a scope: what the log says of it, and what its cache does.
package struct ScopeCase: Hashable, Sendable {
    package let caseID: CaseID
    /// Over all its changes in the log; nil if it holds none.
    package let logged: Fingerprint?
    /// What the cache says that is; nil if the case is not cached.
    package let cached: Fingerprint?
    /// The cached place of the case; nil if it was cached before there was one.
    package let lastTime: HybridTime?

    package init(caseID: CaseID, logged: Fingerprint?, cached: Fingerprint?, lastTime: HybridTime?) {
        self.caseID = caseID
        self.logged = logged
        self.cached = cached
        self.lastTime = lastTime
    }
}
