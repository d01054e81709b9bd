package import Cryptography
package import SyncProtocol

/// What central knows of its own backups.
package protocol BackupTransaction {
    /// Notes that a backup was verified: each replica that reaches as far as the backup has it counts as backed up so far,
    /// and never as less than before.
    func note(_ backup: VerifiedBackup, reaching watermarks: [Watermark]) throws(CentralError)
    /// The last one that was noted; nil before the first.
    func verifiedBackup() throws(CentralError) -> VerifiedBackup?
    /// How far a replica is in a verified backup; 0 if it is in none.
    func backedUp(_ replica: ReplicaID) throws(CentralError) -> UInt64

    /// Notes that a verified backup holds a hospital's feed up to a point. It is never less than before; a point that is not of this
    /// feed is not noted.
    func noteBackup(of hospital: HospitalID, through point: FeedPoint) throws(CentralError)
    /// Up to where a hospital's feed is in a verified backup; 0 if none of it is.
    func backedUpPosition(of hospital: HospitalID) throws(CentralError) -> UInt64
    /// Up to `countMax` attachments that any case names after one, ascending, each once, and whether it counts as backed up.
    func attachmentBackups(after: Digest?, countMax: Int) throws(CentralError) -> [AttachmentBackup]
    /// Notes whether an attachment is in the last verified backup.
    func note(_ attachment: AttachmentBackup) throws(CentralError)
    /// Whether an attachment is in the last verified backup.
    func isBackedUp(_ attachment: Digest) throws(CentralError) -> Bool
}

/// Whether an attachment is in the last verified backup.
package struct AttachmentBackup: Hashable, Sendable {
    package let hash: Digest
    package var isBackedUp: Bool

    package init(hash: Digest, isBackedUp: Bool) { (self.hash, self.isBackedUp) = (hash, isBackedUp) }
}

/// A backup that was read back from its medium and found to be whole.
package struct VerifiedBackup: Hashable, Sendable {
    package let name: String
    /// Which moment it holds, by central's clock.
    package let madeMilliseconds: UInt64
    package let verifiedMilliseconds: UInt64

    package init(name: String, madeMilliseconds: UInt64, verifiedMilliseconds: UInt64) {
        self.name = name
        self.madeMilliseconds = madeMilliseconds
        self.verifiedMilliseconds = verifiedMilliseconds
    }
}
