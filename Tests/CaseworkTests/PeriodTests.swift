import Casework
import Foundation
import Testing

@Suite("Check-ups and handovers")
struct PeriodTests {
    @Test("The 13 free check-ups have their names and days")
    func checkUps() throws {
        let birth = try #require(CalendarDate("2025-08-31"))
        let checks = ChildCheckUps.all(birth: birth, discharge: CalendarDate("2025-09-03"))
        #expect(checks.map(\.number) == Array(1...13))
        #expect(
            checks.map { "\($0.name) \($0.date?.description ?? "-")" } == [
                "新生儿家庭访视 2025-09-10", "满月健康检查 2025-09-30", "3月龄健康检查 2025-11-30", "6月龄健康检查 2026-02-28",
                "8月龄健康检查 2026-04-30", "12月龄健康检查 2026-08-31", "18月龄健康检查 2027-02-28", "24月龄健康检查 2027-08-31",
                "30月龄健康检查 2028-02-29", "36月龄健康检查 2028-08-31", "4岁健康检查 2029-08-31", "5岁健康检查 2030-08-31",
                "6岁健康检查 2031-08-31",
            ])
    }

    @Test("Without the discharge the first visit has no day, and the others keep theirs")
    func unknownDischarge() throws {
        let checks = ChildCheckUps.all(birth: try #require(CalendarDate("2025-05-16")), discharge: nil)
        #expect(checks.count == 13)
        #expect(checks.filter { $0.date == nil }.map(\.number) == [1])
        #expect(checks[1].date == CalendarDate("2025-06-16"))
    }

    private static let yongfu =
        #"{"days": ["03-30", "06-30", "09-30", "12-30"], "from": "签发机构", "to": "签发机构所在地派出所", "source": "一(二)1(4)"}"#

    private func rule(_ text: String = yongfu) throws -> HandoverRule {
        try JSONDecoder().decode(HandoverRule.self, from: Data(text.utf8))
    }

    @Test(
        "A certificate is handed over on the next day of handing over",
        arguments: [
            ("2025-03-30", "2025-03-30"), ("2025-03-31", "2025-06-30"), ("2025-01-01", "2025-03-30"),
            ("2025-07-01", "2025-09-30"), ("2025-09-30", "2025-09-30"), ("2025-12-30", "2025-12-30"),
            ("2025-12-31", "2026-03-30"),
        ])
    func due(issued: String, due: String) throws {
        #expect(try rule().due(issued: try #require(CalendarDate(issued))) == CalendarDate(due))
    }

    @Test(
        "A quarter's register has the days since the last handover",
        arguments: [
            ("2025Q1", "2024-12-31", "2025-03-30"), ("2025Q2", "2025-03-31", "2025-06-30"),
            ("2025Q3", "2025-07-01", "2025-09-30"), ("2025Q4", "2025-10-01", "2025-12-30"),
        ])
    func quarters(name: String, first: String, due: String) throws {
        let quarter = try #require(HandoverQuarter(name))
        let days = try rule().issueDays(in: quarter)
        #expect(quarter.description == name)
        #expect("\(days.lowerBound)" == first)
        #expect("\(days.upperBound)" == due)
        #expect(try "\(rule().due(in: quarter))" == due)
    }

    @Test("Every day of issue belongs to exactly the quarter whose register has it")
    func partition() throws {
        let rule = try rule()
        var day = try #require(CalendarDate("2023-12-30"))
        while day.year < 2027 {
            let quarter = try #require(rule.quarter(issued: day))
            #expect(rule.issueDays(in: quarter).contains(day), "\(day)")
            day = try #require(day.adding(days: 1))
        }
    }

    @Test(
        "What is no quarter is none",
        arguments: [
            "2025Q0", "2025Q5", "2025q3", "25Q3", "2025Q33", "2025-3", "", "1995Q4", "2999Q1", "２025Q3",
        ])
    func notAQuarter(text: String) { #expect(HandoverQuarter(text) == nil) }

    @Test("Quarters are in order of time, and at the edges of the years there is still a period")
    func order() throws {
        let names = ["2024Q4", "2025Q1", "2025Q2", "2026Q1"].compactMap { HandoverQuarter($0) }
        #expect(names.reversed().sorted() == names)
        let rule = try rule()
        #expect("\(rule.issueDays(in: try #require(HandoverQuarter("1996Q1"))).lowerBound)" == "1995-12-31")
        #expect(rule.due(issued: try #require(CalendarDate("2998-12-31"))) == CalendarDate("2999-03-30"))
        #expect(rule.due(issued: try #require(CalendarDate("2999-01-01"))) == nil)
        #expect(rule.due(issued: try #require(CalendarDate("1995-12-31"))) == nil)
    }

    @Test(
        "A rule without one day in each quarter is refused",
        arguments: [
            (#""12-30""#, #""02-29""#), (#""12-30""#, #""10-32""#), (#""12-30""#, #""09-29""#),
            (#", "12-30""#, ""),
            (#""12-30""#, #""12-30", "12-31""#), ("签发机构所在地派出所", ""),
            ("签发机构所在地派出所", String(repeating: "所", count: 201)), (#""source""#, #""origin""#),
        ])
    func refused(old: String, new: String) throws {
        let text = Self.yongfu.replacingOccurrences(of: old, with: new)
        #expect(text != Self.yongfu)
        #expect(throws: DecodingError.self) { try rule(text) }
    }

    @Test("Other days than those of Yongfu work as well")
    func otherDays() throws {
        let rule = try rule(
            #"{"days": ["01-15", "04-15", "07-15", "10-15"], "from": "甲", "to": "乙", "source": "丙"}"#)
        let quarter = try #require(HandoverQuarter("2026Q1"))
        #expect("\(rule.issueDays(in: quarter))" == "2025-10-16...2026-01-15")
        #expect(rule.days.map(\.description) == ["01-15", "04-15", "07-15", "10-15"])
    }
}
