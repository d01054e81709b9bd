import Foundation
package import SyncProtocol

/// A case as people and programs are shown it: the fields that show, the conflicts with every value, what was set aside,
/// and the dots that a page must send back with an edit.
package struct CaseView: Sendable {
    package let id: CaseID
    private let state: CaseState
    private let dictionary: FieldDictionary

    package init(id: CaseID, state: CaseState, dictionary: FieldDictionary) {
        self.id = id
        self.state = state
        self.dictionary = dictionary
    }

    /// The whole case as JSON.
    package var json: JSON {
        .object([
            "id": .text(id.description),
            "fields": .object(fields),
            "conflicts": .list(conflicts),
            "beside": .list(beside),
            "staleDecisions": .list(staleDecisions),
            "seen": .object(seen),
            "asides": .list(asides),
            "forked": .list(state.forked.map { .text($0.description) }),
            "changes": .number(Decimal(state.count)),
            "erased": .number(Decimal(state.erasedCount)),
            "fingerprint": .text(state.fingerprint.description),
        ])
    }

    /// Every field that shows a value, by key. Of a group with the rule union the entries of all values are joined.
    package var fields: [String: JSON] {
        var fields: [String: JSON] = [:]
        for id in state.registers.keys.sorted() {
            guard let group = dictionary[id], group.name != "lossSeen" else { continue }
            switch state.reading(of: id, by: dictionary.mergeRules) {
            case .one(let standing, _): fields.merge(group.json(of: standing.value)) { $1 }
            case .all(let standings): fields.merge(joined(standings, in: group)) { $1 }
            case .conflict, .empty: break
            }
        }
        return fields
    }

    /// The text of one field, if it shows one.
    package func text(_ key: String) -> String? { state.text(key, in: dictionary) }

    /// Groups that wait for a person, each with all values in order of time.
    private var conflicts: [JSON] { state.conflicts(by: dictionary.mergeRules).map { conflict(in: $0) } }

    /// One group with all the values that stand in it.
    package func conflict(in id: GroupID) -> JSON { describe(id, ["values": .list(standing(in: id))]) }

    /// The values that stand in a group, each with its dot, author and time.
    package func standing(in id: GroupID) -> [JSON] {
        (state.registers[id]?.standing ?? []).map { describe($0, in: dictionary[id]) }
    }

    /// Values that stand beside the one that shows, and are kept.
    private var beside: [JSON] {
        state.registers.keys.sorted().compactMap { id in
            guard case .one(let shown, let others) = state.reading(of: id, by: dictionary.mergeRules) else {
                return nil
            }
            let differing = others.filter { $0.value != shown.value }
            guard !differing.isEmpty else { return nil }
            return describe(id, ["values": .list(differing.map { describe($0, in: dictionary[id]) })])
        }
    }

    /// Decisions that were made on data that has changed since, with the groups that changed.
    private var staleDecisions: [JSON] {
        state.registers.keys.sorted().flatMap { id in
            (state.registers[id]?.standing ?? []).compactMap { standing -> JSON? in
                let changed = state.changedBasis(of: standing)
                guard !changed.isEmpty else { return nil }
                let names = changed.map { JSON.text(dictionary[$0]?.name ?? $0.description) }
                return describe(
                    id, ["decision": describe(standing, in: dictionary[id]), "changed": .list(names)])
            }
        }
    }

    private var seen: [String: JSON] {
        var seen: [String: JSON] = [:]
        for (id, register) in state.registers {
            seen[id.description] = .list(register.dots.map { .text($0.description) })
        }
        return seen
    }

    private var asides: [JSON] {
        state.asides.filter(\.value.isAside).sorted { $0.key < $1.key }.map { id, verdicts in
            .object([
                "change": .text(id.description), "reasons": .list(verdicts.reasons.map { .text($0) }),
                "sentences": .list(verdicts.reasons.map { .text(AsideReason($0).chinese(dictionary)) }),
                "seen": .list(verdicts.dots.map { .text($0.description) }),
            ])
        }
    }

    private func describe(_ id: GroupID, _ members: [String: JSON]) -> JSON {
        let group = dictionary[id]
        let names: [String: JSON] = [
            "group": .number(Decimal(id.rawValue)), "name": .text(group?.name ?? id.description),
            "labels": .list((group?.members ?? []).map { .text($0.label) }),
        ]
        return .object(names.merging(members) { $1 })
    }

    /// One value with its dot, author and time.
    private func describe(_ standing: Standing, in group: FieldGroup?) -> JSON {
        var members: [String: JSON] = [
            "dot": .text(standing.dot.description), "role": .text(standing.author.role.name),
            "unit": .text(standing.author.unit), "user": .text(standing.author.user),
            "milliseconds": .number(Decimal(standing.time.milliseconds)),
            "isDoubtful": .bool(standing.isDoubtful),
            "value": .object(group?.json(of: standing.value) ?? [:]),
        ]
        if let reason = standing.reason { members["reason"] = .text(reason) }
        return .object(members)
    }

    /// Lists are joined, single answers become a list; equal entries show once.
    private func joined(_ standings: [Standing], in group: FieldGroup) -> [String: JSON] {
        var joined: [String: [JSON]] = [:]
        for standing in standings {
            for (key, value) in group.json(of: standing.value) {
                let entries = if case .list(let list) = value { list } else { [value] }
                for entry in entries where !joined[key, default: []].contains(entry) {
                    joined[key, default: []].append(entry)
                }
            }
        }
        return joined.mapValues { .list($0) }
    }
}

extension Role {
    /// The word in JSON.
    package var name: String {
        switch self {
        case .window: "window"
        case .central: "central"
        case .department: "department"
        }
    }
}

extension Dot {
    /// Reads what ``description`` writes: 16 hexadecimal digits, a dot, a number.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 16, let replica = UInt64(parts[0], radix: 16),
            let edition = UInt64(parts[1]), edition > 0
        else { return nil }
        self.init(replica: ReplicaID(rawValue: replica), edition: edition)
    }
}
