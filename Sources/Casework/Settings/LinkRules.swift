/// What this window's link may be used for: when photos go, how many bytes a day, and whether it waits at central for news.
package struct LinkRules: Hashable, Sendable {
    /// When photos may go.
    package enum PhotoTimes: Hashable, Sendable {
        case always, never
        case daily(PhotoRules.DailyWindow)
    }

    /// The link is paid by the byte: nothing goes without an occasion.
    package var isMetered = false
    package var photos = PhotoTimes.always
    /// Bytes in a local day, both ways, headers included, from which on photos and waiting stop; nil for any number. Case data
    /// is never held back.
    package var bytesPerDayMax: UInt64?
    /// On a metered link: minutes between exchanges that nobody asks for; nil for none.
    package var scheduleMinutes: UInt64?
    /// How far local time is ahead of UTC, in minutes: in all of China 480.
    package var minutesAheadOfUTC = 480

    package init() {}

    /// The same, as far as it is about photos. What was set counts on any link.
    package var photoRules: PhotoRules {
        var rules = PhotoRules(
            isMetered: true, bytesPerDayMax: bytesPerDayMax, minutesAheadOfUTC: minutesAheadOfUTC)
        switch photos {
        case .always: break
        case .never: rules.areForbidden = true
        case .daily(let window): rules.window = window
        }
        return rules
    }

    /// The local day of a time.
    package func day(of milliseconds: UInt64) -> Int64 { photoRules.day(of: milliseconds).number }

    /// When the next local day begins, in milliseconds since 1970.
    package func midnight(after milliseconds: UInt64) -> UInt64 {
        milliseconds + 86_400_000 - photoRules.day(of: milliseconds).milliseconds
    }

    /// Whether the day's bytes are spent.
    package func isSpent(_ traffic: DayTraffic, now: UInt64) -> Bool {
        guard let bytesPerDayMax, traffic.day == day(of: now) else { return false }
        return traffic.total >= bytesPerDayMax
    }
}

/// Bytes that went over the link in one local day, both ways, headers included.
package struct DayTraffic: Hashable, Sendable, Codable {
    /// Days since 1970, local.
    package var day: Int64 = 0
    package var exchanges: UInt64 = 0
    package var photos: UInt64 = 0

    package init(day: Int64 = 0, exchanges: UInt64 = 0, photos: UInt64 = 0) {
        (self.day, self.exchanges, self.photos) = (day, exchanges, photos)
    }

    package var total: UInt64 { exchanges + photos }
}
