/// On which days a hospital hands the copies 副页 of its birth certificates over, and to whom (永福 一(二)1(4); policies.md
/// section 1.9).
///
/// There is one day in each quarter. It does not move when it is no working day. A certificate that is issued after it,
/// such as on 31 March, belongs to the next one.
package struct HandoverRule: Hashable, Sendable {
    /// Unicode scalars of each text.
    package static let textLengthMax = 200

    /// The day of each quarter, in their order.
    package let days: [MonthDay]
    /// Who hands over, in Chinese.
    package let from: String
    /// Who receives, in Chinese.
    package let to: String
    /// Where the rule stands.
    package let source: String

    /// A day of every year, `MM-DD`.
    package struct MonthDay: Hashable, Sendable, CustomStringConvertible {
        package let month: Int
        package let day: Int

        /// Reads `MM-DD`; 29 February is none, because most years lack it.
        package init?(_ text: String) {
            guard let date = CalendarDate("2001-\(text)") else { return nil }
            (month, day) = (date.month, date.day)
        }

        package var description: String { "\(padded(month, 2))-\(padded(day, 2))" }

        /// 1 to 4.
        var quarter: Int { (month - 1) / 3 + 1 }
    }

    /// The day of handing over in a quarter.
    package func due(in quarter: HandoverQuarter) -> CalendarDate {
        let day = days[quarter.quarter - 1]
        guard let date = CalendarDate(year: quarter.year, month: day.month, day: day.day) else {
            preconditionFailure("a quarter has a year, and its day exists in each")
        }
        return date
    }

    /// The days of issue whose certificates are handed over in a quarter: from the day after the last handover to the
    /// day of this one.
    package func issueDays(in quarter: HandoverQuarter) -> ClosedRange<CalendarDate> {
        let due = due(in: quarter)
        guard let first = self.due(in: quarter.previous).adding(days: 1) else {
            preconditionFailure("the day after a day in an earlier quarter exists")
        }
        return first...due
    }

    /// The quarter in which a certificate is handed over that was issued on the day; nil outside the years of a quarter.
    package func quarter(issued day: CalendarDate) -> HandoverQuarter? {
        guard let quarter = HandoverQuarter(year: day.year, quarter: (day.month - 1) / 3 + 1) else {
            return nil
        }
        return day <= due(in: quarter) ? quarter : quarter.next
    }

    /// The next day of handing over on or after the day of issue; nil outside the years of a quarter.
    package func due(issued day: CalendarDate) -> CalendarDate? { quarter(issued: day).map(due(in:)) }
}

extension HandoverRule: Decodable {
    private enum CodingKeys: String, CodingKey { case days, from, to, source }

    /// Reads `{"days": ["03-30", "06-30", "09-30", "12-30"], "from": …, "to": …, "source": …}`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let texts = try container.decode([String].self, forKey: .days)
        days = texts.compactMap { MonthDay($0) }
        guard texts.count == 4, days.map(\.quarter) == [1, 2, 3, 4] else {
            throw DecodingError.dataCorruptedError(
                forKey: .days, in: container,
                debugDescription: "expected four days MM-DD, one in each quarter")
        }
        func text(_ key: CodingKeys) throws -> String {
            let text = try container.decode(String.self, forKey: key)
            guard 1...Self.textLengthMax ~= text.unicodeScalars.count else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container,
                    debugDescription: "expected 1 to \(Self.textLengthMax) characters")
            }
            return text
        }
        (from, to, source) = (try text(.from), try text(.to), try text(.source))
    }
}

/// A quarter of a year, written `2025Q3`, by which the register of a handover is called.
package struct HandoverQuarter: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let year: Int
    /// 1 to 4.
    package let quarter: Int

    /// Birth certificates are issued since 1996 (standards.md section 7).
    package static let years = 1996...2998

    package init?(year: Int, quarter: Int) {
        guard Self.years ~= year, 1...4 ~= quarter else { return nil }
        (self.year, self.quarter) = (year, quarter)
    }

    /// Reads `2025Q3` and nothing else.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 6, bytes[..<4].allSatisfy(\.isDigit), bytes[4] == UInt8(ascii: "Q"),
            bytes[5].isDigit
        else { return nil }
        self.init(year: bytes[..<4].reduce(0) { $0 * 10 + Int($1) - 0x30 }, quarter: Int(bytes[5]) - 0x30)
    }

    package var description: String { "\(year)Q\(quarter)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.year, left.quarter) < (right.year, right.quarter)
    }

    private init(number: Int) { (year, quarter) = (number / 4, number % 4 + 1) }

    private var number: Int { year * 4 + quarter - 1 }

    /// Also beyond the years that can be named: the last quarter of 1995 and the first of 2999.
    var previous: Self { Self(number: number - 1) }
    var next: Self { Self(number: number + 1) }
}
