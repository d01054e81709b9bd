import SyncProtocol

/// Changes set aside: by central's rules, or by a person to undo one of central's own.
extension MergeDesk {
    /// A change that is left out of the fold, with what it said.
    struct Aside: Sendable {
        let record: AsideRecord
        /// Nil if only the verdict is here.
        let change: Change?
    }

    /// A person's verdict on one change.
    struct Verdict: Sendable {
        let caseID: CaseID
        let target: ContentID
        /// The dots of the verdicts that the person saw.
        let seen: [Dot]
        let reason: String
        let user: String
    }

    /// Up to `countMax` changes set aside after one.
    func asides(after: (caseID: CaseID, id: ContentID)?, countMax: Int) async throws(CentralError) -> [Aside]
    {
        try await store.read { transaction throws(CentralError) in
            var asides: [Aside] = []
            for record in try transaction.asides(after: after, countMax: countMax) {
                let change = try transaction.changes(of: record.caseID).first { $0.change.id == record.id }?
                    .change
                asides.append(Aside(record: record, change: change))
            }
            return asides
        }
    }

    /// Takes a change up again: it is in effect as if it had never been set aside.
    @discardableResult
    func takeUp(_ verdict: Verdict) async throws(CentralError) -> Change {
        try await give(verdict, isTakenUp: true)
    }

    /// Undoes a change that central or a department wrote, or one side of a forked dot: what it had replaced stands again.
    @discardableResult
    func setAside(_ verdict: Verdict) async throws(CentralError) -> Change {
        try await give(verdict, isTakenUp: false)
    }

    private func give(_ verdict: Verdict, isTakenUp: Bool) async throws(CentralError) -> Change {
        let (books, milliseconds) = (books, now())
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let state = try ledger.knownState(of: verdict.caseID)
            let live = state.asides[verdict.target]
            guard (live?.dots ?? []) == verdict.seen.sorted() else {
                throw CentralError.refused(.staleVerdict(verdict.target))
            }
            let target = try transaction.changes(of: verdict.caseID).first { $0.change.id == verdict.target }
            guard let target, isTakenUp || Self.mayUndo(target.change, state) else {
                throw CentralError.refused(.unknownChange)
            }
            let change = try ledger.write(
                Ledger.OwnChange(
                    author: Author(role: .central, unit: "", user: verdict.user), reason: verdict.reason,
                    asides: [
                        verdict.target: ChangeContent.Aside(
                            reason: isTakenUp ? nil : verdict.reason, replaces: verdict.seen)
                    ]), on: verdict.caseID)
            try ledger.finish()
            return change
        }
    }

    /// A window's change is not undone from here: central writes another value beside or over it.
    private static func mayUndo(_ change: Change, _ state: CaseState) -> Bool {
        guard let content = change.content, content.asides.isEmpty else {
            return state.forked.contains(change.dot)
        }
        return content.author.role != .window || state.forked.contains(change.dot)
    }

    /// What entered no case: unreadable bodies, and changes without a valid receipt.
    func strays(countMax: Int) async throws(CentralError) -> (
        unreadable: [UnreadableRecord], waiting: [WaitingRecord], alarms: [AlarmRecord]
    ) {
        try await store.read { transaction throws(CentralError) in
            (
                try transaction.unreadables(countMax: countMax), try transaction.waiting(countMax: countMax),
                try transaction.alarms(countMax: countMax)
            )
        }
    }
}
