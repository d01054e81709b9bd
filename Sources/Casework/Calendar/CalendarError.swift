/// A year whose holidays are not known: no date is promised by guessing (standards.md section 9.4).
package struct CalendarGap: Error, Hashable, Sendable {
    /// The first year that was needed and is not there.
    package let year: Int

    package init(year: Int) { self.year = year }

    /// The sentence for the clerk.
    package var chinese: String { "节假日安排未发布" }

    /// The sentence for the technician.
    package var english: String { "no holiday notice for \(year): import it with its calendar file" }
}

/// Why a calendar file or notice cannot be taken: everything that is wrong with it.
package struct CalendarError: Error, Hashable, Sendable {
    package let faults: [CalendarFault]

    init(faults: [CalendarFault]) { self.faults = faults }
    init(_ place: String, _ problem: CalendarFault.Problem) { faults = [CalendarFault(place, problem)] }
}

/// One thing that is wrong with a calendar file, and where.
package struct CalendarFault: Hashable, Sendable {
    /// The member, such as `workdays.2027-02-06`; empty for the file as a whole.
    package let place: String
    package let problem: Problem

    package enum Problem: Hashable, Sendable {
        case tooLarge(bytesMax: Int)
        case malformed(line: Int, column: Int)
        case repeatedKey(line: Int, column: Int)
        case tooDeep(depthMax: Int)
        case notAnObject
        case notAList
        case missing
        case unknownMember
        case unknownFormat
        case notANumber
        case yearOutOfRange
        case repeatedYear
        case noSuchDate
        case outsideYear
        case notWeekend
        case alsoHoliday
        case noHoliday
        case notText(lengthMax: Int)
        case tooManyDays(countMax: Int)
        case tooManyYears(countMax: Int)
    }

    init(_ place: String, _ problem: Problem) { (self.place, self.problem) = (place, problem) }

    init(_ list: String, _ date: CalendarDate, _ problem: Problem) { self.init("\(list).\(date)", problem) }

    /// The same fault of a file in which this one's notice stands at a place.
    func inside(_ outer: String) -> Self { Self(place.isEmpty ? outer : "\(outer).\(place)", problem) }
}

extension CalendarFault {
    /// The sentence for the clerk.
    package var chinese: String {
        "节假日安排文件\(place.isEmpty ? "" : "中的“\(place)”")\(problem.chinese)"
    }

    /// The sentence for the technician.
    package var english: String { "\(place.isEmpty ? "calendar file" : place): \(problem.english)" }
}

extension CalendarFault.Problem {
    fileprivate var chinese: String {
        switch self {
        case .tooLarge(let bytesMax): "超过\(bytesMax / 1024)KB。"
        case .malformed(let line, let column): "不是有效的JSON（第\(line)行第\(column)列）。"
        case .repeatedKey(let line, let column): "有重复的内容（第\(line)行第\(column)列）。"
        case .tooDeep: "层次过多。"
        case .notAnObject: "应为名称和值的对象。"
        case .notAList: "应为列表。"
        case .missing: "缺少。"
        case .unknownMember: "不是已知的内容。"
        case .unknownFormat: "不是本系统能读的格式（应为1）。"
        case .notANumber: "应为整数。"
        case .yearOutOfRange: "应在\(CalendarYear.years.lowerBound)至\(CalendarYear.years.upperBound)之间。"
        case .repeatedYear: "的年份已经有了。"
        case .noSuchDate: "不是有效的日期（格式：2027-01-01）。"
        case .outsideYear: "不在该年度，也不在上一年的最后一周。"
        case .notWeekend: "不是周六或周日，不能作为调休上班日。"
        case .alsoHoliday: "同时列为放假日。"
        case .noHoliday: "中没有该年度的放假日。"
        case .notText(let lengthMax): "应为1至\(lengthMax)个字的文字。"
        case .tooManyDays(let countMax): "过多，最多\(countMax)天。"
        case .tooManyYears(let countMax): "过多，最多\(countMax)年。"
        }
    }

    fileprivate var english: String {
        switch self {
        case .tooLarge(let bytesMax): "larger than \(bytesMax) bytes"
        case .malformed(let line, let column): "not valid JSON (line \(line), column \(column))"
        case .repeatedKey(let line, let column): "a key stands twice (line \(line), column \(column))"
        case .tooDeep(let depthMax): "nested deeper than \(depthMax)"
        case .notAnObject: "expected an object"
        case .notAList: "expected a list"
        case .missing: "missing"
        case .unknownMember: "no such member"
        case .unknownFormat: "unknown format, expected 1"
        case .notANumber: "expected a whole number"
        case .yearOutOfRange:
            "outside \(CalendarYear.years.lowerBound) to \(CalendarYear.years.upperBound)"
        case .repeatedYear: "the year stands twice"
        case .noSuchDate: "not a date YYYY-MM-DD"
        case .outsideYear: "neither in the year nor in the last week of the year before"
        case .notWeekend: "a make-up day must be a Saturday or a Sunday"
        case .alsoHoliday: "stands among the holidays too"
        case .noHoliday: "no holiday of the year itself"
        case .notText(let lengthMax): "expected a text of 1 to \(lengthMax) characters"
        case .tooManyDays(let countMax): "more than \(countMax) days"
        case .tooManyYears(let countMax): "more than \(countMax) years"
        }
    }
}
