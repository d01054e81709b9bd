extension CalendarDate {
    /// Days since 1970-01-01, negative before.
    package var dayNumber: Int {
        // Civil date to days, with years that begin in March: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let march = month > 2 ? month - 3 : month + 9
        let marchYear = month > 2 ? year : year - 1
        let (era, yearOfEra) = marchYear.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * march + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// 1 for Monday to 7 for Sunday.
    package var weekday: Int { (dayNumber % 7 + 10) % 7 + 1 }

    /// The day that lies so many days later; nil beyond the years that a date can carry.
    package func adding(days: Int) -> Self? {
        let (number, isTooLarge) = dayNumber.addingReportingOverflow(days)
        return isTooLarge ? nil : Self(dayNumber: number)
    }

    /// The same day so many months later, or the last day of that month where it has no such day (民法典 第二百零二条).
    package func adding(months: Int) -> Self? {
        guard -12_000...12_000 ~= months else { return nil }
        let index = year * 12 + month - 1 + months
        let (year, month) = (index / 12, index % 12 + 1)
        for day in stride(from: day, through: 28, by: -1) {
            if let date = Self(year: year, month: month, day: day) { return date }
        }
        return Self(year: year, month: month, day: day)
    }

    /// The day of a number of days since 1970-01-01; nil beyond the years that a date can carry.
    package init?(dayNumber: Int) {
        guard Self.dayNumbers ~= dayNumber else { return nil }
        let (year, month, day) = Self.civil(dayNumber: dayNumber)
        self.init(year: year, month: month, day: day)
    }

    /// Days since 1970-01-01 to the civil date, the inverse of ``dayNumber``.
    static func civil(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        let days = dayNumber + 719_468
        let (era, dayOfEra) = days.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        return (
            year: yearOfEra + era * 400 + (march < 10 ? 0 : 1), month: march < 10 ? march + 3 : march - 9,
            day: dayOfYear - (153 * march + 2) / 5 + 1
        )
    }

    /// 1800-01-01 to 2999-12-31.
    private static let dayNumbers = -62_091...376_199
}
