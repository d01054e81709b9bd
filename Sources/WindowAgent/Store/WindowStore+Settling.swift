import Casework
import SyncProtocol

extension WindowStore {
    /// Settles a group in conflict by one of the values that stand there: an ordinary change that replaces all of them, and that can be
    /// undone as any other.
    ///
    /// - Parameter seen: the dots that the clerk's page showed.
    /// - Throws: ``StoreError/moved`` if others stand there by now; ``LossRefusal`` for a group that no clerk fills in.
    func settle(
        _ caseID: CaseID, _ group: GroupID, by dot: Dot, seen: [Dot], _ saving: Saving
    ) throws -> Saved {
        guard let known = dictionary[group], known.isEntered else { throw LossRefusal.notEntered }
        let changes = try changes(of: caseID)
        let state = CaseState(folding: changes)
        guard state.count > 0 else { throw StoreError.unknownCase(caseID) }
        // A repeat of the very save is answered as before: `save` sees to it.
        let isRepeat = try saving.saveID.map { try isSaved($0) } ?? false
        guard isRepeat || state.registers[group]?.dots == Set(seen).sorted(), seen.contains(dot),
            let value = GroupHistory(of: group, in: changes, state).write(dot)?.value
        else { throw StoreError.moved }
        let answers = Dictionary(
            zip(known.members.map(\.key), value), uniquingKeysWith: { first, _ in first })
        return try edit(caseID, answers, seen: [group: seen], saving)
    }

    /// Says that two cases are two children: neither is told of the other any more.
    func tellApart(_ caseID: CaseID, _ other: CaseID, _ saving: Saving) throws -> Saved {
        // Named in either case, it holds for both; so one change does.
        try add(["notDuplicateOf": .array([.bytes(other.bytes)])], to: [caseID], saving)
    }
}
