import Casework
import SyncProtocol

/// Changes set aside, and what entered no case: a person takes them up, or decides that they stay out.
extension MergeDesk {
    /// A person's verdict on one change.
    struct Verdict: Hashable, Sendable {
        /// Nil for what entered no case.
        let caseID: CaseID?
        let target: ContentID
        /// True: it is to be in effect. False: it is left out, and nobody need look at it any more.
        let isTakenUp: Bool
        /// The dots of the verdicts that the person saw.
        let seen: [Dot]
        let reason: String
        let user: String
    }

    /// Gives a verdict.
    ///
    /// A change of a case is in effect as if it had never been set aside, or it is left out and what it had replaced stands again. A
    /// change without a valid receipt is taken into the log, by the hospital that brought it, or rejected in that hospital's record.
    /// What cannot be read can only be rejected.
    @discardableResult
    func give(_ verdict: Verdict) async throws(CentralError) -> Change {
        try Self.check(reason: verdict.reason)
        let (books, milliseconds) = (books, now())
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let change: Change
            if let caseID = verdict.caseID {
                change = try ledger.judge(verdict, in: caseID)
            } else if let waiting = try transaction.waiting(verdict.target) {
                change =
                    verdict.isTakenUp
                    ? try ledger.take(waiting) : try ledger.reject(verdict, of: waiting.hospital)
            } else if let unreadable = try transaction.unreadable(verdict.target) {
                if verdict.isTakenUp { throw CentralError.refused(.notReadable) }
                change = try ledger.reject(verdict, of: unreadable.hospital)
            } else {
                throw CentralError.refused(.unknownChange)
            }
            try ledger.finish()
            return change
        }
    }

    /// What entered no case: unreadable bodies, and changes without a valid receipt. And alarms.
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

extension Ledger {
    fileprivate mutating func judge(
        _ verdict: MergeDesk.Verdict, in caseID: CaseID
    ) throws(CentralError) -> Change {
        let state = try knownState(of: caseID)
        guard (state.asides[verdict.target]?.dots ?? []) == verdict.seen.sorted() else {
            throw CentralError.refused(.staleVerdict(verdict.target))
        }
        let target = try transaction.changes(of: caseID).first { $0.change.id == verdict.target }?.change
        let isAside = state.isAside(verdict.target)
        guard let target, isAside || !verdict.isTakenUp && Self.mayUndo(target, state) else {
            throw CentralError.refused(.unknownChange)
        }
        let aside = ChangeContent.Aside(
            reason: verdict.isTakenUp ? nil : verdict.reason, replaces: verdict.seen)
        return try write(
            OwnChange(
                author: Author(role: .central, unit: "", user: verdict.user), reason: verdict.reason,
                asides: [verdict.target: aside]), on: caseID)
    }

    /// A window's change is not undone from here: central writes another value beside or over it.
    private static func mayUndo(_ change: Change, _ state: CaseState) -> Bool {
        guard let content = change.content, content.asides.isEmpty else {
            return state.forked.contains(change.dot)
        }
        return content.author.role != .window || state.forked.contains(change.dot)
    }

    /// A person vouches for a change that came without a receipt: it is taken as if it had had one, verdicts included.
    fileprivate mutating func take(_ waiting: WaitingRecord) throws(CentralError) -> Change {
        // What came without a receipt may be any bytes.
        let read = try? Change(replica: waiting.replica, sequence: waiting.sequence, body: waiting.body)
        guard let change = read, change.caseID != .centralRecord, change.caseID != .staffRecord else {
            throw CentralError.refused(.notReadable)
        }
        let held = try transaction.holdings(
            of: change.replica, from: change.sequence, through: change.sequence)
        _ = try state(of: waiting.hospital.record)  // its entry goes
        try transaction.remove(waiting: change.id)
        if held.contains(where: { $0.id == change.id }) { return change }
        try take(change, chain: nil, for: waiting.hospital)
        return change
    }

    fileprivate mutating func reject(
        _ verdict: MergeDesk.Verdict, of hospital: HospitalID
    ) throws(CentralError) -> Change {
        let record = hospital.record
        if books.casebook.rejected(in: try state(of: record)).contains(verdict.target) {
            throw CentralError.refused(.staleVerdict(verdict.target))
        }
        let value: [CBOR] = [.text(verdict.target.description), .text(verdict.reason)]
        return try write(
            OwnChange(
                writes: [
                    try books.casebook.group("deskRejection"): ChangeContent.Write(value: value, replaces: [])
                ], author: Author(role: .central, unit: "", user: verdict.user), reason: verdict.reason),
            on: record, for: hospital)
    }
}
