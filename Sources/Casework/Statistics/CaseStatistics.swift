/// Adds up the facts of cases over a period (docs/statistics.md has the definitions). What comes of it depends neither on the order
/// nor on how the cases are divided.
package struct CaseStatistics: Sendable {
    /// By what the figures are told apart.
    package enum Grouping: String, Hashable, Sendable, CaseIterable {
        case month, hospital, policy, department
    }

    /// Seconds between a save and its arrival at central from which a case counts as handled offline: longer than any pause between
    /// two tries of a window that has a network.
    package static let offlineSeconds = 15 * 60
    /// Days of a period at most: ten years.
    package static let daysMax = 3660

    package let period: ClosedRange<CalendarDate>
    package let grouping: Grouping?
    /// Of everything.
    package private(set) var total = Figures()
    /// By month (`2026-09`), hospital's code, policy's ID or department's code.
    package private(set) var groups: [String: Figures] = [:]
    private let days: ClosedRange<Int>
    private let today: Int
    private let workdays: WorkdayTable
    private let months: [String]

    /// - Parameters:
    ///   - today: limits that have not passed by then are not judged.
    ///   - workdays: the working days by which times are told.
    package init(
        _ period: ClosedRange<CalendarDate>, by grouping: Grouping? = nil, today: CalendarDate,
        workdays: WorkdayTable
    ) {
        (self.period, self.grouping) = (period, grouping)
        days = period.lowerBound.dayNumber...period.upperBound.dayNumber
        (self.today, self.workdays) = (today.dayNumber, workdays)
        months = grouping == .month ? days.map { CalendarDate(dayNumber: $0).map(Self.month) ?? "" } : []
    }

    /// Adds a case.
    ///
    /// - Parameters:
    ///   - hospital: the code of the hospital in whose scope it is.
    ///   - lagSeconds: how long after its first save central had it; nil if that is not known.
    package mutating func add(_ facts: CaseFacts, hospital: String, lagSeconds: Int?) {
        count(facts.registered, facts, hospital) { figures in
            guard facts.merged == nil else { return }
            figures.registered += 1
            guard let lagSeconds else { return }
            figures.arrivalsKnown += 1
            if lagSeconds > Self.offlineSeconds { figures.offlineSaved += 1 }
        }
        count(facts.accepted, facts, hospital) { $0.accepted += 1 }
        count(facts.refused, facts, hospital) { $0.refused += 1 }
        count(facts.offline, facts, hospital) { $0.offline += 1 }
        count(facts.withdrawn, facts, hospital) { $0.withdrawn += 1 }
        count(facts.closed, facts, hospital) { $0.closed += 1 }
        count(facts.merged, facts, hospital) { $0.duplicates += 1 }
        count(facts.certificate, facts, hospital) { $0.certificatesIssued += 1 }
        for day in facts.settled { count(day, facts, hospital) { $0.conflictsSettled += 1 } }
        if let rating = facts.rating {
            count(rating.day, facts, hospital) { $0.ratings[rating.grade, default: 0] += 1 }
        }
        for item in facts.items { add(item, of: facts, hospital) }
    }

    /// Adds certificates that a hospital voided on a day.
    package mutating func addVoided(_ number: Int, on day: Int, hospital: String) {
        count(day, nil, hospital) { $0.certificatesVoided += number }
    }

    private mutating func add(_ item: CaseFacts.Item, of facts: CaseFacts, _ hospital: String) {
        let key = ItemKey(department: item.department, item: item.code)
        let (workdays, today) = (workdays, today)
        count(item.answered, facts, hospital, key) { figures in
            figures.answers[item.outcome, default: 0] += 1
            guard item.outcome != .returned, let accepted = facts.accepted, let answered = item.answered,
                let taken = workdays.workingDays(from: accepted, to: answered)
            else { return }
            figures.workingDays[taken, default: 0] += 1
        }
        guard let due = item.due, facts.withdrawn == nil || item.answered != nil else { return }
        count(due, facts, hospital, key) { figures in
            let isAnswered = item.outcome == .done || item.outcome == .failed
            if isAnswered, let answered = item.answered {
                if answered <= due { figures.onTime += 1 } else { figures.late += 1 }
            } else if due < today, facts.closed == nil {
                figures.overdue += 1
            }
        }
    }

    private mutating func count(
        _ day: Int?, _ facts: CaseFacts, _ hospital: String, _ key: ItemKey,
        _ body: (inout ItemFigures) -> Void
    ) {
        guard let day, days.contains(day) else { return }
        body(&total.items[key, default: ItemFigures()])
        guard let group = group(day, facts, hospital, key.department) else { return }
        body(&groups[group, default: Figures()].items[key, default: ItemFigures()])
    }

    private mutating func count(
        _ day: Int?, _ facts: CaseFacts?, _ hospital: String, _ body: (inout Figures) -> Void
    ) {
        guard let day, days.contains(day) else { return }
        body(&total)
        guard let group = group(day, facts, hospital, nil) else { return }
        body(&groups[group, default: Figures()])
    }

    /// Where something counts; nil: only in the total. A case is no department's.
    private func group(
        _ day: Int, _ facts: CaseFacts?, _ hospital: String, _ department: String?
    ) -> String? {
        switch grouping {
        case nil: nil
        case .month?: months[day - days.lowerBound]
        case .hospital?: hospital
        case .policy?: facts?.policy
        case .department?: department
        }
    }

    private static func month(_ date: CalendarDate) -> String { String(date.description.prefix(7)) }
}

