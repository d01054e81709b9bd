import Foundation

/// The days off and the working weekends of one year, as the State Council sets them and a hospital's record holds them.
package struct PublishedCalendar: Hashable, Sendable {
    package let year: Int
    /// Days off by date (`YYYY-MM-DD`), with what is celebrated.
    package let holidays: [String: String]
    /// Weekend days that are worked, by date, with the reason.
    package let workdays: [String: String]
    /// The State Council's notice.
    package let source: String

    /// Bytes of a calendar file.
    package static let bytesMax = 64 * 1024
    /// Years that a calendar may be of.
    package static let years = 2000...2999

    /// - Throws: for a year beyond ``years``, a date that does not exist or lies more than a year away, a day that is both,
    ///   and more or longer entries than a record's field takes.
    package init(
        year: Int, holidays: [String: String], workdays: [String: String], source: String
    ) throws(CalendarFileError) {
        guard Self.years ~= year else { throw CalendarFileError("year", "not from 2000 to 2999") }
        try Self.check(holidays, of: year, at: "holidays")
        try Self.check(workdays, of: year, at: "workdays")
        if let day = holidays.keys.sorted().first(where: { workdays[$0] != nil }) {
            throw CalendarFileError("workdays.\(day)", "is a holiday, too")
        }
        guard 1...FieldType.textLongest ~= source.count else {
            throw CalendarFileError("source", "not 1 to \(FieldType.textLongest) characters")
        }
        (self.year, self.holidays, self.workdays, self.source) = (year, holidays, workdays, source)
    }

    /// Reads a file: `{"year": 2027, "holidays": {date: name}, "workdays": {date: name}, "source": text}`.
    package init(json bytes: [UInt8]) throws(CalendarFileError) {
        guard bytes.count <= Self.bytesMax else {
            throw CalendarFileError("", "larger than \(Self.bytesMax) bytes")
        }
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(bytes)) } catch {
            throw CalendarFileError(
                "",
                #"not {"year": number, "holidays": {date: name}, "workdays": {date: name}, "source": text}"#)
        }
        try self.init(
            year: file.year, holidays: file.holidays, workdays: file.workdays, source: file.source)
    }

    private struct File: Decodable {
        let year: Int
        let holidays: [String: String]
        let workdays: [String: String]
        let source: String
    }

    private static func check(
        _ days: [String: String], of year: Int, at path: String
    ) throws(CalendarFileError) {
        guard days.count <= FieldType.listCountMax else {
            throw CalendarFileError(path, "more than \(FieldType.listCountMax) days")
        }
        for (day, name) in days.sorted(by: { $0.key < $1.key }) {
            // New Year's holiday may begin in December of the year before.
            guard let date = CalendarDate(day), abs(date.year - year) <= 1 else {
                throw CalendarFileError("\(path).\(day)", "no day of \(year) or beside it")
            }
            guard 1...FieldType.textLongest ~= name.count else {
                throw CalendarFileError("\(path).\(day)", "not 1 to \(FieldType.textLongest) characters")
            }
        }
    }

    /// The same for counting working days; nil if it breaks a rule of ``CalendarYear``, so that the year counts as not published.
    package var workYear: CalendarYear? {
        func days(_ days: [String: String]) -> [CalendarDate: String] {
            Dictionary(
                days.compactMap { day, name in CalendarDate(day).map { ($0, name) } },
                uniquingKeysWith: { first, _ in first })
        }
        // What is wrong with it was told when it was published.
        return try? CalendarYear(
            year: year, holidays: days(holidays), workdays: days(workdays), source: source)
    }

    /// The members of the group `publishedCalendar`, by key.
    package var members: [String: JSON] {
        var members: [String: JSON] = [
            "publishedCalendarYear": .number(Decimal(year)), "publishedCalendarSource": .text(source),
        ]
        if !holidays.isEmpty { members["publishedCalendarHolidays"] = .object(holidays.mapValues(JSON.text)) }
        if !workdays.isEmpty { members["publishedCalendarWorkdays"] = .object(workdays.mapValues(JSON.text)) }
        return members
    }
}

/// Why a calendar file cannot be used: the place in it and what is wrong there.
package struct CalendarFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// For example `holidays.2027-02-30`; empty for the whole file.
    package let path: String
    package let fault: String

    init(_ path: String, _ fault: String) { (self.path, self.fault) = (path, fault) }

    package var description: String { path.isEmpty ? fault : "\(path): \(fault)" }
}
