import SyncProtocol

/// What was noted of every act when it was done, independently of what the stores keep.
final class Book {
    /// Whose acts each act replaced, group by group: what its author saw there.
    private(set) var replaced: [Act: [GroupID: Set<Act>]] = [:]
    /// Every dot that was ever seen, with the contents that were seen under it.
    private(set) var contents: [Dotted: Set<ContentID>] = [:]
    /// What forgers brought; none of it may ever be in effect.
    var forged: Set<ContentID> = []
    /// Machines were cloned while they ran.
    var hasRunningClones = false
    var centralRestores = 0
    /// Alarms that central raised, whatever was restored since.
    var alarms: Set<String> = []

    struct Dotted: Hashable {
        let caseID: CaseID
        let dot: Dot
    }

    /// Notes an act with what its author saw.
    ///
    /// - Returns: false if it replaces something that its author did not see.
    func note(_ act: Act, _ change: Change, seen: [GroupID: [Dot: Act]]) -> Bool {
        note(change)
        var isHonest = true
        for (group, write) in change.content?.writes ?? [:] {
            let shown = seen[group] ?? [:]
            replaced[act, default: [:]][group] = Set(write.replaces.compactMap { shown[$0] })
            if !write.replaces.allSatisfy({ shown[$0] != nil }) { isHonest = false }
        }
        return isHonest
    }

    /// Notes that a change was seen somewhere.
    func note(_ change: Change) {
        contents[Dotted(caseID: change.caseID, dot: change.dot), default: []].insert(change.id)
    }
}
