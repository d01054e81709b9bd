package import SyncProtocol

/// Where the items of one case stand, read from what its departments answered and what is in conflict.
package struct CaseProgress: Sendable {
    /// In the policy's order; empty while the policy itself is in conflict or not at hand.
    package let items: [ItemStatus]
    /// The rules that the case is pinned to, or the newest at hand.
    package let policy: Policy?

    package init(_ state: CaseState, policies: PolicyLibrary, dictionary: FieldDictionary) {
        let answers = Answers(state: state, dictionary: dictionary)
        guard let id = answers.text("policyID") else {
            (items, policy) = ([], nil)
            return
        }
        let version: Policy? =
            if case .unsigned(let number)? = answers["policyVersion"] {
                policies[id, version: Int(clamping: number)]
            } else { nil }
        guard let policy = version ?? policies[id] else {
            (items, self.policy) = ([], nil)
            return
        }
        self.policy = policy
        items = policy.tasks(
            applied: Set(policy.applied(ticking: answers.codes("items"))),
            outcomes: Self.outcomes(of: policy, answers),
            conflicts: Set(state.conflicts(by: dictionary.mergeRules)), dictionary: dictionary)
    }

    /// The answer to each item of the policy, from whichever of its result groups has one.
    private static func outcomes(of policy: Policy, _ answers: Answers) -> [String: Outcome] {
        var outcomes: [String: Outcome] = [:]
        for item in policy.items {
            outcomes[item.code] =
                item.results.compactMap { answers.text("\($0)Status") }
                .compactMap(Outcome.init(rawValue:)).first
        }
        return outcomes
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

    /// The codes of an answer that is a list of them.
    package func codes(_ key: String) -> Set<String> {
        guard case .array(let values)? = self[key] else { return [] }
        return Set(
            values.compactMap { value in
                if case .text(let code) = value { code } else { nil }
            })
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
