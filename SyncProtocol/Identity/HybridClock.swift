/// A moment of the hybrid logical clock: milliseconds since 1970 in the upper 48 bits, a counter in the lower 16.
///
/// For display and order only. Nothing about causality is ever concluded from it.
package struct HybridTime: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package init(milliseconds: UInt64, counter: UInt16 = 0) {
        rawValue = milliseconds << 16 | UInt64(counter)
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

    package init(last: HybridTime = HybridTime(rawValue: 0)) { self.last = last }

    /// The time for a change written now.
    ///
    /// - Returns: the time, and whether the wall clock had stepped back so far that it is in doubt.
    package mutating func tick(wallMilliseconds: UInt64) -> (time: HybridTime, isDoubtful: Bool) {
        let wall = HybridTime(milliseconds: wallMilliseconds)
        let limit = HybridTime(milliseconds: wallMilliseconds + Self.driftMillisecondsMax)
        let steppedBack = last > limit
        last = steppedBack ? wall : max(wall, HybridTime(rawValue: last.rawValue + 1))
        return (last, steppedBack)
    }

    /// Takes in the time of somebody else's change.
    package mutating func receive(_ time: HybridTime, wallMilliseconds: UInt64) {
        let limit = HybridTime(milliseconds: wallMilliseconds + Self.driftMillisecondsMax)
        last = max(last, min(time, limit))
    }
}
