/// Counts enrolments that failed, so that nobody tries tokens without end. Pure, and bounded.
///
/// Those that succeed do not count: behind one address may be a whole county's hospitals.
struct EnrolmentAttempts: Sendable {
    /// Failures from one address within a window.
    static let perAddressMax = 20
    /// Failures from all addresses together within a window.
    static let overallMax = 500
    /// A window's length in milliseconds.
    static let windowMilliseconds: UInt64 = 10 * 60 * 1000

    private var windowStart: UInt64?
    private var counts: [String: Int] = [:]
    private var overall = 0

    /// Whether an attempt may begin; it counts until it succeeds.
    mutating func begin(from address: String, now: UInt64) -> Bool {
        // A clock that was set back begins a new window too.
        if let start = windowStart, now >= start, now - start < Self.windowMilliseconds {
            // The same window.
        } else {
            self = EnrolmentAttempts()
            windowStart = now
        }
        guard overall < Self.overallMax, counts[address, default: 0] < Self.perAddressMax else {
            return false
        }
        overall += 1
        counts[address, default: 0] += 1
        return true
    }

    /// Takes back the count of one that succeeded.
    mutating func succeed(from address: String) {
        guard let count = counts[address] else { return }  // a new window began meanwhile
        counts[address] = count > 1 ? count - 1 : nil
        overall -= 1
    }
}
