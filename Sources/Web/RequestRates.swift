/// How often each of many callers may ask: a bucket of tokens for each, which fills as time goes by. Pure, and bounded.
///
/// **Law**: within any time a caller is let in at most ``burst`` times, and ``perSecond`` times for each second; what others
/// do changes nothing about that.
package struct RequestRates: Hashable, Sendable {
    /// Callers that are remembered; those that have asked least lately are forgotten first, which is to their good.
    package static let callersMax = 16_384

    /// How often a caller may ask at once.
    package let burst: Double
    /// How often it may ask for good.
    package let perSecond: Double

    private struct Bucket: Hashable {
        var tokens: Double
        var milliseconds: UInt64
    }

    private var buckets: [String: Bucket] = [:]

    package init(burst: Int, perSecond: Double) {
        precondition(burst > 0 && perSecond > 0, "somebody must be let in")
        (self.burst, self.perSecond) = (Double(burst), perSecond)
    }

    /// How many callers are remembered.
    package var callerCount: Int { buckets.count }

    /// Lets a caller in, or tells it when to come again.
    ///
    /// - Parameter now: milliseconds; a clock that was set back fills nothing.
    /// - Returns: nil, or the seconds after which one more request is let in, at least 1.
    package mutating func wait(for caller: String, now: UInt64) -> Int? {
        var bucket = buckets[caller] ?? Bucket(tokens: burst, milliseconds: now)
        let passed = now >= bucket.milliseconds ? Double(now - bucket.milliseconds) / 1000 : 0
        bucket.tokens = min(burst, bucket.tokens + passed * perSecond)
        bucket.milliseconds = now
        let isLetIn = bucket.tokens >= 1
        if isLetIn { bucket.tokens -= 1 }
        if buckets[caller] == nil { makeRoom(now: now) }
        buckets[caller] = bucket
        return isLetIn ? nil : max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
    }

    /// Forgets those whose buckets are full again, and if there are none, half of the rest.
    private mutating func makeRoom(now: UInt64) {
        guard buckets.count >= Self.callersMax else { return }
        buckets = buckets.filter { _, bucket in
            now >= bucket.milliseconds
                && bucket.tokens + Double(now - bucket.milliseconds) / 1000 * perSecond < burst
        }
        guard buckets.count >= Self.callersMax else { return }
        let oldest = buckets.sorted { $0.value.milliseconds < $1.value.milliseconds }
        for (caller, _) in oldest.prefix(Self.callersMax / 2) { buckets[caller] = nil }
    }
}
