package import SyncProtocol

/// What departments have to do, in the order in which it became so, and who is at it.
///
/// The tasks of a case are made of the log, like every cache. But a rebuild does not drop them: it writes what differs, so that the
/// places that departments have read up to stay good.
package protocol TaskTransaction {
    /// Writes the tasks of a case: each that differs from what stood there gets the next turn of its department. One that is there no more
    /// stays as ``TaskRecord/State/gone``, for who has read it.
    func put(_ tasks: [TaskRecord], of caseID: CaseID) throws(CentralError)
    /// Up to `countMax` tasks of a department that came after a turn, in order; in one state or in all.
    func tasks(
        of department: String, after turn: UInt64?, in state: TaskRecord.State?, countMax: Int
    ) throws(CentralError) -> [TaskTurn]
    /// The tasks of a case by department and item, without those that are gone.
    func tasks(of caseID: CaseID) throws(CentralError) -> [TaskRecord]
    /// One task, gone or not.
    func task(of department: String, on caseID: CaseID, _ item: String) throws(CentralError) -> TaskTurn?
    /// The last turn of a department; 0 before any.
    func lastTurn(of department: String) throws(CentralError) -> UInt64

    func claim(of department: String, on caseID: CaseID, _ item: String) throws(CentralError) -> TaskClaim?
    /// Replaces the claim of its task.
    func put(_ claim: TaskClaim, of department: String, on caseID: CaseID, _ item: String)
        throws(CentralError)
    func dropClaim(of department: String, on caseID: CaseID, _ item: String) throws(CentralError)
}

/// What a department has to do for one item of a case.
package struct TaskRecord: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// It can be done now.
        case ready
        /// It waits; the reason says for what.
        case held
        /// The department has answered.
        case done, failed, returned
        /// The case has this item no more.
        case gone
    }

    package let department: String
    package let caseID: CaseID
    package let item: String
    package let state: State
    /// Why it is held; empty otherwise. Never a person's words.
    package let reason: String
    /// What the department gets to see, hashed: with another one it is to look again. Empty if it is gone.
    package let mark: [UInt8]

    package init(
        department: String, caseID: CaseID, item: String, state: State, reason: String, mark: [UInt8] = []
    ) {
        self.department = department
        self.caseID = caseID
        self.item = item
        self.state = state
        self.reason = reason
        self.mark = mark
    }
}

/// A task with its place among those of its department: since then it is what it is.
package struct TaskTurn: Hashable, Sendable {
    package let record: TaskRecord
    package let turn: UInt64
}

/// Who is at a task, so that nobody else does it too.
package struct TaskClaim: Hashable, Sendable {
    /// The name of an account.
    package let holder: String
    /// Milliseconds since 1970 by central's clock; from then on it counts no more.
    package let expires: UInt64
}
