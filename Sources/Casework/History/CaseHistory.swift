import Foundation
package import SyncProtocol

/// Every change of a case with what became of each value that it wrote: what shows, what is kept beside it, what others have
/// replaced, and what was set aside.
///
/// By the rules `latest` and `furthest` a value may come to stand beside another without anybody having decided so: such
/// values are marked `beside` here, and nowhere else.
package struct CaseHistory: Sendable {
    /// What became of one value.
    package enum Fate: String, Hashable, Sendable, CaseIterable {
        /// It shows.
        case shows
        /// It stands, and by its group's rule another one shows.
        case beside
        /// It stands, and waits for a person.
        case disputed
        /// Who wrote later had seen it.
        case replaced
        /// Its change is left out.
        case aside

        /// For staff and clerk.
        package var chinese: String {
            switch self {
            case .shows: "现行"
            case .beside: "未采用，保留备查"
            case .disputed: "有不同内容，待核对"
            case .replaced: "已被更新"
            case .aside: "已搁置"
            }
        }
    }

    /// Each once, the first first.
    package let changes: [Change]
    private let state: CaseState
    private let dictionary: FieldDictionary
    private let shown: [GroupID: Set<Dot>]

    package init(_ changes: [Change], dictionary: FieldDictionary) {
        state = CaseState(folding: changes)
        self.dictionary = dictionary
        var known: Set<ContentID> = []
        self.changes = changes.filter { known.insert($0.id).inserted }.sorted {
            ($0.content?.time ?? HybridTime(rawValue: 0), $0.dot, $0.id)
                < ($1.content?.time ?? HybridTime(rawValue: 0), $1.dot, $1.id)
        }
        var shown: [GroupID: Set<Dot>] = [:]
        for group in state.registers.keys {
            switch state.reading(of: group, by: dictionary.mergeRules) {
            case .empty, .conflict: shown[group] = []
            case .all(let standing): shown[group] = Set(standing.map(\.dot))
            case .one(let standing, let others):
                // Who wrote the same is right, too.
                let same = others.filter { $0.value == standing.value }
                shown[group] = Set((same + [standing]).map(\.dot))
            }
        }
        self.shown = shown
    }

    /// What became of what a change wrote in a group.
    package func fate(of change: Change, in group: GroupID) -> Fate {
        if state.isAside(change.id) { return .aside }
        guard state.registers[group]?.standing.contains(where: { $0.id == change.id }) ?? false else {
            return .replaced
        }
        if shown[group]?.contains(change.dot) ?? false { return .shows }
        return state.reading(of: group, by: dictionary.mergeRules).isConflict ? .disputed : .beside
    }

    /// The changes, the first first.
    package var json: JSON { .list(changes.map(entry)) }

    private func entry(_ change: Change) -> JSON {
        var members: [String: JSON] = [
            "change": .text(change.id.description), "dot": .text(change.dot.description),
            "isForked": .bool(state.forked.contains(change.dot)),
        ]
        if let verdicts = state.asides[change.id], verdicts.isAside {
            members["reasons"] = .list(verdicts.reasons.map { .text($0) })
        }
        // Of a change of a later version only the name can be told.
        guard let content = change.content else { return .object(members) }
        members["role"] = .text(content.author.role.name)
        members["unit"] = .text(content.author.unit)
        members["user"] = .text(content.author.user)
        members["milliseconds"] = .number(Decimal(content.time.milliseconds))
        members["isDoubtful"] = .bool(content.isDoubtful)
        if let reason = content.reason { members["reason"] = .text(reason) }
        members["writes"] = .list(content.writes.keys.sorted().map { write(change, $0) })
        let verdicts = content.asides.sorted { $0.key < $1.key }.map { target, aside in
            JSON.object([
                "change": .text(target.description), "reason": aside.reason.map { .text($0) } ?? .null,
            ])
        }
        if !verdicts.isEmpty { members["verdicts"] = .list(verdicts) }
        return .object(members)
    }

    private func write(_ change: Change, _ id: GroupID) -> JSON {
        let group = dictionary[id]
        let fate = fate(of: change, in: id)
        return .object([
            "group": .number(Decimal(id.rawValue)), "name": .text(group?.name ?? id.description),
            "label": .text(group?.label ?? id.description),
            "value": .object(group?.json(of: change.content?.writes[id]?.value ?? []) ?? [:]),
            "replaces": .list((change.content?.writes[id]?.replaces ?? []).map { .text($0.description) }),
            "fate": .text(fate.rawValue), "sentence": .text(fate.chinese),
        ])
    }
}
