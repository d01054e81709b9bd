package import SyncProtocol

/// The change log: replicas with their chains, changes, and what could not become a change.
package protocol LogTransaction {
    /// The label of the feeds' life, minted when the store was made or restored.
    func epoch() throws(CentralError) -> Epoch
    /// Central's own replica: minted at the first call after every opening of the store, and not used by any other opening.
    func ownReplica() throws(CentralError) -> ReplicaID
    /// The last time that central gave a change of its own.
    func lastTime() throws(CentralError) -> HybridTime
    func setLastTime(_ time: HybridTime) throws(CentralError)

    func replica(_ id: ReplicaID) throws(CentralError) -> ReplicaRecord?
    /// Inserts or replaces.
    func put(_ replica: ReplicaRecord) throws(CentralError)
    /// The value of a replica's chain after a sequence; nil where it does not reach. 0 gives the start.
    func chain(of replica: ReplicaID, at sequence: UInt64) throws(CentralError) -> Chain?
    /// All that is held under sequences of a replica, linked or not, by sequence.
    func holdings(
        of replica: ReplicaID, from first: UInt64, through last: UInt64
    ) throws(CentralError) -> [Holding]

    /// Adds a change; it must not be held yet.
    ///
    /// - Parameter milliseconds: central's clock.
    func insert(_ change: Change, chain: Chain?, milliseconds: UInt64) throws(CentralError) -> ChangeNumber
    /// Puts a change that the log has lost back under its number; it must not be held.
    func insert(
        _ change: Change, chain: Chain?, as number: ChangeNumber, milliseconds: UInt64
    ) throws(CentralError)
    /// Gives a change that came without chain link its place in its replica's chain.
    func link(_ change: ChangeNumber, chain: Chain) throws(CentralError)
    /// All changes of a case, in order of arrival.
    func changes(of caseID: CaseID) throws(CentralError) -> [NumberedChange]
    /// Whether a case has any change.
    func isKnown(_ caseID: CaseID) throws(CentralError) -> Bool
    /// Whether any change of the case has this dot.
    func holdsDot(_ dot: Dot, of caseID: CaseID) throws(CentralError) -> Bool
    /// The highest edition that a replica wrote on a case; 0 if none.
    func lastEdition(of replica: ReplicaID, on caseID: CaseID) throws(CentralError) -> UInt64
    /// Up to `countMax` cases after one, ascending.
    func caseIDs(after: CaseID?, countMax: Int) throws(CentralError) -> [CaseID]

    /// Keeps the bytes of a chained body whose frozen head does not decode.
    func insert(_ unreadable: UnreadableRecord) throws(CentralError)
    /// Keeps a change whose receipt does not fit for a person; again is harmless.
    func insert(_ waiting: WaitingRecord) throws(CentralError)
    func unreadables(countMax: Int) throws(CentralError) -> [UnreadableRecord]
    func waiting(countMax: Int) throws(CentralError) -> [WaitingRecord]
    /// Counts one more occurrence of something that a technician must see.
    func raise(_ alarm: Alarm, milliseconds: UInt64) throws(CentralError)
    /// Nil if it was never raised.
    func alarm(_ alarm: Alarm) throws(CentralError) -> AlarmRecord?
    func alarms(countMax: Int) throws(CentralError) -> [AlarmRecord]
}

/// The place of a change in this store; never sent, and never another change's, whatever the log may have lost.
package struct ChangeNumber: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A change and its place.
package struct NumberedChange: Hashable, Sendable {
    package let number: ChangeNumber
    package let change: Change
    /// When it came here, by central's clock; 0 for what came before that was kept.
    package let milliseconds: UInt64

    package init(number: ChangeNumber, change: Change, milliseconds: UInt64) {
        self.number = number
        self.change = change
        self.milliseconds = milliseconds
    }
}

/// How far a replica's chain reaches here, and whose it is.
package struct ReplicaRecord: Hashable, Sendable {
    package let id: ReplicaID
    /// Nil for central's own.
    package let device: DeviceID?
    /// 0 before the first change.
    package var length: UInt64
    package var chain: Chain

    package init(id: ReplicaID, device: DeviceID?, length: UInt64 = 0, chain: Chain = .start) {
        self.id = id
        self.device = device
        self.length = length
        self.chain = chain
    }
}

/// What is held under one sequence of a replica: a change, or a body that could not become one.
package struct Holding: Hashable, Sendable {
    package let sequence: UInt64
    package let id: ContentID
    /// Nil if it came without chain link.
    package let chain: Chain?
    /// Nil for an unreadable body.
    package let number: ChangeNumber?

    package init(sequence: UInt64, id: ContentID, chain: Chain?, number: ChangeNumber?) {
        self.sequence = sequence
        self.id = id
        self.chain = chain
        self.number = number
    }
}

/// A body in a replica's chain that enters no case.
package struct UnreadableRecord: Hashable, Sendable {
    package let replica: ReplicaID
    package let sequence: UInt64
    package let id: ContentID
    package let chain: Chain
    package let hospital: HospitalID
    package let reason: String
    package let milliseconds: UInt64
    package let body: [UInt8]

    package init(
        replica: ReplicaID, sequence: UInt64, id: ContentID, chain: Chain, hospital: HospitalID,
        reason: String,
        milliseconds: UInt64, body: [UInt8]
    ) {
        self.replica = replica
        self.sequence = sequence
        self.id = id
        self.chain = chain
        self.hospital = hospital
        self.reason = reason
        self.milliseconds = milliseconds
        self.body = body
    }
}

/// A change that somebody brought without a valid receipt.
package struct WaitingRecord: Hashable, Sendable {
    package let replica: ReplicaID
    package let sequence: UInt64
    package let id: ContentID
    package let hospital: HospitalID
    package let device: DeviceID
    package let milliseconds: UInt64
    package let body: [UInt8]

    package init(
        replica: ReplicaID, sequence: UInt64, id: ContentID, hospital: HospitalID, device: DeviceID,
        milliseconds: UInt64, body: [UInt8]
    ) {
        self.replica = replica
        self.sequence = sequence
        self.id = id
        self.hospital = hospital
        self.device = device
        self.milliseconds = milliseconds
        self.body = body
    }
}

/// Something that must not happen in sound operation.
package struct Alarm: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A replica was written by two: its chain differs from central's.
        case fork
        /// One dot of a case stands for two contents.
        case forkedDot = "forked-dot"
        /// A device pushed under a replica of another.
        case otherDevicesReplica = "other-devices-replica"
        /// A change came with a receipt that central never gave.
        case receipt
        /// A hospital has seen more of its feed than there is: central has gone back in time.
        case wentBack = "went-back"
        /// A device's key is used in two places: replicas of two openings of its store grow in turn.
        case twoPlaces = "two-places"
    }

    package let kind: Kind
    /// The name of the replica, case or hospital that it is about.
    package let subject: String

    package init(kind: Kind, subject: String) {
        self.kind = kind
        self.subject = subject
    }
}

/// How often and when an alarm was raised.
package struct AlarmRecord: Hashable, Sendable {
    package let alarm: Alarm
    package let count: UInt64
    package let firstMilliseconds: UInt64
    package let lastMilliseconds: UInt64

    package init(alarm: Alarm, count: UInt64, firstMilliseconds: UInt64, lastMilliseconds: UInt64) {
        self.alarm = alarm
        self.count = count
        self.firstMilliseconds = firstMilliseconds
        self.lastMilliseconds = lastMilliseconds
    }
}
