package import SyncProtocol

extension SyncState {
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
            /// A verify found cases that differ: those that are wanted are compared, and no others.
            case verify
        }

        package var cause: Cause
        /// The last case whose sum was compared and agreed; nil before the first.
        package var after: CaseID?
        /// Only this case, if a technician asked for one.
        package var only: CaseID?
        /// All sums have been compared.
        package var isCompared = false
        /// How often the present page of sums was told and still differed.
        package var rounds = 0
        /// The feed's head in the last answer of this repair; nil before the first.
        package var head: FeedPoint?

        /// A page that differs after so many rounds differs in something that this agent cannot mend.
        package static let roundsMax = 16

        package init(cause: Cause, only: CaseID? = nil) {
            self.cause = cause
            self.only = only
        }

        /// Whether the feed is read again from its start when all is pushed.
        package var rereadsFeed: Bool { cause != .push && cause != .verify && only == nil }

        /// Compares everything anew.
        package mutating func restart() {
            (after, isCompared, rounds) = (nil, false, 0)
        }

        /// Takes in the answer about a page of sums that ended with a case; nil for an empty page.
        ///
        /// - Parameter differs: it differs in something that this agent can mend: the page is told again.
        package mutating func pass(pageTo last: CaseID?, isLastPage: Bool, differs: Bool) {
            if differs, rounds < Self.roundsMax {
                rounds += 1
                return
            }
            rounds = 0
            after = last ?? after
            isCompared = isLastPage
        }

        /// What has to be done where this is under way and another repair is ordered: all of both.
        package func widened(by order: Repair) -> Repair {
            if cause == .verify, order.cause == .verify { return order }  // what is wanted by now
            let covers =
                cause != .verify && (only == nil || only == order.only) && (rereadsFeed || !order.rereadsFeed)
            return covers ? self : Repair(cause: order.rereadsFeed ? order.cause : .push)
        }
    }
}
