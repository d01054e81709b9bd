import SyncProtocol

/// Folded cases that are kept in memory, so that one more change need not fold the whole case again.
///
/// Only a hint: who takes a state out compares it with what the store says of the case, because the transaction in
/// which it was put here may have failed.
struct FoldMemory: Sendable {
    /// Cases kept at most; at some kilobytes each.
    static let countMax = 10_000

    private var states: [CaseID: CaseState] = [:]

    /// Takes a state out if it is the one that the summary tells of.
    mutating func take(_ caseID: CaseID, matching summary: CaseSummary) -> CaseState? {
        guard let state = states.removeValue(forKey: caseID), state.count == summary.changeCount,
            state.fingerprint == summary.fingerprint
        else { return nil }
        return state
    }

    mutating func put(_ state: CaseState, of caseID: CaseID) {
        // Forgetting everything now and then is as good as anything finer: a miss costs one fold.
        if states.count >= Self.countMax { states.removeAll(keepingCapacity: true) }
        states[caseID] = state
    }
}
