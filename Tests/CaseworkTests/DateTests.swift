import Casework
import Foundation
import Testing

@Suite("Dates and moments")
struct DateTests {
    @Test("Days are counted as Foundation's calendar counts them, over four centuries")
    func dayNumbers() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        let first = try #require(CalendarDate("1890-02-27"))
        for step in stride(from: 0, to: 150_000, by: 37) {
            let date = try #require(first.adding(days: step))
            let parts = DateComponents(year: date.year, month: date.month, day: date.day)
            let day = try #require(calendar.date(from: parts))
            #expect(Int(day.timeIntervalSince1970 / 86_400) == date.dayNumber)
            #expect(calendar.component(.weekday, from: day) == date.weekday % 7 + 1)
        }
    }

    @Test(
        "A month later is the same day, or the last one of a shorter month",
        arguments: [
            ("2025-01-31", 1, "2025-02-28"), ("2025-08-31", 1, "2025-09-30"), ("2025-05-16", 1, "2025-06-16"),
            ("2024-01-31", 1, "2024-02-29"), ("2025-12-31", 1, "2026-01-31"), ("2026-01-31", 3, "2026-04-30"),
            ("2025-06-01", 3, "2025-09-01"), ("2024-02-29", 12, "2025-02-28"),
            ("2025-03-31", -1, "2025-02-28"),
        ])
    func months(from: String, count: Int, to: String) {
        #expect(CalendarDate(from)?.adding(months: count) == CalendarDate(to))
    }

    @Test("Beyond the years that a date can carry there is no date")
    func bounds() throws {
        let last = try #require(CalendarDate("2999-12-31"))
        #expect(last.adding(days: 1) == nil)
        #expect(last.adding(days: 0) == last)
        #expect(last.adding(days: .max) == nil)
        #expect(last.adding(months: 1) == nil)
        #expect(last.adding(months: .max) == nil)
        let first = try #require(CalendarDate("1800-01-01"))
        #expect(first.adding(days: -1) == nil)
        #expect(first.adding(days: 0) == first)
    }

    @Test(
        "Hours are clock hours, over midnight and back",
        arguments: [
            ("2024-10-05T22:30:00+08:00", 8, "2024-10-06T06:30:00+08:00"),
            ("2025-12-31T23:59:59+08:00", 1, "2026-01-01T00:59:59+08:00"),
            ("2025-03-01T00:00:00+08:00", -1, "2025-02-28T23:00:00+08:00"),
            ("2025-03-01T08:00:00+08:00", 0, "2025-03-01T08:00:00+08:00"),
        ])
    func hours(from: String, count: Int, to: String) throws {
        #expect(try #require(Moment(from)).adding(hours: count)?.description == to)
    }

    @Test("Moments are in order of time, and one of Asia/Shanghai is eight hours ahead")
    func order() throws {
        let early = try #require(Moment("2025-04-29T14:00:00+08:00"))
        let late = try #require(Moment("2025-04-30T10:00:00+08:00"))
        #expect(early < late)
        #expect(Moment(milliseconds: 1_700_000_000_000).description == "2023-11-15T06:13:20+08:00")
        #expect(Moment("2025-04-29T24:00:00+08:00") == nil)
        #expect(Moment("2025-04-29 14:00:00") == nil)
    }
}
