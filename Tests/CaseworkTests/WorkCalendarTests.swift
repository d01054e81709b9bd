import Casework
import Testing

@Suite("Working days")
struct WorkCalendarTests {
    private let calendar = WorkCalendar.standard

    @Test(
        "A period of working days ends as the examples of the standard do",
        arguments: [
            ("2025-09-29", 3, "2025-10-10"), ("2026-02-12", 3, "2026-02-24"), ("2026-02-12", 2, "2026-02-14"),
            // None gives the start, worked or not; a start on a day off leaves the rule as it is.
            ("2025-10-01", 0, "2025-10-01"), ("2025-09-29", 0, "2025-09-29"), ("2025-10-01", 1, "2025-10-09"),
            // 2024-02-09, New Year's Eve, was a working day; the week-end before the National Day was worked in part.
            ("2024-02-08", 1, "2024-02-09"), ("2024-02-09", 1, "2024-02-18"), ("2025-09-26", 1, "2025-09-28"),
            ("2025-10-10", 1, "2025-10-11"), ("2025-12-31", 1, "2026-01-04"), ("2024-12-31", 1, "2025-01-02"),
        ])
    func examples(start: String, count: Int, end: String) throws {
        let start = try #require(CalendarDate(start))
        #expect(try calendar.due(workingDays: count, after: start).description == end)
    }

