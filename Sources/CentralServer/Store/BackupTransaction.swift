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
