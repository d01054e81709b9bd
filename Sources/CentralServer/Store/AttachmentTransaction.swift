package import Cryptography
package import SyncProtocol

/// Which cases name which attachment, and what central asks the hospitals' computers for.
package protocol AttachmentTransaction {
    /// Notes that a change of a case names attachments; again is harmless. It is a cache, made of the log.
    func name(_ attachments: [Digest], in caseID: CaseID) throws(CentralError)
    /// The attachments that changes of a case name, ascending.
    func attachments(of caseID: CaseID) throws(CentralError) -> [Digest]
    /// Up to `countMax` attachments that any case names after one, ascending, each once.
    func attachments(after: Digest?, countMax: Int) throws(CentralError) -> [Digest]
    /// Whether a case that names an attachment is or was in a hospital's scope.
    func isNamed(_ attachment: Digest, inScopeOf hospital: HospitalID) throws(CentralError) -> Bool

    /// Wants an attachment of all computers, not revoked, of the hospitals in whose scope a case that names it is. What they
    /// were asked before stays noted.
    func want(_ attachment: Digest) throws(CentralError)
    /// Wants it of nobody any more; harmless if nobody was asked.
    func unwant(_ attachment: Digest) throws(CentralError)
    /// Up to `countMax` attachments that are wanted of a computer and that it was not asked for since a time, those that were
    /// asked for the longest ago first.
    func wants(of device: DeviceID, askedBefore: UInt64, countMax: Int) throws(CentralError) -> [Digest]
    /// Notes when a computer was asked, milliseconds since 1970.
    func noteAsked(
        _ attachments: [Digest], of device: DeviceID, milliseconds: UInt64
    ) throws(CentralError)
}
