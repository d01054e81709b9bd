package import SyncProtocol

/// Decides when central is told how this window stands: when that has changed, and every hour. No I/O, no clock.
///
/// Law: what was told last with success differs from what is only in counts and ages, or is to be told with the next exchange.
package struct ConditionTelling: Hashable, Sendable {
    /// What may be told.
    package struct Standing: Hashable, Sendable {
        package var condition: ExchangeRequest.Condition
        package var policies: [ExchangeRequest.HeldPolicy]

        package init(condition: ExchangeRequest.Condition, policies: [ExchangeRequest.HeldPolicy]) {
            (self.condition, self.policies) = (condition, policies)
        }

        /// Without what changes all the time.
        fileprivate var gist: Self {
            var gist = self
            gist.condition.photos = min(1, condition.photos)
            gist.condition.photoBytes = 0
            gist.condition.behindSeconds = 0
            return gist
        }
    }

    /// It is not looked oftener than this, in milliseconds: looking costs some queries.
    package static let lookMilliseconds: UInt64 = 60_000
    /// It is told again after this.
    package static let tellMilliseconds: UInt64 = 3_600_000

    private var lookedAt: UInt64?
    private var told: (gist: Standing, at: UInt64)? {
        get { toldGist.map { ($0, toldAt) } }
        set { (toldGist, toldAt) = (newValue?.gist, newValue?.at ?? 0) }
    }
    private var toldGist: Standing?
    private var toldAt: UInt64 = 0

    package init() {}

    /// Whether to look how this window stands.
    package mutating func isLookDue(now: UInt64) -> Bool {
        // A clock that was set back makes nobody wait longer.
        if let lookedAt, lookedAt <= now, now - lookedAt < Self.lookMilliseconds { return false }
        lookedAt = now
        return true
    }

    /// Whether that is to be told.
    package func isTellDue(_ standing: Standing, now: UInt64) -> Bool {
        guard let told, told.gist == standing.gist else { return true }
        return told.at > now || now - told.at >= Self.tellMilliseconds
    }

    /// Central was told.
    package mutating func noteTold(_ standing: Standing, now: UInt64) { told = (standing.gist, now) }

    /// It was not, as far as is known: it is looked at the next exchange.
    package mutating func noteFailed() { lookedAt = nil }
}
