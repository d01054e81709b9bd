import Foundation

extension CalendarYear {
    /// Bytes of a calendar file; a full one has about 2,000.
    package static let bytesMax = 64 * 1024
    static let depthMax = 4

    /// Reads a calendar file, as a technician imports it when the notice of the next year has come out:
    ///
    ///     {"format": 1, "year": 2026, "source": "国务院办公厅2025年11月4日通知",
    ///      "holidays": {"2026-01-01": "元旦", "2026-01-02": "元旦"},
    ///      "workdays": {"2026-01-04": "元旦调休上班"}}
    ///
    /// Every member must be there and no other; `workdays` may be empty. Days lie in the year or in the last seven days
    /// of the year before, a make-up day is a Saturday or a Sunday, and no day stands in both lists. The limits are those
    /// of this type. `docs/calendar-format.md` says the same for the technician.
    package init(json bytes: [UInt8]) throws(CalendarError) {
        var members = try CalendarReader.members(bytes, bytesMax: Self.bytesMax, depthMax: Self.depthMax)
        try CalendarReader.takeFormat(&members)
        self = try CalendarReader.year(members)
    }
}

extension WorkCalendar {
    /// Bytes of a file with several years.
    package static let bytesMax = 512 * 1024

    /// Reads several years at once: `{"format": 1, "years": […]}`, where each is a calendar file without `format`.
    package init(json bytes: [UInt8]) throws(CalendarError) {
        var members = try CalendarReader.members(
            bytes, bytesMax: Self.bytesMax, depthMax: CalendarYear.depthMax + 2)
        try CalendarReader.takeFormat(&members)
        let list = members.removeValue(forKey: "years")
        guard members.isEmpty else { throw CalendarReader.unknown(members.keys) }
        guard case .list(let values)? = list else { throw CalendarError("years", .notAList) }
        guard values.count <= Self.yearsMax else {
            throw CalendarError("years", .tooManyYears(countMax: Self.yearsMax))
        }
        var years: [Int: CalendarYear] = [:]
        for (index, value) in values.enumerated() {
            let place = "years[\(index)]"
            guard let members = value.members else { throw CalendarError(place, .notAnObject) }
            let year: CalendarYear
            do { year = try CalendarReader.year(members) } catch {
                throw CalendarError(faults: error.faults.map { $0.inside(place) })
            }
            guard years.updateValue(year, forKey: year.year) == nil else {
                throw CalendarError(place, .repeatedYear)
            }
        }
        self.init(years)
    }
}

/// Turns JSON into calendar years. What is not of the right shape is told before what makes no sense.
private enum CalendarReader {
    static func members(_ bytes: [UInt8], bytesMax: Int, depthMax: Int) throws(CalendarError) -> [String:
        JSON]
    {
        guard bytes.count <= bytesMax else { throw CalendarError("", .tooLarge(bytesMax: bytesMax)) }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]  // Windows editors put it before UTF-8.
        let json: JSON
        do {
            json = try JSON(
                parsing: bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes,
                depthMax: depthMax)
        } catch {
            throw CalendarError(error, depthMax: depthMax)
        }
        guard let members = json.members else { throw CalendarError("", .notAnObject) }
        return members
    }

    static func takeFormat(_ members: inout [String: JSON]) throws(CalendarError) {
        guard members.removeValue(forKey: "format") == .number(1) else {
            throw CalendarError("format", .unknownFormat)
        }
    }

    static func year(_ members: [String: JSON]) throws(CalendarError) -> CalendarYear {
        let known: Set = ["year", "source", "holidays", "workdays"]
        let others = members.keys.filter { !known.contains($0) }
        guard others.isEmpty else { throw unknown(others) }
        let absent = known.filter { members[$0] == nil }.sorted()
        guard absent.isEmpty else { throw CalendarError(faults: absent.map { CalendarFault($0, .missing) }) }
        var faults: [CalendarFault] = []
        let year = wholeNumber(members["year"])
        if year == nil { faults.append(CalendarFault("year", .notANumber)) }
        let source = text(members["source"])
        if source == nil {
            faults.append(CalendarFault("source", .notText(lengthMax: CalendarYear.sourceLengthMax)))
        }
        let holidays = days(members["holidays"], in: "holidays", &faults)
        let workdays = days(members["workdays"], in: "workdays", &faults)
        guard faults.isEmpty, let year, let source else { throw CalendarError(faults: faults) }
        return try CalendarYear(year: year, holidays: holidays, workdays: workdays, source: source)
    }

    static func unknown(_ keys: some Sequence<String>) -> CalendarError {
        // What is no plain word may be anything, so it is not repeated.
        let names = keys.map { $0.utf8.count <= 32 && $0.utf8.allSatisfy { 0x21...0x7E ~= $0 } ? $0 : "?" }
        return CalendarError(faults: Set(names).sorted().map { CalendarFault($0, .unknownMember) })
    }

    private static func days(_ json: JSON?, in list: String, _ faults: inout [CalendarFault])
        -> [CalendarDate: String]
    {
        guard let members = json?.members else {
            faults.append(CalendarFault(list, .notAnObject))
            return [:]
        }
        // The size of the file bounds how many faults there can be.
        var days: [CalendarDate: String] = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            let isPlain = key.utf8.count <= 10 && key.utf8.allSatisfy { $0.isDigit || $0 == 0x2D }
            let place = "\(list).\(isPlain ? key : "?")"
            guard let date = CalendarDate(key) else {
                faults.append(CalendarFault(place, .noSuchDate))
                continue
            }
            guard let name = text(value) else {
                faults.append(CalendarFault(place, .notText(lengthMax: CalendarYear.nameLengthMax)))
                continue
            }
            days[date] = name
        }
        return days
    }

    private static func text(_ json: JSON?) -> String? {
        if case .text(let text)? = json { text } else { nil }
    }

    private static func wholeNumber(_ json: JSON?) -> Int? {
        guard case .number(let number)? = json, number >= 0, number <= 9999 else { return nil }
        let whole = NSDecimalNumber(decimal: number).intValue
        return Decimal(whole) == number ? whole : nil
    }
}

extension CalendarError {
    fileprivate init(_ error: JSONError, depthMax: Int) {
        switch error.reason {
        case .syntax: self.init("", .malformed(line: error.line, column: error.column))
        case .repeatedKey: self.init("", .repeatedKey(line: error.line, column: error.column))
        case .tooDeep: self.init("", .tooDeep(depthMax: depthMax))
        }
    }
}
