import SyncProtocol

/// The changes of one case, as several replicas wrote them with partial knowledge of each other.
struct History {
    let seed: Int
    var changes: [Change] = []

    static let caseID = CaseID(milliseconds: 1_750_000_000_000, random: (1, 2))

    /// One group of each rule, and 9, which no version knows.
    static let rules = MergeRules([
        GroupID(rawValue: 1): .owner(.window), GroupID(rawValue: 2): .owner(.department("wjw")),
        GroupID(rawValue: 3): .latest, GroupID(rawValue: 4): .union,
        GroupID(rawValue: 5): .furthest(chain: stages), GroupID(rawValue: 6): .staff,
        GroupID(rawValue: 7): .owner(.central),
    ])
    static let groups = [1, 2, 3, 4, 5, 6, 7, 9].map { GroupID(rawValue: $0) }
    /// The chain of group 5, which is of one member.
    static let stages = ["open", "sent", "done"]

    var state: CaseState { CaseState(folding: changes) }

    /// What a history needs to be a good test of the fold is there: set-asides, forks, conflicts.
    var isQuiet: Bool {
        changes.allSatisfy { $0.content?.asides.isEmpty ?? true }
            && Set(changes.map(\.dot)).count == changes.count
    }
}

extension CaseState {
    /// Takes in one change as a store does: cheaply if that is possible, else from all changes.
    mutating func take(_ change: Change, into stored: inout [Change]) {
        if stored.contains(change) { return }
        stored.append(change)
        switch apply(change) {
        case .applied: break
        case .known, .needsAll: self = CaseState(folding: stored)
        }
    }
}
