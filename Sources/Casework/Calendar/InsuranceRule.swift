/// From when a newborn has the benefits of the residents' medical insurance (安徽 备注1 and 2; policies.md section 4.9).
///
/// The form speaks of 90 days for the early payer and of 3 months for the late one. The two do not meet: what lies between
/// them, or in both, the insurance office decides.
package struct InsuranceRule: Hashable, Sendable {
    /// Paid up to so many days after birth, the benefits begin with the birth.
    package let fromBirthDays: Int
    /// Paid later than so many months after birth, they begin on the day after payment.
    package let fromPaymentMonths: Int
    /// The months of birth in which the next year can be paid too.
    package let twoYearMonths: Set<Int>

    package static let fromBirthDaysMax = 3660
    package static let fromPaymentMonthsMax = 120

    /// - Parameter paid: the day on which the payment succeeded, or nil before it.
    package func term(birth: CalendarDate, paid: CalendarDate?) -> InsuranceTerm {
        let benefitFrom = paid.flatMap { self.benefitFrom(birth: birth, paid: $0) }
        let years =
            if twoYearMonths.contains(birth.month) {
                [birth.year, birth.year + 1]
            } else if let paid, let benefitFrom, benefitFrom > birth {
                [paid.year]
            } else {
                [birth.year]
            }
        return InsuranceTerm(benefitFrom: benefitFrom, payableYears: years)
    }

    /// nil in the gap between the two branches, where both hold, and before birth, of which the rule does not speak.
    private func benefitFrom(birth: CalendarDate, paid: CalendarDate) -> CalendarDate? {
        guard birth <= paid, let earlyUntil = birth.adding(days: fromBirthDays),
            let lateAfter = birth.adding(months: fromPaymentMonths)
        else { return nil }
        return switch (paid <= earlyUntil, paid > lateAfter) {
        case (true, false): birth
        case (false, true): paid.adding(days: 1)
        case (true, true), (false, false): nil
        }
    }
}

extension InsuranceRule: Decodable {
    private enum CodingKeys: String, CodingKey { case fromBirthDays, fromPaymentMonths, twoYearMonths }

    /// Reads `{"fromBirthDays": 90, "fromPaymentMonths": 3, "twoYearMonths": [9, 10, 11, 12]}`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        fromBirthDays = try container.decode(Int.self, forKey: .fromBirthDays)
        fromPaymentMonths = try container.decode(Int.self, forKey: .fromPaymentMonths)
        let months = try container.decode([Int].self, forKey: .twoYearMonths)
        twoYearMonths = Set(months)
        func check(_ isSound: Bool, _ key: CodingKeys, _ expected: String) throws {
            guard isSound else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "expected \(expected)")
            }
        }
        try check(0...Self.fromBirthDaysMax ~= fromBirthDays, .fromBirthDays, "0 to \(Self.fromBirthDaysMax)")
        try check(
            0...Self.fromPaymentMonthsMax ~= fromPaymentMonths, .fromPaymentMonths,
            "0 to \(Self.fromPaymentMonthsMax)")
        try check(
            months.count == twoYearMonths.count && months.allSatisfy { 1...12 ~= $0 }, .twoYearMonths,
            "months 1 to 12, each once")
    }
}

/// What an ``InsuranceRule`` says about one newborn.
package struct InsuranceTerm: Hashable, Sendable {
    /// Whether the rule tells the first day of the benefits. If not, the insurance office is asked.
    package enum Status: String, Hashable, Sendable { case determined, undetermined }

    /// The first day of the benefits; nil while nothing is paid and where the rule does not tell it.
    package let benefitFrom: CalendarDate?
    /// The insurance years that may be paid, the first one first.
    package let payableYears: [Int]

    package var status: Status { benefitFrom == nil ? .undetermined : .determined }
}
