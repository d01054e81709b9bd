package import SyncProtocol

/// Where the items of one case stand, read from what its departments answered and what is in conflict.
package struct CaseProgress: Sendable {
    /// In the policy's order; empty while the policy itself is in conflict or not at hand.
    package let items: [ItemStatus]
    /// The rules that the case goes by, as far as they are at hand.
    package let rules: CaseRules
    /// Departments have something to do: the case is accepted, and neither withdrawn nor merged into another.
    package let isOpen: Bool

    package var policy: Policy? { rules.policy }

    package init(_ state: CaseState, policies: PolicyLibrary, dictionary: FieldDictionary) {
        rules = CaseRules(state, policies: policies, dictionary: dictionary)
        isOpen =
            state.text("decisionKind", in: dictionary) == "accept"
            && state.answer("withdrawalDate", in: dictionary) == nil
            && state.answer("mergedInto", in: dictionary) == nil
        guard let policy = rules.policy else {
            items = []
            return
        }
        let statuses = policy.tasks(
            applied: policy.facts(of: Answers(state: state, dictionary: dictionary)).applied,
            outcomes: Self.outcomes(of: policy, state, dictionary),
            conflicts: Set(state.conflicts(by: dictionary.mergeRules)), dictionary: dictionary)
        items = isOpen ? statuses : statuses.map(\.beforeAcceptance)
    }

    /// The answer to each item of the policy, from whichever of its result groups has one.
    private static func outcomes(
        of policy: Policy, _ state: CaseState, _ dictionary: FieldDictionary
    ) -> [String: Outcome] {
        var outcomes: [String: Outcome] = [:]
        for item in policy.items {
            outcomes[item.code] =
                item.results.compactMap { state.text("\($0)Status", in: dictionary) }
                .compactMap(Outcome.init(rawValue:)).first
        }
        return outcomes
    }
}

extension CaseState {
    /// What one field shows; nil if nothing, or if its group is in conflict.
    package func answer(_ key: String, in dictionary: FieldDictionary) -> CBOR? {
        guard let place = dictionary.place(of: key),
            let value = reading(of: place.group.id, by: dictionary.mergeRules).value,
            value.indices.contains(place.index), value[place.index] != .null
        else { return nil }
        return value[place.index]
    }

    /// The same, if it is a text, a date, a code or another value written as text.
    package func text(_ key: String, in dictionary: FieldDictionary) -> String? {
        if case .text(let text)? = answer(key, in: dictionary) { text } else { nil }
    }

    /// The codes of a field that is a list of them.
    package func codes(_ key: String, in dictionary: FieldDictionary) -> Set<String> {
        guard case .array(let values)? = answer(key, in: dictionary) else { return [] }
        return Set(values.compactMap { if case .text(let code) = $0 { code } else { nil } })
    }
}

extension ItemStatus {
    /// Before the case is accepted no department has a task.
    fileprivate var beforeAcceptance: ItemStatus {
        if case .answered = state { return self }
        return ItemStatus(item: item, state: .waiting(for: []), reasons: ["尚未受理。"])
    }
}

extension Answers {
    /// What a case shows: one value of each group, none where several stand.
    package init(state: CaseState, dictionary: FieldDictionary) {
        var groups: [GroupID: CBOR] = [:]
        for id in state.registers.keys {
            guard let value = state.reading(of: id, by: dictionary.mergeRules).value else { continue }
            groups[id] = .array(value)
        }
        self.init(groups: groups, in: dictionary)
    }
}

extension ItemStatus {
    /// The status as JSON: `waiting`, `held`, `ready`, `done`, `failed` or `returned`, with the reasons.
    package var json: JSON {
        .object([
            "item": .text(item.code), "name": .text(item.name), "department": .text(item.department),
            "state": .text(word), "reasons": .list(reasons.map { .text($0) }),
        ])
    }

    package var word: String {
        switch state {
        case .waiting: "waiting"
        case .held: "held"
        case .ready: "ready"
        case .answered(let outcome): outcome.rawValue
        }
    }
}
