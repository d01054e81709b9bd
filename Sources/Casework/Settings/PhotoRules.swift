/// When photos may go, and how many bytes of them: for links that are paid by the byte, or are needed by day.
package struct PhotoRules: Hashable, Sendable {
    /// The link is paid by the byte. Window and budget count on such a link only.
    package var isMetered: Bool
    /// Minutes of the day (local time) from which and until which photos go; it may pass midnight. Nil: at any time.
    package var window: DailyWindow?
    /// Bytes of photos that may go in a day; nil for any number.
    package var bytesPerDayMax: UInt64?
    /// How far local time is ahead of UTC, in minutes: in all of China 480.
    package var minutesAheadOfUTC: Int
    /// No photo goes at all.
    package var areForbidden = false

    package init(
        isMetered: Bool = false, window: DailyWindow? = nil, bytesPerDayMax: UInt64? = nil,
        minutesAheadOfUTC: Int = 480
    ) {
        (self.isMetered, self.window) = (isMetered, window)
        (self.bytesPerDayMax, self.minutesAheadOfUTC) = (bytesPerDayMax, minutesAheadOfUTC)
    }

    /// A part of every day; from 22:00 to 06:00 is `1320` to `360`. Equal ends are the whole day.
    package struct DailyWindow: Hashable, Sendable {
        package let fromMinute: Int
        package let toMinute: Int

        /// Nil unless both are minutes of a day.
        package init?(fromMinute: Int, toMinute: Int) {
            guard (0..<1440).contains(fromMinute), (0..<1440).contains(toMinute) else { return nil }
            (self.fromMinute, self.toMinute) = (fromMinute, toMinute)
        }

        /// Minutes until it opens; 0 while it is open.
        package func minutesUntilOpen(at minute: Int) -> Int {
            let since = (minute - fromMinute + 1440) % 1440
            let length = (toMinute - fromMinute + 1440) % 1440
            return length == 0 || since < length ? 0 : 1440 - since
        }
    }

    /// The day of a time, and the milliseconds since it began; both local.
    package func day(of milliseconds: UInt64) -> (number: Int64, milliseconds: UInt64) {
        let local = Int64(clamping: milliseconds) + Int64(minutesAheadOfUTC) * 60_000
        let number = Int64((Double(local) / 86_400_000).rounded(.down))
        return (number, UInt64(local - number * 86_400_000))
    }

    /// When photos may go next; nil: now.
    ///
    /// - Parameter sentToday: bytes that went on the day of `now` and count against the budget.
    package func opening(now: UInt64, sentToday: UInt64) -> UInt64? {
        guard isMetered else { return nil }
        let today = day(of: now)
        // Whoever allows them tells; till then it looks again every day.
        if areForbidden { return now + 86_400_000 }
        if let bytesPerDayMax, sentToday >= bytesPerDayMax { return now + 86_400_000 - today.milliseconds }
        let wait = window?.minutesUntilOpen(at: Int(today.milliseconds / 60_000)) ?? 0
        // To the beginning of that minute.
        return wait == 0 ? nil : now - today.milliseconds % 60_000 + UInt64(wait) * 60_000
    }
}
