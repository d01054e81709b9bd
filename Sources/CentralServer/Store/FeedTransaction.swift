package import SyncProtocol

/// The hospitals' feeds and scopes.
package protocol FeedTransaction {
    /// The end of a hospital's feed; nil if there is no such hospital. In a writing transaction nobody else can append to
    /// this feed until it ends.
    func feedHead(of hospital: HospitalID) throws(CentralError) -> FeedHead?
    func setFeedHead(_ head: FeedHead, of hospital: HospitalID) throws(CentralError)
    func append(_ row: FeedRow, to hospital: HospitalID) throws(CentralError)
    /// The feed's values after a position; nil beyond its end.
    func feedHead(of hospital: HospitalID, at position: UInt64) throws(CentralError) -> FeedHead?
    /// Up to `countMax` entries after a position, in order.
    func feed(
        of hospital: HospitalID, after position: UInt64, countMax: Int
    ) throws(CentralError) -> [FeedItem]

    /// In whose scope a case is or was, ascending by hospital.
    func scopes(of caseID: CaseID) throws(CentralError) -> [Scope]
    func scope(of caseID: CaseID, in hospital: HospitalID) throws(CentralError) -> Scope?
    /// Inserts or replaces.
    func put(_ scope: Scope) throws(CentralError)
    /// Whether a hospital was told of a change after its case had left.
    func isLate(_ change: ChangeNumber, in hospital: HospitalID) throws(CentralError) -> Bool
}

/// A feed's values after one of its entries.
package struct FeedHead: Hashable, Sendable {
    package var position: UInt64
    package var chain: Chain
    /// Of the scope: all change entries up to here, without those of cases that left.
    package var fingerprint: Fingerprint

    package init(position: UInt64, chain: Chain, fingerprint: Fingerprint) {
        self.position = position
        self.chain = chain
        self.fingerprint = fingerprint
    }

    /// Before the first entry.
    package static let start = FeedHead(position: 0, chain: .start, fingerprint: .empty)

    package var point: FeedPoint { FeedPoint(position: position, chain: chain) }
}

/// One entry as it is stored.
package struct FeedRow: Hashable, Sendable {
    package enum Subject: Hashable, Sendable {
        case change(ChangeNumber, Receipt)
        case enters(CaseID)
        case leaves(CaseID)
        /// A change of a case that left.
        case late(ChangeNumber, Receipt)
    }

    package let subject: Subject
    /// The feed's values after this entry.
    package let head: FeedHead

    package init(subject: Subject, head: FeedHead) {
        self.subject = subject
        self.head = head
    }
}

/// One entry as it is sent, with its place.
package struct FeedItem: Hashable, Sendable {
    package enum Subject: Hashable, Sendable {
        /// `isLinked`: it has a place in its replica's chain.
        case change(replica: ReplicaID, sequence: UInt64, body: [UInt8], receipt: Receipt, isLinked: Bool)
        case enters(CaseID)
        case leaves(CaseID)
        /// A change of a case that left.
        case late(replica: ReplicaID, sequence: UInt64, body: [UInt8], receipt: Receipt)
    }

    package let position: UInt64
    package let subject: Subject

    package init(position: UInt64, subject: Subject) {
        self.position = position
        self.subject = subject
    }
}

/// From where to where in a hospital's feed a case is its own.
package struct Scope: Hashable, Sendable {
    package let hospital: HospitalID
    package let caseID: CaseID
    package let entered: UInt64
    /// Nil while the case is in the scope.
    package var left: UInt64?

    package init(hospital: HospitalID, caseID: CaseID, entered: UInt64, left: UInt64? = nil) {
        self.hospital = hospital
        self.caseID = caseID
        self.entered = entered
        self.left = left
    }
}
