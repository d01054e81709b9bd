/// A day of the Gregorian calendar in Asia/Shanghai, without a time and without a clock.
package struct CalendarDate: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let year: Int
    package let month: Int
    package let day: Int

    /// The years that a document of a living person can carry.
    static let years = 1800...2999

    /// A date that exists, or nil.
    package init?(year: Int, month: Int, day: Int) {
        guard Self.years ~= year, 1...12 ~= month, 1...Self.dayCount(year: year, month: month) ~= day else {
            return nil
        }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Reads `YYYY-MM-DD` and nothing else.
    package init?(_ text: String) {
        var number = 0
        var numbers = (year: 0, month: 0)
        for (place, byte) in text.utf8.enumerated() {
            switch place {
            case 4:
                guard byte == UInt8(ascii: "-") else { return nil }
                (numbers.year, number) = (number, 0)
            case 7:
                guard byte == UInt8(ascii: "-") else { return nil }
                (numbers.month, number) = (number, 0)
            case 0..<10:
                guard byte.isDigit else { return nil }
                number = number * 10 + Int(byte - 0x30)
            default: return nil
            }
        }
        guard text.utf8.count == 10 else { return nil }
        self.init(year: numbers.year, month: numbers.month, day: number)
    }

    /// The day in Asia/Shanghai (UTC+8, no daylight saving since 1991) at a moment, milliseconds since 1970.
    package init(milliseconds: UInt64) {
        let days = Int(min(milliseconds, 32_503_651_200_000 - 1) / 1000 + 8 * 3600) / 86_400
        (year, month, day) = Self.civil(dayNumber: days)
    }

    package var description: String {
        "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// How many birthdays lie between this date of birth and the other day, that day included.
    package func fullYears(on other: Self) -> Int {
        let hadBirthday = (other.month, other.day) >= (month, day)
        return other.year - year - (hadBirthday ? 0 : 1)
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    private static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        default: 31
        }
    }
}

extension UInt8 {
    /// An ASCII digit.
    var isDigit: Bool { 0x30...0x39 ~= self }
    /// An ASCII capital letter.
    var isCapital: Bool { 0x41...0x5A ~= self }
}

/// The number with leading zeros up to the width.
func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
