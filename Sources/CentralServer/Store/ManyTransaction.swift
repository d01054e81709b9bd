package import SyncProtocol

/// What lists show of many cases and hospitals, read with few statements.
package protocol ManyTransaction {
    /// All changes of some cases by case, each case's in order of arrival; a case without any is absent.
    func changes(of cases: [CaseID]) throws(CentralError) -> [CaseID: [NumberedChange]]
    /// The hospitals in whose scope some cases are or were.
    func scopes(of cases: [CaseID]) throws(CentralError) -> [CaseID: [Scope]]
    /// The number of each of some cases that has one.
    func caseNumbers(of cases: [CaseID]) throws(CentralError) -> [CaseID: String]
    /// What is cached of some cases.
    func summaries(of cases: [CaseID]) throws(CentralError) -> [CaseID: CaseSummary]
    /// Of some cases the numbers that others hold, too, each case's ascending.
    func sharedNumbers(of cases: [CaseID]) throws(CentralError) -> [CaseID: [NumberRecord]]
    /// Up to `countMax` cases that hold each of some numbers.
    func holders(of numbers: [NumberRecord], countMax: Int) throws(CentralError) -> [NumberRecord: [CaseID]]
    /// Changes without a receipt, and bodies that cannot be read, by their names.
    func waiting(_ ids: [ContentID]) throws(CentralError) -> [ContentID: WaitingRecord]
    func unreadable(_ ids: [ContentID]) throws(CentralError) -> [ContentID: UnreadableRecord]
    /// The first uses of certificates that are voided, by number and case.
    func voidedUses(countMax: Int) throws(CentralError) -> [NumberUse]
    /// The claims of a department, those that count no more with them.
    func claims(of department: String) throws(CentralError) -> [ClaimedTask: TaskClaim]
    /// How many tasks of a department can be done, and how many wait; by state.
    func openTaskCounts(of department: String) throws(CentralError) -> [TaskRecord.State: Int]
    /// How many cases each hospital has in its scope that began at a moment or after it, by their windows' clocks.
    func caseCounts(since milliseconds: UInt64) throws(CentralError) -> [HospitalID: Int]
    /// How all hospitals stood at an hour and after it, each ascending.
    func samples(from hour: Int) throws(CentralError) -> [HospitalID: [LagSample]]
}

/// Which task somebody is at.
package struct ClaimedTask: Hashable, Sendable {
    package let caseID: CaseID
    package let item: String
}
