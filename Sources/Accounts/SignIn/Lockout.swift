/// Slows guessing of passwords down, without a way to shut anybody out.
///
/// Failures are counted for an account and a browser together. A browser that once signed in to an account is known by a cookie of
/// its own, and has its own count; all others share one. So whoever guesses from elsewhere slows down other unknown browsers, and
/// never the PC at the window (OWASP, "Device Cookies").
package struct Lockout: Hashable, Sendable {
    /// Failures before the first pause.
    package static let freeFailures = 5
    /// Milliseconds of the first pause; each further failure doubles it.
    package static let pauseFirst: UInt64 = 2_000
    /// Milliseconds of the longest pause: of a browser that is not known, and of one that is.
    package static let (pauseMax, pauseMaxKnown): (UInt64, UInt64) = (15 * 60_000, 30_000)
    /// Milliseconds after which failures are forgotten.
    package static let memory: UInt64 = 24 * 3_600_000
    /// Counts at once; beyond it the oldest is forgotten.
    package static let countMax = 10_000

    private struct Key: Hashable, Sendable {
        let account: String
        /// Nil for all browsers that are not known.
        let browser: String?
    }

    private struct Count: Hashable, Sendable {
        var failures: Int
        var last: UInt64
    }

    private var counts: [Key: Count] = [:]

    package init() {}

    /// Milliseconds until the next attempt is looked at; 0 for now.
    package func pause(for account: String, browser: String?, now: UInt64) -> UInt64 {
        guard let count = counts[Key(account: account, browser: browser)], count.failures >= Self.freeFailures
        else {
            return 0
        }
        let doublings = min(count.failures - Self.freeFailures, 20)
        let longest = browser == nil ? Self.pauseMax : Self.pauseMaxKnown
        let end = count.last &+ min(longest, Self.pauseFirst << UInt64(doublings))
        return end > now ? end - now : 0
    }

    /// A wrong password, or a name that does not exist.
    package mutating func noteFailure(of account: String, browser: String?, now: UInt64) {
        let key = Key(account: account, browser: browser)
        var count = counts[key] ?? Count(failures: 0, last: now)
        if now > count.last + Self.memory { count.failures = 0 }
        counts[key] = Count(failures: count.failures + 1, last: now)
        guard counts.count > Self.countMax, let oldest = counts.min(by: { $0.value.last < $1.value.last })
        else { return }
        counts[oldest.key] = nil
    }

    /// The right password: this browser's failures are forgotten.
    package mutating func noteSuccess(of account: String, browser: String?) {
        counts[Key(account: account, browser: browser)] = nil
    }

    /// A supervisor has looked: every count of the account is forgotten.
    package mutating func forget(_ account: String) { counts = counts.filter { $0.key.account != account } }
}
