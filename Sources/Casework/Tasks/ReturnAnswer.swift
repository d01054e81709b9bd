import SyncProtocol

/// What a window answered to an item that its department had sent back: an entry of the group `returnAnswer`. With it the item
/// is the department's again, and its limit runs anew.
package struct ReturnAnswer: Hashable, Sendable {
    package let item: String
    /// The department's result that it answers.
    package let resultID: String
    /// The day on which the item was handed in again.
    package let date: CalendarDate

    /// The keys of an entry, in the order of the group.
    static let keys = (
        item: "returnAnswerItem", result: "returnAnswerResult", date: "returnAnswerDate",
        note: "returnAnswerNote"
    )

    /// Every entry of a case that can be read, in order of time.
    static func all(_ state: CaseState, _ dictionary: FieldDictionary) -> [ReturnAnswer] {
        guard let group = dictionary.group(named: "returnAnswer") else { return [] }
        return (state.registers[group.id]?.standing ?? []).compactMap { standing in
            guard standing.value.count >= 3, case .text(let item) = standing.value[0],
                case .text(let result) = standing.value[1], case .text(let day) = standing.value[2],
                let date = CalendarDate(day)
            else { return nil }
            return ReturnAnswer(item: item, resultID: result, date: date)
        }
    }
}
