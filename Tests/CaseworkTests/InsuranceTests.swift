import Casework
import Foundation
import Testing

@Suite("The beginning of the insurance's benefits")
struct InsuranceTests {
    private static let anhui =
        #"{"fromBirthDays": 90, "fromPaymentMonths": 3, "twoYearMonths": [9, 10, 11, 12]}"#

    private func rule(_ text: String = anhui) throws -> InsuranceRule {
        try JSONDecoder().decode(InsuranceRule.self, from: Data(text.utf8))
    }

    @Test(
        "Paid early from birth, paid late from the next day, and neither in the gap or where both hold",
        arguments: [
            // Day 90 is 08-30, the three months end on 09-01: the two days in between are a gap.
            ("2025-06-01", "2025-06-01", "2025-06-01"), ("2025-06-01", "2025-08-30", "2025-06-01"),
            ("2025-06-01", "2025-08-31", nil), ("2025-06-01", "2025-09-01", nil),
            ("2025-06-01", "2025-09-02", "2025-09-03"),
            // The three months end on 04-30, day 90 is 05-01: on it both hold.
            ("2026-01-31", "2026-04-30", "2026-01-31"), ("2026-01-31", "2026-05-01", nil),
            ("2026-01-31", "2026-05-02", "2026-05-03"),
            // Three months from February have 89 days, so that again both hold on day 90.
            ("2025-02-01", "2025-05-01", "2025-02-01"), ("2025-02-01", "2025-05-02", nil),
            ("2025-02-01", "2025-05-03", "2025-05-04"), ("2025-06-01", "2025-12-31", "2026-01-01"),
            ("2025-06-01", "2025-05-31", nil),
        ] as [(String, String, String?)])
    func benefits(birth: String, paid: String, from: String?) throws {
        let paid: CalendarDate = try #require(CalendarDate(paid))
        let term = try rule().term(birth: try #require(CalendarDate(birth)), paid: paid)
        #expect(term.benefitFrom?.description == from)
        #expect(term.status == (from == nil ? .undetermined : .determined))
    }

    @Test("Before the payment nothing is determined")
    func unpaid() throws {
        let term = try rule().term(birth: try #require(CalendarDate("2025-06-01")), paid: nil)
        #expect(term.status == .undetermined)
        #expect(term.benefitFrom == nil)
        #expect(term.payableYears == [2025])
    }

    @Test(
        "Births from September to December may pay the next year too; a late payment is for its own year",
        arguments: [
            ("2025-08-31", nil, [2025]), ("2025-09-01", nil, [2025, 2026]),
            ("2025-12-31", "2026-01-05", [2025, 2026]), ("2025-09-01", "2026-06-01", [2025, 2026]),
            ("2025-06-01", "2025-07-01", [2025]), ("2025-06-01", "2025-12-01", [2025]),
            ("2025-06-01", "2026-02-01", [2026]), ("2025-06-01", "2025-08-31", [2025]),
        ] as [(String, String?, [Int])])
    func years(birth: String, paid: String?, years: [Int]) throws {
        let term = try rule().term(
            birth: try #require(CalendarDate(birth)), paid: paid.flatMap { CalendarDate($0) })
        #expect(term.payableYears == years)
    }

    @Test("Whoever pays later never has the benefits earlier, over a whole year of births")
    func monotonic() throws {
        let rule = try rule()
        var birth = try #require(CalendarDate("2024-01-01"))
        while birth.year == 2024 {
            var last = birth
            for days in 0..<130 {
                let paid = try #require(birth.adding(days: days))
                guard let from = rule.term(birth: birth, paid: paid).benefitFrom else { continue }
                #expect(last <= from && (from == birth || from > paid), "birth \(birth), day \(days)")
                last = from
            }
            #expect(last > birth)
            birth = try #require(birth.adding(days: 1))
        }
    }

    @Test(
        "A rule beyond its limits is refused",
        arguments: [
            ("90", "-1"), ("90", "3661"), (": 3,", ": 121,"), (": 3,", ": -1,"), ("12]", "13]"),
            ("12]", "0]"),
            ("12]", "9]"), ("twoYearMonths", "months"), ("90", "90.5"),
        ])
    func refused(old: String, new: String) throws {
        let text = Self.anhui.replacingOccurrences(of: old, with: new)
        #expect(text != Self.anhui)
        #expect(throws: DecodingError.self) { try rule(text) }
    }
}
