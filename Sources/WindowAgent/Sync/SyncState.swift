package import SyncProtocol

/// What an agent durably knows of its exchanges with central. One row, written with the data that it is about.
///
/// Laws: the witness is never lowered but at the end of a repair that reads the feed anew; a repair that is under way ends
/// only when it is finished; an order widens it and never narrows it.
package struct SyncState: Hashable, Sendable {
    package var epoch: Epoch?
    package var place = FeedPlace()
    /// The highest feed position that anything was ever used from. Never lowered but at the end of a repair.
    package var witness = FeedPoint.start
    package var repair: Repair?
    /// When this window's feed or the sum of its scope last differed from central's, milliseconds since 1970.
    package var mismatchAt: UInt64?
    /// When they agreed again after that; nil while they do not.
    package var mendedAt: UInt64?
    /// Central's clock less this one's in milliseconds, as last told.
    package var clockOffset: Int64?
    /// This machine's clock was set back, and central has not confirmed it since.
    package var clockSteppedBack = false

    package init() {}

    /// Whether central has yet to tell, in a repair, how far it is. Until then no change is sent: what waits may follow on what
    /// central lost, and would be taken for a stranger's on a case that others have brought back.
    package var isUntold: Bool { repair.map { $0.head == nil } ?? false }

    /// Whether times of this machine are to be marked as doubtful.
    package var isClockDoubtful: Bool {
        clockSteppedBack || (clockOffset?.magnitude ?? 0) > HybridClock.driftMillisecondsMax
    }
}

extension SyncState {
    /// What an answer means before anything of it is used.
    package enum Verdict: Hashable, Sendable {
        /// Use it.
        case use
        /// Central went back in time: nothing of the answer may be used, a repair begins or goes on.
        case repair
    }

    /// Judges an answer, and raises the witness if it may be used. A repair that is under way compares everything anew if
    /// central went back meanwhile.
    ///
    /// - Parameter confirmed: what central had confirmed of each own replica that the answer speaks of.
    package mutating func judge(_ response: ExchangeResponse, confirmed: [ReplicaID: UInt64]) -> Verdict {
        let isOtherEpoch = epoch != nil && epoch != response.epoch
        epoch = response.epoch
        let forgot = response.stored.contains { $0.sequence < confirmed[$0.replica, default: 0] }
        if var running = repair {
            if response.isRepairNeeded {
                running.restart()
                running.head = nil
                repair = running
                return .repair
            }
            let wentBackAgain = forgot || isOtherEpoch || !response.head.follows(running.head)
            if running.head != nil, wentBackAgain { running.restart() }
            running.head = response.head
            repair = running
            return .use
        }
        guard !response.isRepairNeeded, !forgot, response.head.follows(witness) else {
            repair = Repair(cause: .centralWentBack)
            return .repair
        }
        witness = response.head
        return .use
    }

    /// Ends a repair: central has all that this agent has.
    ///
    /// Only one that compared every case and then reads the feed from its start may forget the old witness: after any other,
    /// the witness still has to prove that central is what it was.
    package mutating func finishRepair(at head: FeedPoint) {
        if repair?.rereadsFeed ?? false {
            place = FeedPlace()
            witness = head
        }
        repair = nil
    }

    /// Takes in central's time, told in answer to a request that was sent and answered at these times of this clock.
    package mutating func judgeClock(central: UInt64, sentAt: UInt64, heardAt: UInt64) {
        let (sent, heard, told) = (
            Int64(clamping: sentAt), Int64(clamping: heardAt), Int64(clamping: central)
        )
        // Central spoke somewhere between the two: only what lies outside is certain to be a difference.
        let (first, last) = (min(sent, heard), max(sent, heard))
        let offset = told < first ? told - first : told > last ? told - last : 0
        clockOffset = offset
        if offset.magnitude <= HybridClock.driftMillisecondsMax { clockSteppedBack = false }
    }
}

extension FeedPoint {
    /// Whether a feed that had an earlier head can have this one now, as far as the two tell.
    fileprivate func follows(_ earlier: FeedPoint?) -> Bool {
        guard let earlier else { return true }
        return position > earlier.position || self == earlier
    }
}
