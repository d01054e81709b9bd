import Foundation
package import SyncProtocol

extension GroupHistory.Write {
    /// The write with its author and time, as CaseView tells a standing value; `change` is its content ID.
    package func json(of group: FieldGroup?) -> JSON { .object(members(of: group)) }

    func members(of group: FieldGroup?) -> [String: JSON] {
        var members: [String: JSON] = [
            "dot": .text(dot.description), "change": .text(id.description), "role": .text(author.role.name),
            "unit": .text(author.unit), "user": .text(author.user),
            "milliseconds": .number(Decimal(time.milliseconds)), "isDoubtful": .bool(isDoubtful),
            "value": .object(group?.json(of: value) ?? [:]),
        ]
        if let reason { members["reason"] = .text(reason) }
        return members
    }
}

extension FieldGroup {
    /// A value of the group as JSON, by key; what is unanswered is left out.
    package func json(of value: [CBOR]) -> [String: JSON] {
        var answers: [String: JSON] = [:]
        for (field, item) in zip(members, value) where item != .null {
            // A value of another shape was written by another version: it is named rather than hidden.
            answers[field.key] = (try? field.type.json(from: item)) ?? .text("?")
        }
        return answers
    }

    /// What the group is called in a sentence.
    package var label: String { members.map(\.label).joined(separator: "、") }
}
