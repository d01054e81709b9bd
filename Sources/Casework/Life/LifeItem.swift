package import SyncProtocol

/// One item of a case: where it stands, and by when it is promised.
package struct LifeItem: Hashable, Sendable {
    package let status: ItemStatus
    package let limits: AppliedItem?
    /// The answer that stands.
    package let result: ItemResult?

    /// The day of its result.
    package var answered: CalendarDate? { result?.date }
    /// What its result is called: a certificate's, a card's number.
    package var number: String? { result?.number }

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
    /// The answer's own name, where it has one.
    package let id: String?
    /// In the department's words: why it failed or what is to be corrected.
    package let note: String?

    /// nil while nobody has answered, or answers contradict each other, or the window has handed in again what was sent back.
    package init?(_ item: Policy.Item, _ state: CaseState, _ dictionary: FieldDictionary) {
        guard let given = Self(given: item, state, dictionary), given.resumed(item, state, dictionary) == nil
        else {
            return nil
        }
        self = given
    }

    /// The day on which the window handed an item in again that had been sent back, while nobody has answered it since.
    package static func resumed(
        _ item: Policy.Item, _ state: CaseState, _ dictionary: FieldDictionary
    ) -> CalendarDate? {
        Self(given: item, state, dictionary)?.resumed(item, state, dictionary)
    }

    private init?(given item: Policy.Item, _ state: CaseState, _ dictionary: FieldDictionary) {
        let answered = item.results.first { group in
            state.text("\(group)Status", in: dictionary).flatMap(Outcome.init(rawValue:)) != nil
        }
        guard let group = answered,
            let outcome = state.text("\(group)Status", in: dictionary).flatMap(Outcome.init(rawValue:))
        else { return nil }
        self.outcome = outcome
        date = state.text("\(group)Date", in: dictionary).flatMap { CalendarDate($0) }
        number = state.text("\(group)Number", in: dictionary)
        id = state.text("\(group)ID", in: dictionary)
        note = state.text("\(group)Note", in: dictionary)
    }

    private func resumed(
        _ item: Policy.Item, _ state: CaseState, _ dictionary: FieldDictionary
    ) -> CalendarDate? {
        guard outcome == .returned, let id else { return nil }
        return ReturnAnswer.all(state, dictionary).last { $0.item == item.code && $0.resultID == id }?.date
    }
}
