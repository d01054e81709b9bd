import Foundation

/// A year's notice in a hospital's record: the members of the group `publishedCalendar`.
extension CalendarYear {
    /// Reads what a record holds. A day that does not exist is as wrong as one outside the year.
    init(
        year: Int, holidays: [String: String], workdays: [String: String], source: String
    ) throws(CalendarError) {
        try self.init(
            year: year, holidays: try Self.days(holidays, in: "holidays"),
            workdays: try Self.days(workdays, in: "workdays"), source: source)
    }

    private static func days(
        _ texts: [String: String], in list: String
    ) throws(CalendarError) -> [CalendarDate: String] {
        var days: [CalendarDate: String] = [:]
        for (text, name) in texts {
            guard let date = CalendarDate(text) else { throw CalendarError(list, .noSuchDate) }
            days[date] = name
        }
        return days
    }

    /// The members of the group, by key.
    package var members: [String: JSON] {
        var members: [String: JSON] = [
            "publishedCalendarYear": .number(Decimal(year)), "publishedCalendarSource": .text(source),
            "publishedCalendarHolidays": Self.json(holidays),
        ]
        if !workdays.isEmpty { members["publishedCalendarWorkdays"] = Self.json(workdays) }
        return members
    }

    /// The notice as its file has it (docs/calendar-format.md).
    package var json: JSON {
        .object([
            "format": .number(1), "year": .number(Decimal(year)), "source": .text(source),
            "holidays": Self.json(holidays),
            "workdays": Self.json(workdays),
        ])
    }

    private static func json(_ days: [CalendarDate: String]) -> JSON {
        .object(Dictionary(uniqueKeysWithValues: days.map { ($0.key.description, .text($0.value)) }))
    }
}

extension CalendarError {
    /// Every fault in a line of its own, for the technician.
    package var description: String { faults.map(\.english).joined(separator: "\n") }
}

extension CalendarError: CustomStringConvertible {}
