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

    /// Central has put the case away: it is over, and is left out of daily lists. Whoever reopens it brings it back.
    package let isArchived: Bool

    /// What the case shows.
    package let answers: Answers
    /// What the rules make of the answers; nil without rules.
    let facts: Facts?
    /// The groups that are in conflict, ascending.
    package let conflicts: [GroupID]

    package var policy: Policy? { rules.policy }

    package init(_ state: CaseState, policies: PolicyLibrary, dictionary: FieldDictionary) {
        rules = CaseRules(state, policies: policies, dictionary: dictionary)
        stage = CaseStage(state, policy: rules.policy, dictionary: dictionary)
        isArchived = stage.isOver && state.archivedOn(in: dictionary) != nil
        answers = Answers(state: state, dictionary: dictionary)
        conflicts = state.conflicts(by: dictionary.mergeRules)
        facts = rules.policy?.facts(of: answers)
        guard let policy = rules.policy, let facts else {
            items = []
            return
        }
        let merger = stage == .merged ? CaseMerger(state, dictionary: dictionary) : nil
        var results: [String: ItemResult] = [:]
        for item in policy.items { results[item.code] = ItemResult(item, state, dictionary) }
        let statuses = policy.tasks(
            applied: facts.applied, outcomes: results.mapValues(\.outcome),
            conflicts: Set(conflicts), dictionary: dictionary
        ).map { $0.explained(by: results[$0.item.code]).lacking(policy, facts) }
        let stage = stage
        items = stage == .accepted ? statuses : statuses.map { stage.keeping($0, merger) }
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
    /// With the department's own words where it has sent the item back or could not do it.
    fileprivate func explained(by result: ItemResult?) -> Self {
        guard case .answered(let outcome) = state, outcome != .done, let note = result?.note else {
            return self
        }
        return ItemStatus(item: item, state: state, reasons: [note])
    }

    /// Held, if it could be done but for papers that are not there.
    fileprivate func lacking(_ policy: Policy, _ facts: Facts) -> Self {
        guard case .ready = state else { return self }
        let gaps = policy.lacks(for: item.code, facts)
        return gaps.isEmpty ? self : ItemStatus(item: item, state: .held(by: []), reasons: gaps)
    }
}

extension Policy {
    /// The papers of an item that lack although the application was accepted with them: one was taken back. A case of which no
    /// paper is recorded was accepted on papers in hand; and a region without correction asks for none.
    fileprivate func lacks(for item: String, _ facts: Facts) -> [String] {
        guard facts.answers["materials"] != nil, decision(.correct) != nil else { return [] }
        let verified = Set(facts.texts("sharedVerified"))
        return materials.filter { $0.neededFor.contains(item) }.flatMap { $0.gaps(facts, verified: verified) }
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
            case .erased: "办件已依申请删除。"
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
