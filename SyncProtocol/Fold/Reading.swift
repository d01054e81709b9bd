/// How a field group shows, from its register and its rule.
package enum Reading: Hashable, Sendable {
    /// Nothing was ever written.
    case empty
    /// One value shows. Others that stand beside it stay in the history, marked.
    case one(Standing, beside: [Standing])
    /// All values show, in order of (time, dot).
    case all([Standing])
    /// No single value: a person settles it.
    case conflict([Standing])

    /// The value that shows, if it is one.
    package var value: [CBOR]? {
        if case .one(let standing, _) = self { standing.value } else { nil }
    }

    /// True if a person has to settle it.
    package var isConflict: Bool {
        if case .conflict = self { true } else { false }
    }
}

extension CaseState {
    /// How a group shows by its rule. Equal values are no conflict.
    package func reading(of group: GroupID, by rules: MergeRules) -> Reading {
        guard let standing = registers[group]?.standing, let last = standing.last else { return .empty }
        let rule = rules[group]
        if rule == .union { return .all(standing) }
        guard Set(standing.map(\.value)).count > 1 else {
            return .one(last, beside: Array(standing.dropLast()))
        }
        let shown: Standing? =
            switch rule {
            case .owner(let owner): Self.agreed(standing.filter { owner.owns($0.author) })
            case .latest: standing.last { !$0.isDoubtful }
            case .furthest(let chain): Self.furthest(standing, along: chain)
            case .union, .staff: nil
            }
        guard let shown else { return .conflict(standing) }
        return .one(shown, beside: standing.filter { $0 != shown })
    }

    /// The groups that wait for a person, ascending.
    package func conflicts(by rules: MergeRules) -> [GroupID] {
        registers.keys.filter { reading(of: $0, by: rules).isConflict }.sorted()
    }

    /// The groups of a decision's basis whose live dots are not exactly those that it names, ascending.
    package func changedBasis(of decision: Standing) -> [GroupID] {
        decision.basis.filter { group, dots in (registers[group]?.dots ?? []) != dots }.keys.sorted()
    }

    /// The last of some values, if they are all equal.
    private static func agreed(_ standing: [Standing]) -> Standing? {
        Set(standing.map(\.value)).count == 1 ? standing.last : nil
    }

    /// The value whose first member stands furthest along a chain that all of them are on.
    private static func furthest(_ standing: [Standing], along chain: [String]) -> Standing? {
        let places = standing.map { value -> Int? in
            guard case .text(let state)? = value.value.first else { return nil }
            return chain.firstIndex { $0.utf8.elementsEqual(state.utf8) }
        }
        guard let furthest = places.compactMap({ $0 }).max(), !places.contains(nil) else { return nil }
        let candidates = zip(standing, places).filter { $0.1 == furthest }.map(\.0)
        return agreed(candidates)
    }
}
