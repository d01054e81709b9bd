package import SyncProtocol

/// One item of a case: where it stands, and by when it is promised.
package struct LifeItem: Hashable, Sendable {
    package let status: ItemStatus
    package let limits: AppliedItem?
    /// The day of its result.
    package let answered: CalendarDate?
    /// What its result is called: a certificate's, a card's number.
    package let number: String?

    package var code: String { status.item.code }

    package var outcome: Outcome? { if case .answered(let outcome) = status.state { outcome } else { nil } }

    /// It was done or failed. One that a department has sent back is not.
    package var isFinished: Bool { outcome == .done || outcome == .failed }

    /// The limit that counts: by what has really happened, or else by plan.
    package var deadline: Deadline? { limits?.actual ?? limits?.planned }

    /// The day by which it is still to be done; nil if it is answered, or nothing is promised.
    package var due: CalendarDate? { outcome == nil ? deadline?.date : nil }

    package func isLate(on day: CalendarDate) -> Bool { due.map { $0 < day } ?? false }
}

/// How a department or window answered an item of a case, from whichever of its result groups shows an answer.
package struct ItemResult: Hashable, Sendable {
    package let outcome: Outcome
    package let date: CalendarDate?
    package let number: String?

    /// nil while nobody has answered, or answers contradict each other.
    package init?(_ item: Policy.Item, _ state: CaseState, _ dictionary: FieldDictionary) {
        let answered = item.results.first { group in
            state.text("\(group)Status", in: dictionary).flatMap(Outcome.init(rawValue:)) != nil
        }
        guard let group = answered,
            let outcome = state.text("\(group)Status", in: dictionary).flatMap(Outcome.init(rawValue:))
        else { return nil }
        self.outcome = outcome
        date = state.text("\(group)Date", in: dictionary).flatMap { CalendarDate($0) }
        number = state.text("\(group)Number", in: dictionary)
    }
}
