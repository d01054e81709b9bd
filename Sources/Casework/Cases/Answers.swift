package import SyncProtocol

/// The answers about one newborn, each under its key and coded as a change holds it.
package struct Answers: Hashable, Sendable {
    /// Without unanswered keys.
    package private(set) var values: [String: CBOR]

    package init(_ values: [String: CBOR] = [:]) { self.values = values.filter { $0.value != .null } }

    /// nil where nothing was answered. Setting `CBOR.null` takes an answer back.
    package subscript(key: String) -> CBOR? {
        get { values[key] }
        set { values[key] = newValue == .null ? nil : newValue }
    }

    /// The answer, if it is a text, a date, a code or another value written as text.
    package func text(_ key: String) -> String? {
        if case .text(let value)? = values[key] { value } else { nil }
    }

    package func date(_ key: String) -> CalendarDate? { text(key).flatMap { CalendarDate($0) } }

    /// These answers with others put over them; an override that is null takes the answer back.
    package func overridden(by overrides: [String: CBOR]) -> Self {
        Answers(values.merging(overrides) { _, override in override })
    }

    /// The values of the groups of which at least one member is answered, as a change writes them: an array
    /// with one element per member in the dictionary's order, null where unanswered.
    package func groups(in dictionary: FieldDictionary = .standard) -> [GroupID: CBOR] {
        var result: [GroupID: CBOR] = [:]
        for group in dictionary.groups where group.members.contains(where: { values[$0.key] != nil }) {
            result[group.id] = .array(group.members.map { values[$0.key] ?? .null })
        }
        return result
    }

    /// Reads one value of each group back. Unknown groups, and members beyond the known ones, are left out.
    package init(groups: [GroupID: CBOR], in dictionary: FieldDictionary = .standard) {
        var values: [String: CBOR] = [:]
        for (id, value) in groups {
            guard let group = dictionary[id], case .array(let elements) = value else { continue }
            for (field, element) in zip(group.members, elements) { values[field.key] = element }
        }
        self.init(values)
    }
}
