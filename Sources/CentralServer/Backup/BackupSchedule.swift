/// When central makes its next backup by itself. Pure.
///
/// A backup that failed is tried again after a minute, then after two, four …, at most an hour and never later than the next
/// would be made anyway.
package struct BackupSchedule: Hashable, Sendable {
    static let firstRetryMilliseconds: UInt64 = 60_000
    static let retryMillisecondsMax: UInt64 = 3_600_000

    let everyMilliseconds: UInt64
    private(set) var lastMade: UInt64?
    private var failedAt: UInt64?
    private(set) var failures = 0

    /// - Parameters:
    ///   - everyMilliseconds: more than 0.
    ///   - lastMade: which moment the newest backup there holds; nil if there is none.
    package init(everyMilliseconds: UInt64, lastMade: UInt64?) {
        precondition(everyMilliseconds > 0, "a pause between two backups")
        (self.everyMilliseconds, self.lastMade) = (everyMilliseconds, lastMade)
    }

    /// How long to wait before the next try; 0 if it is due.
    func waitMilliseconds(now: UInt64) -> UInt64 {
        if let failedAt {
            let pause = min(retryMilliseconds, everyMilliseconds)
            // A clock that was set back must not put a backup off for years.
            return now < failedAt ? 0 : pause - min(pause, now - failedAt)
        }
        guard let lastMade, now >= lastMade else { return 0 }
        return everyMilliseconds - min(everyMilliseconds, now - lastMade)
    }

    /// How long a failure puts the next try off.
    var retryMilliseconds: UInt64 {
        min(Self.retryMillisecondsMax, Self.firstRetryMilliseconds << UInt64(min(max(failures, 1) - 1, 6)))
    }

    mutating func succeed(at now: UInt64) { (lastMade, failedAt, failures) = (now, nil, 0) }

    mutating func fail(at now: UInt64) { (failedAt, failures) = (now, failures + 1) }
}
