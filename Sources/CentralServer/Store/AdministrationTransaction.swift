package import Casework
package import SyncProtocol

/// What administration asks of the log, cached: it can be dropped and made again like every cache.
package protocol AdministrationTransaction {
    /// The versions of policies by which the hospital of a record may not go, what is said to all included, by ID and version; of
    /// central's own record those that it withdraws.
    func withdrawals(in record: CaseID) throws(CentralError) -> [PolicyName]
    /// The records of whom that holds, ascending.
    func records(withdrawing policy: PolicyName) throws(CentralError) -> [CaseID]
    /// How many cases were accepted under a version.
    func caseCount(under policy: PolicyName) throws(CentralError) -> Int

    /// Up to `countMax` cases that are over, archived or not, after one, those first that were over first.
    func endedCases(
        isArchived: Bool, after: EndedCase?, countMax: Int
    ) throws(CentralError) -> [EndedCase]

    /// Up to `countMax` cases in a hospital's scope after one, ascending, archived ones and its own record included.
    func cases(of hospital: HospitalID, after: CaseID?, countMax: Int) throws(CentralError) -> [CaseID]

    /// Notes a change of central's people; again is harmless.
    func noteAct(_ number: ChangeNumber) throws(CentralError)
    /// Up to `countMax` changes of central's people before one, the last first.
    func acts(before: ChangeNumber?, countMax: Int) throws(CentralError) -> [NumberedChange]
}

/// How far a case has come, as far as administration asks.
package struct CourseRecord: Hashable, Sendable {
    /// The version under which it was accepted; nil before.
    package let policy: PolicyName?
    /// When the last change of a case that is over was written, milliseconds since 1970; 0 while it goes on.
    package let endedMilliseconds: UInt64
    package let isArchived: Bool

    package init(policy: PolicyName?, endedMilliseconds: UInt64, isArchived: Bool) {
        (self.policy, self.endedMilliseconds, self.isArchived) = (policy, endedMilliseconds, isArchived)
    }

    /// Whether there is anything to note.
    var isEmpty: Bool { policy == nil && endedMilliseconds == 0 && !isArchived }
}

/// A case that is over, and since when.
package struct EndedCase: Hashable, Sendable {
    package let caseID: CaseID
    package let endedMilliseconds: UInt64

    package init(caseID: CaseID, endedMilliseconds: UInt64) {
        (self.caseID, self.endedMilliseconds) = (caseID, endedMilliseconds)
    }
}
