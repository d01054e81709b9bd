package import SyncProtocol

/// What an agent durably knows of its exchanges with central. One row, written with the data that it is about.
package struct SyncState: Hashable, Sendable {
    /// Bringing back to central what it lacks, case by case. It survives cuts and restarts until it is finished.
    package struct Repair: Hashable, Sendable {
        package enum Cause: String, Hashable, Sendable {
            /// Central is not what it was: witness, cursor or an acknowledgement does not fit.
            case centralWentBack
            /// The scope's sum differs from central's.
            case sumsDiffer
            /// A technician or central ordered to push.
            case push
            /// A technician or central ordered to push, then to read the whole feed again.
            case pull
        }

        package var cause: Cause
        /// The last case whose sum was compared; nil before the first.
        package var after: CaseID?
        /// Only this case, if a technician asked for one.
        package var only: CaseID?
        /// All sums have been compared.
        package var isCompared = false

        package init(cause: Cause, only: CaseID? = nil) {
            self.cause = cause
            self.only = only
        }

        /// Whether the feed is read again from its start when all is pushed.
        package var rereadsFeed: Bool { cause != .push && only == nil }
    }

    package var epoch: Epoch?
    package var place = FeedPlace()
    /// The highest feed position that anything was ever used from. Never lowered but at the end of a repair.
    package var witness = FeedPoint.start
    package var repair: Repair?
    /// When the scope's sum last differed from central's and a repair began for it, milliseconds since 1970.
    package var mismatchAt: UInt64?

    package init() {}
}

extension SyncState {
    /// What an answer means before anything of it is used.
    package enum Verdict: Hashable, Sendable {
        /// Use it.
        case use
        /// Central went back in time: nothing of the answer may be used, a repair begins or goes on.
        case repair
    }

    /// Judges an answer, and raises the witness if it may be used.
    ///
    /// - Parameter confirmed: what central had confirmed of each replica that the answer speaks of.
    package mutating func judge(_ response: ExchangeResponse, confirmed: [ReplicaID: UInt64]) -> Verdict {
        epoch = response.epoch
        let forgot = response.stored.contains { $0.sequence < confirmed[$0.replica, default: 0] }
        if repair == nil, response.isRepairNeeded || forgot {
            repair = Repair(cause: .centralWentBack)
            return .repair
        }
        if response.isRepairNeeded { return .repair }
        if repair == nil, response.head.position > witness.position { witness = response.head }
        return .use
    }

    /// Ends a repair: central has all that this agent has.
    package mutating func finishRepair(at head: FeedPoint) {
        if repair?.rereadsFeed ?? false { place = FeedPlace() }
        witness = head
        repair = nil
    }
}
