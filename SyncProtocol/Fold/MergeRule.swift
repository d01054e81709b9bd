/// Who may write a field group whose rule is ``MergeRule/owner(_:)``.
package enum Owner: Hashable, Sendable {
    case window
    case central
    /// The department with this code.
    case department(String)

    /// Whether an author writes as this owner. Codes are compared by their bytes.
    package func owns(_ author: Author) -> Bool {
        switch self {
        case .window: author.role == .window
        case .central: author.role == .central
        case .department(let code): author.role == .department && author.unit.utf8.elementsEqual(code.utf8)
        }
    }
}

/// How the concurrent values of a field group show (DESIGN section 5). It is applied on reading, by the same pure
/// function everywhere; no replica writes a change to resolve by itself.
package enum MergeRule: Hashable, Sendable {
    /// The owner's value, if the owner's values agree; else as staff.
    case owner(Owner)
    /// The value with the greatest (time, dot). A doubtful time never wins over a sound one; all doubtful: as staff.
    case latest
    /// All values.
    case union
    /// The value furthest along one chain of states, read from the group's first member; else as staff.
    case furthest(chain: [String])
    /// No single value: both, until a person settles it.
    case staff
}

/// The rule of each field group.
package struct MergeRules: Hashable, Sendable {
    private let rules: [GroupID: MergeRule]

    /// The rules of the groups that this version knows.
    package init(_ rules: [GroupID: MergeRule]) { self.rules = rules }

    /// A group that this version does not know has the rule staff.
    package subscript(group: GroupID) -> MergeRule { rules[group] ?? .staff }

    /// The groups among those written that the author may not write, ascending.
    package func refused(_ content: ChangeContent) -> [GroupID] {
        content.writes.keys.filter { group in
            guard case .owner(let owner) = self[group] else { return false }
            return !owner.owns(content.author)
        }.sorted()
    }
}
