/// Why two cases are taken for one child.
package struct Likeness: Hashable, Sendable {
    /// From the rules' least to 100.
    package let score: Int
    /// The codes of the rules and doubts, the rules first and each in the rules' order.
    package let codes: [String]

    package init(score: Int, codes: [String]) { (self.score, self.codes) = (score, codes) }
}

extension DuplicateRules {
    /// Whether two cases look like one child, and why; nil if they do not, if they are siblings, or if one of them is no application any
    /// more.
    ///
    /// It is the same whichever of the two comes first.
    package func likeness(_ left: ChildTraits, _ right: ChildTraits) -> Likeness? {
        guard left.caseID != right.caseID, !left.isWithdrawn, !right.isWithdrawn else { return nil }
        let relations = TraitComparison(rules: self).relations(left, right)
        let claims = Set(relations.map { Claim(trait: $0.key, relation: $0.value) })
        let isSame = relations[.certificate] == .equal || relations[.childID] == .equal
        if areLinked(left, right), !isSame { return nil }
        let hits = rules.filter { $0.holds(claims) }
        guard let highest = hits.map(\.score).max() else { return nil }
        let mayBeSiblings = !isSame && areOfOneDelivery(relations) && !areSingle(left, right)
        if mayBeSiblings, !isOneChild(claims, left, right) { return nil }
        let against = doubts.filter { $0.holds(claims) }
        let score = min(100, highest + (hits.count - 1) * furtherHit) - against.map(\.score).reduce(0, +)
        guard score >= shownMin else { return nil }
        let told = mayBeSiblings && isSeveral(left, right) ? [Self.siblingsCode] : []
        return Likeness(score: score, codes: hits.map(\.code) + told + against.map(\.code))
    }

    private func areLinked(_ left: ChildTraits, _ right: ChildTraits) -> Bool {
        left.linked.contains(right.caseID) || right.linked.contains(left.caseID)
    }

    private func areOfOneDelivery(_ relations: [ChildTraits.Trait: Relation]) -> Bool {
        relations[.birthDate].map { $0 == .equal || $0 == .near } ?? true
    }

    /// Both cases, or the only one that tells, say that one child was born.
    private func areSingle(_ left: ChildTraits, _ right: ChildTraits) -> Bool {
        left[.plurality] == ["SINGLE"] && right[.plurality] == ["SINGLE"]
    }

    private func isSeveral(_ left: ChildTraits, _ right: ChildTraits) -> Bool {
        !left[.plurality].union(right[.plurality]).isDisjoint(with: ["TWIN", "MULTIPLE"])
    }

    /// Of several children of one delivery: whether these two are the same one.
    private func isOneChild(_ claims: Set<Claim>, _ left: ChildTraits, _ right: ChildTraits) -> Bool {
        let weight = claims.compactMap { siblings.weights[$0] }.reduce(0, +)
        return weight >= (isSeveral(left, right) ? siblings.severalMin : siblings.unknownMin)
    }
}

extension Claim {
    init(trait: ChildTraits.Trait, relation: Relation) { (self.trait, self.relation) = (trait, relation) }
}
