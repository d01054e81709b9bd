import Foundation
package import SyncProtocol

/// Two cases field by field, for a person who decides whether they are one child and which values are right.
package struct SideBySide: Sendable {
    /// How the two stand to each other in one field.
    package enum Relation: String, Hashable, Sendable {
        case equal, differing
        /// Only one of them has it.
        case firstOnly, secondOnly
        /// One of them shows no single value there.
        case conflict
    }

    /// One field that at least one of them has.
    package struct Line: Hashable, Sendable {
        package let group: FieldGroup
        package let field: Field
        package let first: JSON
        package let second: JSON
        package let relation: Relation
    }

    /// In the dictionary's order: what is entered, and the child's official numbers.
    package let lines: [Line]

    package init(_ first: CaseState, _ second: CaseState, dictionary: FieldDictionary) {
        let sides = [first, second].map { state in
            CaseView(id: CaseID(milliseconds: 0, random: (0, 0)), state: state, dictionary: dictionary).fields
        }
        let conflicts = Set([first, second].flatMap { $0.conflicts(by: dictionary.mergeRules) })
        var lines: [Line] = []
        for group in dictionary.groups where Self.isShown(group) {
            for field in group.members {
                let (left, right) = (sides[0][field.key], sides[1][field.key])
                let isDisputed = conflicts.contains(group.id)
                guard left != nil || right != nil || isDisputed else { continue }
                lines.append(
                    Line(
                        group: group, field: field, first: left ?? .null, second: right ?? .null,
                        relation: isDisputed ? .conflict : Self.relation(left, right)))
            }
        }
        self.lines = lines
    }

    private static func isShown(_ group: FieldGroup) -> Bool {
        group.isEntered || ["caseNumber", "childIdentity", "attachments"].contains(group.name)
    }

    private static func relation(_ first: JSON?, _ second: JSON?) -> Relation {
        if first == second { return .equal }
        if first == nil { return .secondOnly }
        return second == nil ? .firstOnly : .differing
    }
}

extension SideBySide.Line {
    /// The line as JSON, with the group that a merge would take over.
    package var json: JSON {
        .object([
            "group": .number(Decimal(group.id.rawValue)), "groupName": .text(group.name),
            "key": .text(field.key), "label": .text(field.label), "first": first, "second": second,
            "relation": .text(relation.rawValue),
        ])
    }
}
