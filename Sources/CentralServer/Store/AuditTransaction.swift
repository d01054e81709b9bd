package import Accounts
package import SyncProtocol

/// Central's audit log, and what windows tell of theirs. It is no part of the log of changes: it comes back from central's backups only.
package protocol AuditTransaction {
    /// Adds lines, in their order; before the first of an opening one that says that the log was opened.
    func append(_ lines: [AuditLine]) throws(CentralError)
    /// Nil before the first line.
    func auditHead() throws(CentralError) -> AuditHead?
    /// By which the lines are linked.
    func auditChain() -> AuditChain

    /// Up to `countMax` lines before a number, the last first; of one case, by the first that a line names.
    func auditLines(
        before sequence: UInt64, of caseID: CaseID?, countMax: Int
    ) throws(CentralError) -> [StoredAuditLine]
    /// Up to `countMax` lines after a number, ascending.
    func auditLines(after sequence: UInt64, countMax: Int) throws(CentralError) -> [StoredAuditLine]
    /// Cuts off the front of the log, through a line.
    func cutAudit(through place: AuditPlace) throws(CentralError)

    /// Keeps where the log of a window stands; again is harmless.
    func put(_ anchor: AuditAnchor, of device: DeviceID, milliseconds: UInt64) throws(CentralError)
    /// Up to `countMax` anchors of a computer, the last told first.
    func auditAnchors(of device: DeviceID, countMax: Int) throws(CentralError) -> [KeptAnchor]

    /// Whether a case is over, or archived.
    func isOver(_ caseID: CaseID) throws(CentralError) -> Bool
}
