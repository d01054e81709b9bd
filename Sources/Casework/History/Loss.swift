import Foundation
package import SyncProtocol

/// A value that a hospital's window wrote and that a person at central has put aside for another one. The window is told, until a
/// clerk has seen it.
///
/// It is a pure function of the case's changes: a settlement that is undone is no loss any more, and one at which the window
/// has written anew is over. What another window had seen and overwritten is none, nor what a group's rule only does not show.
package struct Loss: Hashable, Sendable {
    package let group: GroupID
    /// What the window wrote.
    package let lost: GroupHistory.Write
    /// The change of central's by which it does not stand.
    package let decision: GroupHistory.Write
    /// Whether a clerk of the hospital has seen it.
    package let isSeen: Bool

    /// Groups that say how a case is worked on, and nothing that a clerk has found out.
    private static let bookkeeping = ["hospital", "movedTo", "deskAssignee", "lossSeen", "deskRejection"]

    /// The losses of one hospital in a case, by group and time.
    ///
    /// - Parameters:
    ///   - unit: the hospital's code, as its windows write it.
    ///   - changes: all changes of the case.
    ///   - state: their fold.
    package static func all(
        of unit: String, in changes: [Change], _ state: CaseState, dictionary: FieldDictionary
    ) -> [Loss] {
        let ignored = Set(bookkeeping.compactMap { dictionary.group(named: $0)?.id })
        var decided: Set<GroupID> = []
        for change in changes where change.content?.author.role == .central {
            for (group, write) in change.content?.writes ?? [:] where !write.replaces.isEmpty {
                decided.insert(group)
            }
        }
        let groups = decided.subtracting(ignored).sorted()
        if groups.isEmpty { return [] }
        let seen = Self.seen(in: state, dictionary)
        return groups.flatMap { group in
            Self.losses(of: unit, GroupHistory(of: group, in: changes, state), state, seen)
        }
    }

    private static func losses(
        of unit: String, _ history: GroupHistory, _ state: CaseState, _ seen: Set<[CBOR]>
    ) -> [Loss] {
        let standing = state.registers[history.group]?.standing ?? []
        let own = history.writes.filter { $0.author.role == .window && $0.author.unit == unit && !$0.isAside }
        let known = own.reduce(into: Set<Dot>()) { $0.formUnion(history.ancestors(of: $1.dot)) }
        var losses: [[CBOR]: Loss] = [:]
        for lost in own where history.write(lost.dot) != nil {
            let isReplacedByCentral =
                history.replacers(of: lost.dot).allSatisfy { $0.author.role == .central }
            guard isReplacedByCentral, !standing.contains(where: { $0.value == lost.value }),
                let decision = decision(against: lost, history, standing), !known.contains(decision.dot)
            else { continue }
            let mark = Self.mark(history.group, lost.dot, decision.dot)
            // Of the same words written twice the last is told.
            losses[lost.value] = Loss(
                group: history.group, lost: lost, decision: decision, isSeen: seen.contains(mark))
        }
        return losses.values.sorted { ($0.lost.time, $0.lost.dot) < ($1.lost.time, $1.lost.dot) }
    }

    /// The last change of central's that had seen the value and put another in its place; one that stands goes before.
    private static func decision(
        against lost: GroupHistory.Write, _ history: GroupHistory, _ standing: [Standing]
    ) -> GroupHistory.Write? {
        let candidates = history.writes.filter {
            $0.author.role == .central && !$0.isAside && $0.value != lost.value
                && history.ancestors(of: $0.dot).contains(lost.dot)
        }
        return candidates.last { write in standing.contains { $0.id == write.id } } ?? candidates.last
    }

    // MARK: Seen

    /// The value of the group `lossSeen` that says that a clerk has seen it.
    package var mark: [CBOR] { Self.mark(group, lost.dot, decision.dot) }

    private static func mark(_ group: GroupID, _ lost: Dot, _ decision: Dot) -> [CBOR] {
        [.unsigned(UInt64(group.rawValue)), .text(lost.description), .text(decision.description)]
    }

    private static func seen(in state: CaseState, _ dictionary: FieldDictionary) -> Set<[CBOR]> {
        guard let group = dictionary.group(named: "lossSeen")?.id else { return [] }
        let marks = (state.registers[group]?.standing ?? []).filter { $0.author.role == .window }
        return Set(marks.map(\.value))
    }

    /// `lost` and `decision` as writes, `standing`: what stands now, `seen`: its dots, to be repeated by who writes the value again.
    package func json(_ state: CaseState, _ dictionary: FieldDictionary) -> JSON {
        let known = dictionary[group]
        let dots = state.registers[group]?.dots ?? []
        return .object([
            "group": .number(Decimal(group.rawValue)), "name": .text(known?.name ?? group.description),
            "label": .text(known?.label ?? group.description), "isSeen": .bool(isSeen),
            "lost": lost.json(of: known), "decision": decision.json(of: known),
            "standing": .list(
                (state.registers[group]?.standing ?? []).map { .object(known?.json(of: $0.value) ?? [:]) }),
            "seen": .list(dots.map { .text($0.description) }),
            "sentence": .text(
                "“\(known?.label ?? group.description)”经中心核对，未采用本院填写的内容。"
                    + (decision.reason.map { "理由：\($0)" } ?? "")),
        ])
    }
}
