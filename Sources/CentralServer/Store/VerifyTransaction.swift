package import SyncProtocol

/// What a verify compares.
package protocol VerifyTransaction {
    /// Up to `countMax` cases in a hospital's scope after one, ascending, with the sums of what the log holds of each.
    func scopeCases(
        of hospital: HospitalID, after: CaseID?, countMax: Int
    ) throws(CentralError) -> [ScopeCase]
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
