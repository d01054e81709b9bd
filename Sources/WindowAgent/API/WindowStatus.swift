import SyncProtocol

/// What `status` tells: who this window is, what waits, and how it stands with central.
package struct WindowStatus: Hashable, Sendable, Codable {
    package let version: String
    package let hospital: String?
    package let hospitalName: String?
    package let central: String?
    package let cases: Int
    package let changes: Int
    package let outbox: Int
    package let oldestWaitingSeconds: UInt64?
    package let conflicts: Int
    package let setAside: Int
    package let refused: Int
    /// Own changes ever written; those that central has; those in a verified backup of central.
    package let saved: Int
    package let acknowledged: Int
    package let backedUp: Int
    package let cursor: UInt64
    package let witness: UInt64
    package let fingerprint: String
    /// Why changes are being brought back to central; nil when they are not.
    package let repair: String?
    /// When the scope's sum last differed from central's, milliseconds since 1970; nil if it never did.
    package let mismatchAt: UInt64?
    /// Whether changes saved now are marked as of a doubtful time.
    package let isClockDoubtful: Bool
    package let sync: SyncStatus
    /// How the copy on another medium stands, and what the head of every page says of it.
    package let secondCopy: SecondCopyStatus?
    package let secondCopyNotice: SecondCopyStatus.Notice?
    /// What of the database is damaged: nothing is written any more. Nil if nothing is known to be.
    package let damage: String?

    init(
        _ figures: StoreFigures, _ enrolment: Enrolment?, _ sync: SyncStatus, now: UInt64,
        secondCopy: SecondCopyStatus? = nil, damage: String? = nil
    ) {
        (self.secondCopy, secondCopyNotice) = (secondCopy, secondCopy?.notice)
        self.damage = damage
        version = Agent.version
        hospital = enrolment?.code
        hospitalName = enrolment?.name
        central = enrolment?.central
        (cases, changes, outbox) = (figures.cases, figures.changes, figures.outbox)
        oldestWaitingSeconds = figures.oldestQueuedAt.map { (now - min(now, $0)) / 1000 }
        (conflicts, setAside, refused) = (figures.conflicts, figures.asides, figures.refusals)
        (saved, acknowledged, backedUp) = (figures.ownChanges, figures.confirmed, figures.backedUp)
        cursor = figures.sync.place.point.position
        witness = figures.sync.witness.position
        fingerprint = figures.sync.place.fingerprint.description
        repair = figures.sync.repair?.cause.rawValue
        (mismatchAt, isClockDoubtful) = (figures.sync.mismatchAt, figures.sync.isClockDoubtful)
        self.sync = sync
    }
}