    /// The notices of 2024 to 2026 as ranges and single days, typed from the table of standards.md section 10.
    private static let daysOff = [
        ("2023-12-30", "2024-01-01"), ("2024-02-10", "2024-02-17"), ("2024-04-04", "2024-04-06"),
        ("2024-05-01", "2024-05-05"), ("2024-06-08", "2024-06-10"), ("2024-09-15", "2024-09-17"),
        ("2024-10-01", "2024-10-07"), ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"),
        ("2025-04-04", "2025-04-06"), ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"),
        ("2025-10-01", "2025-10-08"), ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"),
        ("2026-04-04", "2026-04-06"), ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"),
        ("2026-09-25", "2026-09-27"), ("2026-10-01", "2026-10-07"),
    ]
    private static let makeUpDays: Set = [
        "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29",
        "2024-10-12", "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04",
        "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    ]

    /// All 1096 days with whether they are worked, counted from Monday, 2024-01-01, without the program's arithmetic.
    private static let table: [(date: String, isWorked: Bool)] = {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        var table: [(date: String, isWorked: Bool)] = []
        for year in 2024...2026 {
            for (month, length) in lengths.enumerated() {
                for day in 1...(year == 2024 && month == 1 ? 29 : length) {
                    let date = "\(year)-\(padded(month + 1))-\(padded(day))"
                    // Dates as texts are in the order of time.
                    let isOff = daysOff.contains { $0.0 <= date && date <= $0.1 } || table.count % 7 > 4
                    table.append((date, makeUpDays.contains(date) || !isOff))
                }
            }
        }
        return table
    }()

    @Test("Every day of 2024 to 2026 is worked as the notices say")
    func everyDay() throws {
        #expect(Self.table.count == 1096)
        for (text, isWorked) in Self.table {
            let date = try #require(CalendarDate(text))
            #expect(try calendar.isWorkday(date) == isWorked, "\(text)")
        }
    }

    @Test("The end is the n-th working day after the start, and counting back gives n", arguments: 1...40)
    func countingIsInverse(seed: Int) throws {
        var random = Lehmer(seed: seed)
        let start = Int(random.next() % 700)
        let count = Int(random.next() % 250)
        let worked = Self.table.indices.filter { $0 > start && Self.table[$0].isWorked }
        let first = try #require(CalendarDate(Self.table[start].date))
        let expected = count == 0 ? first : try #require(CalendarDate(Self.table[worked[count - 1]].date))
        #expect(try calendar.due(workingDays: count, after: first) == expected, "seed \(seed)")
        #expect(try calendar.workingDays(from: first, to: expected) == count, "seed \(seed)")
        #expect(try calendar.workingDays(from: expected, to: first) == -count, "seed \(seed)")
    }

    @Test(
        "A year without a notice is a gap and never a guess",
        arguments: [("2027-01-04", 2027), ("2023-12-29", 2023), ("2023-12-30", 2023), ("2031-05-01", 2031)])
    func gap(date: String, year: Int) throws {
        let date = try #require(CalendarDate(date))
        #expect(throws: CalendarGap(year: year)) { try calendar.isWorkday(date) }
    }

    @Test("A period that runs over the last known day is a gap, and one that does not is none")
    func gapAtTheEnd() throws {
        let start = try #require(CalendarDate("2026-12-28"))
        #expect(try calendar.due(workingDays: 3, after: start).description == "2026-12-31")
        #expect(throws: CalendarGap(year: 2027)) { try calendar.due(workingDays: 4, after: start) }
        let late = try #require(CalendarDate("2027-01-05"))
        #expect(throws: CalendarGap(year: 2027)) { try calendar.workingDays(from: start, to: late) }
        // A start in an unknown year, too, unless nothing is counted.
        #expect(throws: CalendarGap(year: 2027)) { try calendar.due(workingDays: 1, after: late) }
        #expect(try calendar.due(workingDays: 0, after: late) == late)
        let last = try #require(CalendarDate("2999-12-31"))
        #expect(throws: CalendarGap(year: 3000)) { try calendar.due(workingDays: 1, after: last) }
    }

    @Test("The gap has its sentence")
    func sentence() {
        #expect(CalendarGap(year: 2027).chinese == "节假日安排未发布")
        #expect(CalendarGap(year: 2027).english.contains("2027"))
    }

    @Test("A year that is added closes its gap; an amended notice replaces the first")
    func adding() throws {
        let newYear = try #require(CalendarDate("2027-01-01"))
        let monday = try #require(CalendarDate("2027-01-04"))
        let first = try CalendarYear(year: 2027, holidays: [newYear: "元旦"], workdays: [:], source: "一")
        let more = calendar.adding(first)
        #expect(try more.isWorkday(newYear) == false)
        #expect(try more.isWorkday(monday))
        let amended = try CalendarYear(
            year: 2027, holidays: [newYear: "元旦", monday: "元旦"], workdays: [:], source: "二")
        #expect(try more.adding(amended).isWorkday(monday) == false)
        #expect(more.adding(amended) == calendar.adding(amended))
        #expect(throws: CalendarGap(year: 2027)) { try calendar.isWorkday(monday) }
    }

    @Test("A notice also settles the last week of the year before, whichever of the two came first")
    func lastWeek() throws {
        let thursday = try #require(CalendarDate("2026-12-31"))
        let sunday = try #require(CalendarDate("2026-12-27"))
        let newYear = try #require(CalendarDate("2027-01-01"))
        let next = try CalendarYear(
            year: 2027, holidays: [thursday: "元旦", newYear: "元旦"], workdays: [sunday: "元旦调休上班"], source: "一")
        #expect(try calendar.isWorkday(thursday))
        let more = calendar.adding(next)
        #expect(try more.isWorkday(thursday) == false)
        #expect(try more.isWorkday(sunday))
        let year = try #require(calendar.years[2026])
        #expect(more.adding(year) == more)
    }

    @Test("Where two notices disagree about a day, the later year's holds")
    func disagreement() throws {
        let newYears = try [2027, 2028].map { try #require(CalendarDate(year: $0, month: 1, day: 1)) }
        let saturday = try #require(CalendarDate("2027-12-25"))
        let first = try CalendarYear(
            year: 2027, holidays: [newYears[0]: "元旦", saturday: "某日"], workdays: [:], source: "一")
        let second = try CalendarYear(
            year: 2028, holidays: [newYears[1]: "元旦"], workdays: [saturday: "元旦调休上班"], source: "二")
        #expect(try calendar.adding(first).isWorkday(saturday) == false)
        #expect(try calendar.adding(first).adding(second).isWorkday(saturday))
        #expect(try calendar.adding(second).adding(first).isWorkday(saturday))
    }

    @Test("The shipped calendar has the notices of 2024 to 2026 with their sources")
    func shipped() {
        #expect(calendar.years.keys.sorted() == [2024, 2025, 2026])
        #expect(calendar.years[2025]?.source == "国办发明电〔2024〕12号")
        #expect(calendar.years.values.map(\.holidays.count).sorted() == [28, 32, 33])
        #expect(CalendarDate("2025-10-06").flatMap { calendar.years[2025]?.holidays[$0] } == "国庆节、中秋节")
    }

    @Test("A period of 33 working days is counted within 50 microseconds, built for debugging")
    func speed() throws {
        let start = try #require(CalendarDate("2025-01-02"))
        // The best of many short runs: other programs may be busy on the same machine.
        let (runs, count) = (200, 10)
        let taken = try (0..<runs).map { _ in
            try ContinuousClock().measure {
                for _ in 0..<count { _ = try calendar.due(workingDays: 33, after: start) }
            }
        }
        let best = (taken.min() ?? .zero) / count
        print("due(33): \(best)")
        #expect(best > .zero && best < .microseconds(50))
    }
}

/// A small generator of which a test prints the seed (Lehmer's, modulus 2³¹ − 1).
struct Lehmer {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) % 2_147_483_646 + 1 }

    mutating func next() -> UInt64 {
        state = state * 48_271 % 2_147_483_647
        return state
    }
}
