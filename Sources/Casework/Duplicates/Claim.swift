/// How two cases stand to each other in one trait, as far as both know it.
package enum Relation: String, Hashable, Sendable, CaseIterable {
    case equal
    /// Names that sound alike.
    case homophone
    /// Apart by no more than a slip or a short while; what that is, the rules say for each trait.
    case near
    /// Dates that are apart, but not as far as two births of one mother.
    case close
    /// Dates further apart that one slip of the keyboard explains.
    case typo
    case far
}

/// One finding of a comparison, as rules name it: `motherID.equal`.
package struct Claim: Hashable, Sendable, CustomStringConvertible {
    package let trait: ChildTraits.Trait
    package let relation: Relation

    /// Reads what ``description`` writes; nil for a trait or relation that does not exist, and for a relation that the trait cannot have.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let trait = ChildTraits.Trait(rawValue: parts[0]),
            let relation = Relation(rawValue: parts[1]), trait.relations.contains(relation)
        else { return nil }
        (self.trait, self.relation) = (trait, relation)
    }

    package var description: String { "\(trait.rawValue).\(relation.rawValue)" }
}

extension ChildTraits.Trait {
    /// What a comparison can say of it.
    package var relations: Set<Relation> {
        switch self {
        case .certificate, .sex, .plurality, .institution, .inpatient, .phone: [.equal, .far]
        case .childName, .motherName, .fatherName: [.equal, .homophone, .near, .far]
        case .motherID, .fatherID, .childID, .birthTime, .weight: [.equal, .near, .far]
        case .birthDate: [.equal, .near, .close, .typo, .far]
        }
    }
}
