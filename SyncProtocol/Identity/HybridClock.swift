/// A moment of the hybrid logical clock: milliseconds since 1970 in the upper 48 bits, a counter in the lower 16.
///
/// For display and order only. Nothing about causality is ever concluded from it.
package struct HybridTime: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The last moment that there is: in the year 6429.
    package static let millisecondsMax = Limits.counterMax >> 16

    /// A moment beyond ``millisecondsMax`` is taken for that.
    package init(milliseconds: UInt64, counter: UInt16 = 0) {
        rawValue = min(milliseconds, Self.millisecondsMax) << 16 | UInt64(counter)
    }

    /// Since 1970-01-01T00:00:00Z.
    package var milliseconds: UInt64 { rawValue >> 16 }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Gives each change a time that is later than all that its writer saw before, as far as the wall clock allows.
///
/// A time from elsewhere moves this clock by at most ``driftMillisecondsMax`` past the local wall clock, and a wall
/// clock that was set back is followed at once with a doubt mark: one wrong clock cannot poison the others.
package struct HybridClock: Hashable, Sendable {
    /// The last time that was given or taken in.
    package private(set) var last: HybridTime

    /// How far beyond the wall clock a time may be before it is no longer believed.
    package static let driftMillisecondsMax: UInt64 = 120_000

    /// Goes on from the last time that was stored.
    package init(last: HybridTime = HybridTime(rawValue: 0)) { self.last = last }

    /// The time for a change written now.
    ///
    /// - Returns: the time, and whether the wall clock had stepped back so far that it is in doubt.
    package mutating func tick(wallMilliseconds: UInt64) -> (time: HybridTime, isDoubtful: Bool) {
        let wall = HybridTime(milliseconds: wallMilliseconds)
        // Compared in milliseconds: a time taken in at the limit leaves room for 65,535 changes before the next one.
        let steppedBack = last.milliseconds > Self.limit(wallMilliseconds).milliseconds
        last = steppedBack ? wall : max(wall, HybridTime(rawValue: min(last.rawValue + 1, Limits.counterMax)))
        return (last, steppedBack)
    }

    /// Takes in the time of somebody else's change.
    package mutating func receive(_ time: HybridTime, wallMilliseconds: UInt64) {
        last = max(last, min(time, Self.limit(wallMilliseconds)))
    }

    /// The latest time that is believed.
    private static func limit(_ wallMilliseconds: UInt64) -> HybridTime {
        let (milliseconds, overflows) = wallMilliseconds.addingReportingOverflow(driftMillisecondsMax)
        return HybridTime(milliseconds: overflows ? .max : milliseconds)
    }
}
