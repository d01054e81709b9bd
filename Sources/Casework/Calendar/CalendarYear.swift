/// What the State Council's notice of one year says: the days off, and the weekend days that are worked for them
/// (国务院办公厅关于部分节假日安排的通知; standards.md section 10).
///
/// A notice may also speak of the last week of the year before: that of 2024 gives 2023-12-30 and 31 off. Those days do
/// not make that year a known one.
package struct CalendarYear: Hashable, Sendable {
    /// Days off in one notice; those of 2024 to 2026 have up to 33.
    package static let holidaysMax = 60
    /// Make-up days in one notice; those of 2024 to 2026 have up to 8.
    package static let workdaysMax = 30
    /// Unicode scalars of a day's name.
    package static let nameLengthMax = 30
    /// Unicode scalars of the source.
    package static let sourceLengthMax = 200
    /// The years that a notice can be for.
    package static let years = 2000...2100

    package let year: Int
    /// The days off with the holiday's name. Weekend days may stand here or not.
    package let holidays: [CalendarDate: String]
    /// The Saturdays and Sundays that are worked 调休上班, with a remark.
    package let workdays: [CalendarDate: String]
    /// The notice's number, such as 国办发明电〔2024〕12号.
    package let source: String

    /// Takes a notice that makes sense; all its faults come at once.
    package init(
        year: Int, holidays: [CalendarDate: String], workdays: [CalendarDate: String], source: String
    ) throws(CalendarError) {
        (self.year, self.holidays, self.workdays, self.source) = (year, holidays, workdays, source)
        let faults = Self.faults(year: year, holidays: holidays, workdays: workdays, source: source)
        guard faults.isEmpty else { throw CalendarError(faults: faults) }
    }

    /// Whether the day belongs to the year or to the last seven days of the year before.
    package static func covers(_ date: CalendarDate, year: Int) -> Bool {
        date.year == year || (date.year == year - 1 && date.month == 12 && date.day >= 25)
    }
}

extension CalendarYear {
    private static func faults(
        year: Int, holidays: [CalendarDate: String], workdays: [CalendarDate: String], source: String
    ) -> [CalendarFault] {
        var faults: [CalendarFault] = []
        if !years.contains(year) { faults.append(CalendarFault("year", .yearOutOfRange)) }
        if !isText(source, lengthMax: sourceLengthMax) {
            faults.append(CalendarFault("source", .notText(lengthMax: sourceLengthMax)))
        }
        faults += Self.faults(of: holidays, in: "holidays", year: year, countMax: holidaysMax)
        faults += Self.faults(of: workdays, in: "workdays", year: year, countMax: workdaysMax)
        for date in workdays.keys.sorted() {
            if date.weekday < 6 { faults.append(CalendarFault("workdays", date, .notWeekend)) }
            if holidays[date] != nil { faults.append(CalendarFault("workdays", date, .alsoHoliday)) }
        }
        // Every year has holidays: a file without any is an unfinished one.
        if !holidays.keys.contains(where: { $0.year == year }) {
            faults.append(CalendarFault("holidays", .noHoliday))
        }
        return faults
    }

    private static func faults(of days: [CalendarDate: String], in list: String, year: Int, countMax: Int)
        -> [CalendarFault]
    {
        guard days.count <= countMax else { return [CalendarFault(list, .tooManyDays(countMax: countMax))] }
        return days.sorted { $0.key < $1.key }.flatMap { date, name in
            var faults: [CalendarFault] = []
            if !covers(date, year: year) { faults.append(CalendarFault(list, date, .outsideYear)) }
            if !isText(name, lengthMax: nameLengthMax) {
                faults.append(CalendarFault(list, date, .notText(lengthMax: nameLengthMax)))
            }
            return faults
        }
    }

    private static func isText(_ text: String, lengthMax: Int) -> Bool {
        let scalars = text.unicodeScalars
        return 1...lengthMax ~= scalars.count
            && scalars.allSatisfy { $0.properties.generalCategory != .control }
            && !scalars.allSatisfy(\.properties.isWhitespace)
    }
}
