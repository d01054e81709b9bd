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
    /// Cases of which central has put a value aside that no clerk has seen; nil if that is not known.
    package var losses: Int?
    /// Own changes ever written; those that central has; those in a verified backup of central.
    package let saved: Int
    package let acknowledged: Int
    package let backedUp: Int
    package let cursor: UInt64
    package let witness: UInt64
    package let fingerprint: String
    /// Why changes are being brought back to central; nil when they are not.
    package let repair: String?
    /// When the feed or the scope's sum last differed from central's, milliseconds since 1970; nil if they never did.
    package let mismatchAt: UInt64?
    /// When they agreed again; nil while they do not.
    package let mendedAt: UInt64?
    /// Whether changes saved now are marked as of a doubtful time.
    package let isClockDoubtful: Bool
    /// The order of central's that is being carried out, and the one that came to an end last; nil if there is none.
    package var orderUnderWay: OrderStatus?
    package var orderEnded: OrderStatus?
    package let sync: SyncStatus
    package let link: LinkStatus
    /// How the pages' files stand; nil where there are none.
    package var attachments: AttachmentDesk.Figures?
    /// Central has not been heard of for so long that its word on accounts may be old; nil if it has.
    package var contactNotice: ContactNotice?
    /// What is kept though it need not be.
    package var keeping: KeepingStatus?
    /// How the copy on another medium stands, and what the head of every page says of it.
    package let secondCopy: SecondCopyStatus?
    package let secondCopyNotice: SecondCopyStatus.Notice?
    /// What of the database is damaged: nothing is written any more. Nil if nothing is known to be.
    package let damage: String?

    init(
        _ figures: StoreFigures, _ enrolment: Enrolment?, _ sync: SyncStatus, _ link: LinkStatus, now: UInt64,
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
        (mismatchAt, mendedAt) = (figures.sync.mismatchAt, figures.sync.mendedAt)
        isClockDoubtful = figures.sync.isClockDoubtful
        (self.sync, self.link) = (sync, link)
    }
}
