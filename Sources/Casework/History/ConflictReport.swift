import Foundation
package import SyncProtocol

/// All that a person needs to settle one group of a case: what stands, who wrote it, what all of them had seen before, and
/// what cannot go on meanwhile.
package struct ConflictReport: Hashable, Sendable {
    package let group: GroupID
    package let history: GroupHistory
    /// The dots that stand, to be repeated in a settlement.
    package let dots: [Dot]
    package let effects: ConflictEffects
    private let forked: Set<Dot>

    /// - Parameters:
    ///   - changes: all changes of the case.
    ///   - state: their fold.
    package init(
        _ group: GroupID, in changes: [Change], _ state: CaseState, policies: PolicyLibrary,
        dictionary: FieldDictionary
    ) {
        self.group = group
        history = GroupHistory(of: group, in: changes, state)
        dots = state.registers[group]?.dots ?? []
        effects = ConflictEffects(
            group, state, CaseProgress(state, policies: policies, dictionary: dictionary))
        forked = Set(state.forked)
    }

    /// `seen`, `values` (each with `origin`, whose value it is, and `isForked`), `base`, `waiting`.
    package func members(_ dictionary: FieldDictionary) -> [String: JSON] {
        let known = dictionary[group]
        return [
            "group": .number(Decimal(group.rawValue)), "name": .text(known?.name ?? group.description),
            "labels": .list((known?.members ?? []).map { .text($0.label) }),
            "seen": .list(dots.map { .text($0.description) }),
            "values": .list(standing.map { value($0, known) }),
            "base": .list(history.base(of: dots).map { $0.json(of: known) }),
            "waiting": effects.json(dictionary),
        ]
    }

    /// The values that stand, ascending by time.
    package var standing: [GroupHistory.Write] {
        history.writes.filter { dots.contains($0.dot) && !$0.isAside }
    }

    private func value(_ write: GroupHistory.Write, _ known: FieldGroup?) -> JSON {
        var members = write.members(of: known)
        members["isForked"] = .bool(forked.contains(write.dot))
        let origin = history.origin(of: write)
        if origin.dot != write.dot {
            members["origin"] = .object([
                "dot": .text(origin.dot.description), "role": .text(origin.author.role.name),
                "unit": .text(origin.author.unit), "user": .text(origin.author.user),
                "milliseconds": .number(Decimal(origin.time.milliseconds)),
            ])
        }
        return .object(members)
    }
}

/// What cannot go on in a case because one of its groups is in conflict.
package struct ConflictEffects: Hashable, Sendable {
    /// Items that are held by it, and those that wait for such an item, in the policy's order.
    package let items: [ItemStatus]
    /// Decisions that were made on values of the group that no longer stand alone.
    package let decisions: [GroupID]
    /// Nothing can be decided on the application while it is in conflict.
    package let holdsDecision: Bool

    /// How much waits: items, decisions in doubt, and the decision itself.
    package var count: Int { items.count + decisions.count + (holdsDecision ? 1 : 0) }

    package init(_ group: GroupID, _ state: CaseState, _ progress: CaseProgress) {
        var held = Set(
            progress.items.filter { if case .held(let by) = $0.state { by.contains(group) } else { false } }
                .map(\.item.code))
        var count = -1
        while held.count > count {
            count = held.count
            for item in progress.items {
                if case .waiting(let others) = item.state, !held.isDisjoint(with: others) {
                    held.insert(item.item.code)
                }
            }
        }
        items = progress.items.filter { held.contains($0.item.code) }
        decisions = state.registers.keys.sorted().filter { id in
            (state.registers[id]?.standing ?? []).contains { state.changedBasis(of: $0).contains(group) }
        }
        let isOpen: Set<CaseStage> = [.draft, .submitted, .correcting, .disputed]
        holdsDecision = progress.policy != nil && isOpen.contains(progress.stage)
    }

    func json(_ dictionary: FieldDictionary) -> JSON {
        .object([
            "items": .list(items.map(\.json)),
            "decisions": .list(
                decisions.map {
                    .object([
                        "group": .number(Decimal($0.rawValue)),
                        "label": .text(dictionary[$0]?.label ?? $0.description),
                    ])
                }), "holdsDecision": .bool(holdsDecision), "count": .number(Decimal(count)),
            "sentences": .list(sentences(dictionary).map { .text($0) }),
        ])
    }

    /// What waits, for the person who settles it.
    private func sentences(_ dictionary: FieldDictionary) -> [String] {
        var sentences = items.map { "“\($0.item.name)”（\($0.item.department)）暂缓办理。" }
        if holdsDecision { sentences.append("处理前不能作出受理决定。") }
        return sentences + decisions.map { "“\(dictionary[$0]?.label ?? $0.description)”所依据的内容已有变化，须复核。" }
    }
}
