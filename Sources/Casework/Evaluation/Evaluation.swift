/// What a policy says about the application for one newborn: a pure function of policy, answers, calendar and
/// what has happened to the items.
package struct Evaluation: Hashable, Sendable {
    package let decision: DecisionKind
    /// All failing conditions of the stage that was reached, in the policy's order.
    package let reasons: [Finding]
    /// Everything that lacks, once.
    package let gaps: [Finding]
    package let prompts: [Finding]
    /// The items of the application, in the policy's order, the mandatory ones included.
    package let items: [AppliedItem]
    /// Items that something holds up, with the code of the first condition that does.
    package let held: [String: String]
    /// The first day of the limits; nil unless the application goes on.
    package let acceptanceDate: CalendarDate?
    package let totalDeadline: Deadline?
    package let deliveryDeadline: Deadline?
    package let countdowns: [RunningCountdown]
    /// Main papers and messages, by name.
    package let notices: [String]
    /// Keys that must be answered before the case can be accepted, in the order of the form.
    package let unanswered: [String]

    /// A rule's code with the sentence that it shows.
    package struct Finding: Hashable, Sendable {
        package let code: String
        package let text: String
    }
}

/// An item of an application, with what it waits for and by when it is promised.
package struct AppliedItem: Hashable, Sendable {
    package let code: String
    /// The items of this application that must be done first.
    package let after: [String]
    /// Counted from the planned end of what goes before; nil if nothing is promised or a later event decides.
    package let planned: Deadline?
    /// Counted from what has really happened; nil while that is open.
    package let actual: Deadline?
}

/// The last day of a limit, or why it cannot be told.
package enum Deadline: Hashable, Sendable {
    case date(CalendarDate)
    /// The State Council's notice for the year is not at hand.
    case unpublished(year: Int)

    package var date: CalendarDate? { if case .date(let date) = self { date } else { nil } }

    /// The date, or the sentence that is shown instead.
    package var shown: String {
        switch self {
        case .date(let date): date.description
        case .unpublished(let year): CalendarGap(year: year).chinese
        }
    }
}

/// A window that closes, with the moment at which it does.
package struct RunningCountdown: Hashable, Sendable {
    package let code: String
    package let label: String
    package let until: Moment
    /// The name under which `check` answers with it, if it does.
    package let answer: String?

    /// Whole minutes left, negative once it has closed.
    package func minutesLeft(at now: Moment) -> Int {
        let seconds = (until.date.dayNumber - now.date.dayNumber) * 86_400 + until.seconds - now.seconds
        return seconds >= 0 ? seconds / 60 : -((59 - seconds) / 60)
    }

    /// How long it still is, in words: `还剩2天3小时`, `已于2025-09-30截止`.
    package func chinese(at now: Moment) -> String {
        let minutes = minutesLeft(at: now)
        guard minutes >= 0 else { return "已于\(until.date)截止" }
        let (days, hours) = (minutes / 1440, minutes / 60 % 24)
        return switch (days, hours) {
        case (0, 0): "还剩\(minutes % 60)分钟"
        case (0, _): "还剩\(hours)小时\(minutes % 60)分钟"
        default: "还剩\(days)天\(hours)小时"
        }
    }
}

/// What has happened to an item, as far as limits depend on it.
package struct ItemEvent: Hashable, Sendable {
    package let item: String
    package let outcome: Outcome
    package let date: CalendarDate

    package init(item: String, outcome: Outcome, date: CalendarDate) {
        self.item = item
        self.outcome = outcome
        self.date = date
    }
}
