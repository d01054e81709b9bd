/// A date and time of day in Asia/Shanghai, to the second, written as ISO 8601 with `+08:00`.
package struct Moment: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let date: CalendarDate
    /// Seconds since midnight.
    package let seconds: Int

    /// nil for seconds that no day has.
    package init?(date: CalendarDate, seconds: Int) {
        guard 0..<86_400 ~= seconds else { return nil }
        self.date = date
        self.seconds = seconds
    }

    /// Reads `YYYY-MM-DDTHH:mm:ss+08:00`, as an answer of the type `datetime` is written.
    package init?(_ text: String) {
        guard TextFormat.dateTime.matches(text), let date = CalendarDate(String(text.prefix(10))) else {
            return nil
        }
        let digits = text.utf8.dropFirst(11).prefix(8).split(separator: UInt8(ascii: ":")).compactMap {
            Int(String(decoding: $0, as: UTF8.self))
        }
        guard digits.count == 3 else { return nil }
        self.init(date: date, seconds: digits[0] * 3600 + digits[1] * 60 + digits[2])
    }

    /// A date with a time `HH:mm`.
    package init?(_ date: CalendarDate, time: String) {
        let digits = time.utf8.split(separator: UInt8(ascii: ":")).compactMap {
            Int(String(decoding: $0, as: UTF8.self))
        }
        guard digits.count == 2 else { return nil }
        self.init(date: date, seconds: digits[0] * 3600 + digits[1] * 60)
    }

    /// The moment, milliseconds since 1970.
    package init(milliseconds: UInt64) {
        date = CalendarDate(milliseconds: milliseconds)
        seconds = Int((milliseconds / 1000 + 8 * 3600) % 86_400)
    }

    package func adding(hours: Int) -> Self? {
        let (total, isTooLarge) = hours.multipliedReportingOverflow(by: 3600)
        guard !isTooLarge else { return nil }
        let sum = seconds + total
        let days = sum >= 0 ? sum / 86_400 : -((86_399 - sum) / 86_400)
        return date.adding(days: days).flatMap { Self(date: $0, seconds: sum - days * 86_400) }
    }

    package var description: String {
        let time = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        return "\(date)T\(time.joined(separator: ":"))+08:00"
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.date, left.seconds) < (right.date, right.seconds)
    }
}
