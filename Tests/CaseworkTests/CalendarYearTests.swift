import Casework
import Testing

@Suite("Calendar files")
struct CalendarYearTests {
    private static func file(
        year: String = "2027", source: String = #""通知""#, holidays: String = #"{"2027-01-01": "元旦"}"#,
        workdays: String = "{}", more: String = ""
    ) -> String {
        #"{"format": 1, "year": \#(year), "source": \#(source), "holidays": \#(holidays), "workdays": \#(workdays)\#(more)}"#
    }

    /// The faults of a file, none if it is taken.
    private static func faults(_ text: String) -> [CalendarFault] {
        do throws(CalendarError) {
            _ = try CalendarYear(json: Array(text.utf8))
            return []
        } catch {
            return error.faults
        }
    }

    @Test("A file is read as it stands, with a byte order mark or without")
    func reads() throws {
        let text = Self.file(
            holidays: #"{"2026-12-31": "元旦", "2027-01-01": "元旦"}"#, workdays: #"{"2026-12-27": "元旦调休上班"}"#)
        let year = try CalendarYear(json: Array(text.utf8))
        #expect(year.year == 2027)
        #expect(year.source == "通知")
        #expect(year.holidays.keys.map(\.description).sorted() == ["2026-12-31", "2027-01-01"])
        #expect(year.workdays.map(\.value) == ["元旦调休上班"])
        #expect(try CalendarYear(json: [0xEF, 0xBB, 0xBF] + Array(text.utf8)) == year)
    }

    @Test(
        "A fault is told with its place",
        arguments: [
            (file(workdays: #"{"2027-02-05": "春节调休上班"}"#), "workdays.2027-02-05", "a Saturday or a Sunday"),
            (file(workdays: #"{"2026-12-20": "调休上班"}"#), "workdays.2026-12-20", "neither in the year"),
            (file(holidays: #"{"2027-01-01": "元旦", "2028-01-01": "元旦"}"#), "holidays.2028-01-01", "neither"),
            (file(holidays: #"{"2027-01-01": "元旦", "2026-12-24": "元旦"}"#), "holidays.2026-12-24", "neither"),
            (
                file(holidays: #"{"2027-01-01": "元旦", "2027-02-29": "春节"}"#), "holidays.2027-02-29",
                "not a date"
            ),
            (file(holidays: #"{"2027-01-01": "元旦", "某人": "春节"}"#), "holidays.?", "not a date"),
            (file(holidays: #"{"2027-01-01": ""}"#), "holidays.2027-01-01", "1 to 30"),
            (file(holidays: #"{"2027-01-01": 1}"#), "holidays.2027-01-01", "1 to 30"),
            (
                file(holidays: #"{"2027-01-01": "\#(String(repeating: "节", count: 31))"}"#),
                "holidays.2027-01-01", "30"
            ),
            (file(holidays: "{}"), "holidays", "no holiday"),
            (file(holidays: #"{"2026-12-31": "元旦"}"#), "holidays", "no holiday"),
            (file(holidays: "[]"), "holidays", "object"),
            (file(year: "1999"), "year", "outside 2000"), (file(year: "2027.5"), "year", "whole number"),
            (file(year: #""2027""#), "year", "whole number"), (file(source: #"" ""#), "source", "1 to 200"),
            (file(source: "null"), "source", "1 to 200"), (file(source: #""a\u0007""#), "source", "1 to 200"),
            (file(more: #", "note": 1"#), "note", "no such member"),
            (file(more: #", "某人": 1"#), "?", "no such member"), (#"{"format": 2}"#, "format", "expected 1"),
            (#"{"format": 1, "year": 2027, "holidays": {}, "workdays": {}}"#, "source", "missing"),
            ("[]", "", "object"), ("{", "", "line 1, column 2"),
            (#"{"format": 1,"# + "\n" + #""format": 1}"#, "", "line 2"),
            (#"{"a": [[[[[]]]]]}"#, "", "nested deeper than 4"),
        ])
    func faults(text: String, place: String, words: String) {
        let faults = Self.faults(text)
        // A year of another century also leaves its days outside.
        #expect(
            faults.contains { $0.place == place && $0.english.contains(words) }, "\(faults.map(\.english))")
        #expect(faults.allSatisfy { $0.chinese.hasPrefix("节假日安排文件") && $0.chinese.hasSuffix("。") })
    }

    @Test("A day cannot be off and worked")
    func overlap() {
        let faults = Self.faults(
            Self.file(
                holidays: #"{"2027-01-01": "元旦", "2027-01-02": "元旦"}"#, workdays: #"{"2027-01-02": "调休上班"}"#))
        #expect(faults.map(\.problem) == [.alsoHoliday])
        #expect(faults.first?.chinese == "节假日安排文件中的“workdays.2027-01-02”同时列为放假日。")
    }

    @Test("All faults come at once")
    func allAtOnce() {
        let faults = Self.faults(
            Self.file(source: #""""#, workdays: #"{"2027-02-05": "一", "2027-02-08": "二", "2025-02-09": ""}"#))
        #expect(faults.map(\.place).filter { $0 == "source" }.count == 1)
        #expect(faults.count { $0.problem == .notWeekend } == 2)
        #expect(faults.contains { $0.place == "workdays.2025-02-09" && $0.problem == .outsideYear })
    }

    @Test("What is too large is not read, and too many days are refused")
    func limits() throws {
        let filled =
            Self.file() + String(repeating: " ", count: CalendarYear.bytesMax - Self.file().utf8.count)
        #expect(Self.faults(filled) == [])
        #expect(Self.faults(filled + " ").map(\.problem) == [.tooLarge(bytesMax: 65_536)])
        let first = try #require(CalendarDate("2027-01-01"))
        func days(_ count: Int, step: Int = 1, from: Int = 0) -> [CalendarDate: String] {
            Dictionary(
                uniqueKeysWithValues: (0..<count).compactMap {
                    first.adding(days: from + $0 * step).map { ($0, "节") }
                })
        }
        // 2027-01-09 is a Saturday.
        let weekends = { days($0, step: 7, from: 8) }
        _ = try CalendarYear(year: 2027, holidays: days(60), workdays: [:], source: "一")
        _ = try CalendarYear(year: 2027, holidays: days(1), workdays: weekends(30), source: "一")
        #expect(throws: CalendarError.self) {
            try CalendarYear(year: 2027, holidays: days(61), workdays: [:], source: "一")
        }
        #expect(throws: CalendarError.self) {
            try CalendarYear(year: 2027, holidays: days(1), workdays: weekends(31), source: "一")
        }
    }

    @Test("Several years come in one file, each once")
    func severalYears() throws {
        func year(_ number: Int) -> String {
            #"{"year": \#(number), "source": "一", "holidays": {"\#(number)-01-01": "元旦"}, "workdays": {}}"#
        }
        func read(_ years: [String]) throws -> WorkCalendar {
            try WorkCalendar(json: Array(#"{"format": 1, "years": [\#(years.joined(separator: ","))]}"#.utf8))
        }
        #expect(try read([year(2030), year(2031)]).years.keys.sorted() == [2030, 2031])
        #expect(try read([]).years.isEmpty)
        let twice = try #require(throws: CalendarError.self) { try read([year(2030), year(2030)]) }
        #expect(twice.faults.map(\.english) == ["years[1]: the year stands twice"])
        let wrong = try #require(throws: CalendarError.self) { try read([year(2030), year(1999)]) }
        #expect(wrong.faults.contains { $0.english == "years[1].year: outside 2000 to 2100" })
        let many = try #require(throws: CalendarError.self) {
            try read(Array(repeating: year(2030), count: 102))
        }
        #expect(many.faults.map(\.english) == ["years: more than 101 years"])
    }
}
