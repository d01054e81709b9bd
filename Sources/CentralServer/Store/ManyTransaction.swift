package import SyncProtocol

/// What lists show of many cases and hospitals, read with few statements.
package protocol ManyTransaction {
    /// All changes of some cases by case, each case's in order of arrival; a case without any is absent.
    func changes(of cases: [CaseID]) throws(CentralError) -> [CaseID: [NumberedChange]]
    /// The hospitals in whose scope some cases are or were.
    func scopes(of cases: [CaseID]) throws(CentralError) -> [CaseID: [Scope]]
    /// The number of each of some cases that has one.
    func caseNumbers(of cases: [CaseID]) throws(CentralError) -> [CaseID: String]
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
