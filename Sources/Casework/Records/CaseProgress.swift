package import SyncProtocol

/// Where the items of one case stand, read from what its departments answered and what is in conflict.
package struct CaseProgress: Sendable {
    /// In the policy's order; empty while the policy itself is in conflict or not at hand.
    package let items: [ItemStatus]
    /// The rules that the case goes by, as far as they are at hand.
    package let rules: CaseRules
    /// As far as it depends on no result; ``CaseLife`` knows the rest.
    package let stage: CaseStage
    /// Departments have something to do: the case goes on, and is neither closed nor withdrawn nor merged into another.
    package var isOpen: Bool { stage == .accepted }
    /// Departments are shown its items: it is open, or would be if it did not go on as another case.
    package let isShownToDepartments: Bool

    package var policy: Policy? { rules.policy }

    package init(_ state: CaseState, policies: PolicyLibrary, dictionary: FieldDictionary) {
        rules = CaseRules(state, policies: policies, dictionary: dictionary)
        stage = CaseStage(state, policy: rules.policy, dictionary: dictionary)
        let merger = stage == .merged ? CaseMerger(state, dictionary: dictionary) : nil
        guard let policy = rules.policy else {
            (items, isShownToDepartments) = ([], false)
            return
        }
        let goesOn = CaseDecision(state, dictionary: dictionary).map { decision in
            policy.decision(decision.kind)?.goesOn ?? (decision.kind == .accept)
        }
        isShownToDepartments = stage == .accepted || merger != nil && goesOn ?? false
        let statuses = policy.tasks(
            applied: policy.facts(of: Answers(state: state, dictionary: dictionary)).applied,
            outcomes: Self.outcomes(of: policy, state, dictionary),
            conflicts: Set(state.conflicts(by: dictionary.mergeRules)), dictionary: dictionary)
        let stage = stage
        items = stage == .accepted ? statuses : statuses.map { stage.keeping($0, merger) }
    }

    /// The answer to each item of the policy, from whichever of its result groups has one.
    private static func outcomes(
        of policy: Policy, _ state: CaseState, _ dictionary: FieldDictionary
    ) -> [String: Outcome] {
        var outcomes: [String: Outcome] = [:]
        for item in policy.items {
            outcomes[item.code] = ItemResult(item, state, dictionary)?.outcome
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

extension CaseStage {
    /// What an item of a case comes to on which no department has a task.
    fileprivate func keeping(_ status: ItemStatus, _ merger: CaseMerger?) -> ItemStatus {
        if case .answered = status.state { return status }
        if self == .disputed, case .held = status.state { return status }
        let reason =
            switch self {
            case .withdrawn: "申请已撤回。"
            case .merged: merger?.chinese ?? "已并入其他办件。"
            case .closed: "办件已结束。"
            case .disputed: "办件有不一致的记录，须先处理。"
            default: "尚未受理。"
            }
        return ItemStatus(item: status.item, state: .waiting(for: []), reasons: [reason])
    }
}

extension Answers {
    /// What a case shows: one value of each group, none where several stand. Of a group with the rule union the lists of all values are
    /// joined, and of anything else in it the last is shown.
    package init(state: CaseState, dictionary: FieldDictionary) {
        var groups: [GroupID: CBOR] = [:]
        for id in state.registers.keys {
            switch state.reading(of: id, by: dictionary.mergeRules) {
            case .one(let standing, _): groups[id] = .array(standing.value)
            case .all(let standings): groups[id] = .array(Self.joined(standings.map(\.value)))
            case .conflict, .empty: break
            }
        }
        self.init(groups: groups, in: dictionary)
    }

    /// Member by member; an entry that stands in several lists is taken once.
    private static func joined(_ values: [[CBOR]]) -> [CBOR] {
        (0..<(values.map(\.count).max() ?? 0)).map { place in
            let given = values.filter { $0.indices.contains(place) && $0[place] != .null }.map { $0[place] }
            let lists = given.compactMap { if case .array(let entries) = $0 { entries } else { nil } }
            guard let last = given.last, lists.count == given.count else { return given.last ?? .null }
            guard lists.count > 1 else { return last }
            var known: Set<CBOR> = []
            return .array(lists.flatMap { $0 }.filter { known.insert($0).inserted })
        }
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
