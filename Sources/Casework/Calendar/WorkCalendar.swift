/// The working days of the years whose holiday notices are known (standards.md sections 9 and 10).
///
/// A day is worked if it is a make-up day, or else if it is Monday to Friday and no holiday. A year that is not there
/// throws ``CalendarGap``; nothing is ever guessed.
package struct WorkCalendar: Hashable, Sendable {
    /// Working days that a period can have: four years.
    package static let workingDaysMax = 1000
    package static let yearsMax = 101

    /// The notices by year.
    package private(set) var years: [Int: CalendarYear]
    /// For each known year whether its days are worked, from 1 January.
    private var worked: [Int: [Bool]]

    /// 2024 to 2026, as the program is shipped.
    package static let standard = shipped("Calendar.json") {
        try WorkCalendar(json: PackageResources.Calendar_json)
    }

    /// The years given, of which each stands under its own number.
    init(_ years: [Int: CalendarYear]) {
        self.years = years
        worked = years.mapValues { Self.worked(in: $0, before: years[$0.year + 1]) }
    }

    /// This calendar with one more year; a year that is there already gives way, as an amended notice replaces the first.
    package func adding(_ year: CalendarYear) -> Self {
        Self(years.merging([year.year: year]) { _, new in new })
    }

    package func isWorkday(_ date: CalendarDate) throws(CalendarGap) -> Bool {
        guard let worked = worked[date.year] else { throw CalendarGap(year: date.year) }
        return worked[date.dayNumber - Self.newYear(date.year)]
    }

    /// The last day of a period of working days: day 1 is the first working day after the start, which itself need not
    /// be worked; none at all gives the start (standards.md section 9.2).
    /// - Precondition: 0 to ``workingDaysMax``; whoever reads a rule refuses others.
    package func due(workingDays count: Int, after start: CalendarDate) throws(CalendarGap) -> CalendarDate {
        precondition(0...Self.workingDaysMax ~= count, "a period of working days beyond its limit")
        var (day, left) = (start, count)
        while left > 0 {
            day = try Self.next(day)
            if try isWorkday(day) { left -= 1 }
        }
        return day
    }

    /// How many working days a period has that begins after the first day and ends with the last: the inverse of
    /// ``due(workingDays:after:)``. Negative where the last lies before the first.
    package func workingDays(from first: CalendarDate, to last: CalendarDate) throws(CalendarGap) -> Int {
        guard first <= last else { return -(try workingDays(from: last, to: first)) }
        var (day, count) = (first, 0)
        while day < last {
            day = try Self.next(day)
            if try isWorkday(day) { count += 1 }
        }
        return count
    }
}

extension WorkCalendar {
    private static func next(_ day: CalendarDate) throws(CalendarGap) -> CalendarDate {
        guard let next = day.adding(days: 1) else { throw CalendarGap(year: day.year + 1) }
        return next
    }

    /// Whether each day of the year is worked. The next year's notice is the later one, so for the last week it counts
    /// before the year's own.
    private static func worked(in year: CalendarYear, before next: CalendarYear?) -> [Bool] {
        let first = newYear(year.year)
        let count = newYear(year.year + 1) - first
        var worked = (0..<count).map { isWeekday(first + $0) }
        for notice in [year, next].compactMap(\.self) {
            for (days, isWorked) in [(notice.holidays, false), (notice.workdays, true)] {
                for date in days.keys where date.year == year.year {
                    worked[date.dayNumber - first] = isWorked
                }
            }
        }
        return worked
    }

    /// Monday to Friday, by the number of the day; 1970-01-01 was a Thursday.
    private static func isWeekday(_ dayNumber: Int) -> Bool { (dayNumber + 3) % 7 < 5 }

    /// The number of 1 January, from the leap years since 1970; for 1970 and later.
    private static func newYear(_ year: Int) -> Int {
        let before = year - 1
        return year * 365 + before / 4 - before / 100 + before / 400 - 719_527
    }
}