extension CaseStatistics {
    /// What was counted of cases, and of their items.
    package struct Figures: Hashable, Sendable {
        package var registered = 0
        package var accepted = 0
        package var refused = 0
        /// Sent on to be handled elsewhere.
        package var offline = 0
        package var withdrawn = 0
        package var closed = 0
        /// Cases that were merged into another one.
        package var duplicates = 0
        package var conflictsSettled = 0
        package var certificatesIssued = 0
        package var certificatesVoided = 0
        /// Of the cases registered, those of which it is known how long they took to arrive, and those that took longer than
        /// ``CaseStatistics/offlineSeconds``.
        package var arrivalsKnown = 0
        package var offlineSaved = 0
        /// By grade.
        package var ratings: [String: Int] = [:]
        package var items: [ItemKey: ItemFigures] = [:]

        package init() {}

        package var ratingCount: Int { ratings.values.reduce(0, +) }
        /// Ratings for each case accepted in the same period; nil without any.
        package var ratingRate: Double? { CaseStatistics.share(ratingCount, of: accepted) }
        /// The share of the cases that were saved offline; nil if nothing is known.
        package var offlineShare: Double? { CaseStatistics.share(offlineSaved, of: arrivalsKnown) }
    }

    /// An item of a department.
    package struct ItemKey: Hashable, Sendable, Comparable {
        package let department: String
        package let item: String

        package static func < (left: Self, right: Self) -> Bool {
            (left.department, left.item) < (right.department, right.item)
        }
    }

    /// What was counted of one item.
    package struct ItemFigures: Hashable, Sendable {
        /// By outcome.
        package var answers: [Outcome?: Int] = [:]
        /// Of the limits that ended in the period: answered by then, answered later, and neither, though the day is over.
        package var onTime = 0
        package var late = 0
        package var overdue = 0
        /// How many were answered after so many working days.
        package var workingDays: [Int: Int] = [:]

        package init() {}

        package var done: Int { answers[.done, default: 0] }
        package var failed: Int { answers[.failed, default: 0] }
        package var returned: Int { answers[.returned, default: 0] }
        /// Nil if no limit ended.
        package var onTimeRate: Double? { CaseStatistics.share(onTime, of: onTime + late + overdue) }

        /// The least number of working days within which at least this share was answered; nil if nothing was.
        package func workingDays(within share: Double) -> Int? {
            let total = workingDays.values.reduce(0, +)
            guard total > 0 else { return nil }
            let wanted = max(1, Int((share * Double(total)).rounded(.up)))
            var count = 0
            for (days, number) in workingDays.sorted(by: { $0.key < $1.key }) {
                count += number
                if count >= wanted { return days }
            }
            return nil
        }
    }

    /// To four places.
    private static func share(_ part: Int, of whole: Int) -> Double? {
        whole == 0 ? nil : (Double(part) / Double(whole) * 10_000).rounded() / 10_000
    }
}
