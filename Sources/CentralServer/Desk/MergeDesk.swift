import Casework
import SyncProtocol

/// Where central's people settle what waits for them. All that is decided here is ordinary changes of central's.
package struct MergeDesk: Sendable {
    /// Entries that one order may name: settlements, verdicts or cases to assign.
    static let entriesMax = 200

    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// What a person decides on one group of a case.
    struct Settlement: Hashable, Sendable {
        let caseID: CaseID
        let group: GroupID
        /// The dots that the person saw, all of them.
        let seen: [Dot]
        let choice: DeskChoice
        let reason: String
        let user: String
    }

    /// What a settlement, or an undo, wrote.
    struct Settled: Hashable, Sendable {
        /// One for a settlement, one for each value that an undo brought back; none for a dry run.
        let changes: [Change]
        /// What stands then.
        let values: [[CBOR]]
    }

    /// Replaces all the values of a group in conflict by one.
    ///
    /// Refused as stale, with what stands now, if that is not exactly what the person saw. The owner of a group may be
    /// overruled here and only here: its own values contradict each other.
    @discardableResult
    func settle(_ settlement: Settlement, isDryRun: Bool = false) async throws(CentralError) -> Settled {
        try Self.check(reason: settlement.reason)
        return try await decide(on: settlement.caseID, isDryRun: isDryRun) {
            state, changes, casebook throws(CentralError) in
            let register = state.registers[settlement.group] ?? Register()
            guard register.dots == settlement.seen.sorted() else {
                throw CentralError.refused(.stale(settlement.group, live: register.dots))
            }
            guard state.reading(of: settlement.group, by: casebook.rules).isConflict else {
                throw CentralError.refused(.noConflict(settlement.group))
            }
            let history = GroupHistory(of: settlement.group, in: changes, state)
            let value = try settlement.choice.value(of: register, history, casebook)
            let write = ChangeContent.Write(value: value, replaces: register.dots)
            return Decision(
                group: settlement.group, writes: [write], reason: settlement.reason, user: settlement.user)
        }
    }

    /// Takes back what central wrote in a group: the values that it had replaced stand again, each as a change of its own that replaces
    /// exactly what central wrote. An undo is undone in the same way.
    ///
    /// Refused as stale, with what stands now, if others have written since.
    @discardableResult
    func undo(_ undo: Undo, isDryRun: Bool = false) async throws(CentralError) -> Settled {
        try Self.check(reason: undo.reason)
        return try await decide(on: undo.caseID, isDryRun: isDryRun) {
            state, changes, _ throws(CentralError) in
            let history = GroupHistory(of: undo.group, in: changes, state)
            let act = history.act(of: undo.dot)
            let dots = act.map(\.dot).sorted()
            guard !act.isEmpty else { throw CentralError.refused(.notUndoable(undo.group)) }
            let live = state.registers[undo.group]?.dots ?? []
            guard live == dots else { throw CentralError.refused(.stale(undo.group, live: live)) }
            let values = history.values(before: act)
            guard !values.isEmpty else { throw CentralError.refused(.notUndoable(undo.group)) }
            let writes = values.map { ChangeContent.Write(value: $0, replaces: dots) }
            return Decision(group: undo.group, writes: writes, reason: undo.reason, user: undo.user)
        }
    }

    /// An order to take back what central wrote.
    struct Undo: Hashable, Sendable {
        let caseID: CaseID
        let group: GroupID
        /// Of a change of the settlement, or of the undo, that is taken back.
        let dot: Dot
        let reason: String
        let user: String
    }

    /// What is to be written in one group: one change for each write.
    private struct Decision {
        let group: GroupID
        let writes: [ChangeContent.Write]
        let reason: String
        let user: String
    }

    /// Decides and writes in one transaction, so that nothing comes between what is looked at and what replaces it.
    private func decide(
        on caseID: CaseID, isDryRun: Bool,
        _ body: @Sendable (CaseState, [Change], Casebook) throws(CentralError) -> Decision
    ) async throws(CentralError) -> Settled {
        let (books, milliseconds) = (books, now())
        if isDryRun {
            return try await store.read { transaction throws(CentralError) in
                let changes = try transaction.changes(of: caseID).map(\.change)
                if changes.isEmpty { throw CentralError.refused(.unknownCase) }
                let decision = try body(CaseState(folding: changes), changes, books.casebook)
                return Settled(changes: [], values: decision.writes.map(\.value))
            }
        }
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let state = try ledger.knownState(of: caseID)
            let decision = try body(state, try transaction.changes(of: caseID).map(\.change), books.casebook)
            let author = Author(role: .central, unit: "", user: decision.user)
            var changes: [Change] = []
            for write in decision.writes {
                let own = Ledger.OwnChange(
                    writes: [decision.group: write], author: author, reason: decision.reason)
                changes.append(try ledger.write(own, on: caseID))
            }
            try ledger.finish()
            return Settled(changes: changes, values: decision.writes.map(\.value))
        }
    }

    static func check(reason: String) throws(CentralError) {
        guard 1...SyncProtocol.Limits.reasonBytesMax ~= reason.utf8.count else {
            throw CentralError.refused(
                .malformed("Give a reason of at most \(SyncProtocol.Limits.reasonBytesMax) bytes."))
        }
    }

    static func hospitals(
        of caseID: CaseID, in transaction: any CentralTransaction
    ) throws(CentralError) -> [HospitalRecord] {
        var hospitals: [HospitalRecord] = []
        for scope in try transaction.scopes(of: caseID) where scope.left == nil {
            if let hospital = try transaction.hospital(scope.hospital) { hospitals.append(hospital) }
        }
        return hospitals
    }
}

extension Ledger {
    /// The case as it stands, which must have a change.
    mutating func knownState(of caseID: CaseID) throws(CentralError) -> CaseState {
        let state = try state(of: caseID)
        guard state.count > 0 else { throw CentralError.refused(.unknownCase) }
        return state
    }
}
