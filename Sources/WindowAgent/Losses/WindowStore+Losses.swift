package import Casework
import Persistence
package import SyncProtocol

/// Values of this hospital's that a person at central has put aside: told until a clerk has seen them.
package struct CaseLosses: Hashable, Sendable {
    package let caseID: CaseID
    package let number: String?
    package let childName: String?
    package let losses: [Loss]
    package let state: CaseState
}

extension WindowStore {
    /// Cases with losses, the last decided first; those that no clerk has seen, or all.
    package func losses(all: Bool = false, limit: Int) throws -> [CaseLosses] {
        try freshen()
        let ids =
            if all {
                try database.rows(
                    """
                    SELECT case_id FROM loss WHERE case_id NOT IN (SELECT case_id FROM departed)
                    ORDER BY decided_at DESC, case_id LIMIT ?
                    """, .integer(Int64(limit))
                ) { row throws(DatabaseError) in try row.caseID(0) }
            } else {
                try database.rows(
                    """
                    SELECT case_id FROM loss WHERE unseen > 0 AND case_id NOT IN (SELECT case_id FROM departed)
                    ORDER BY decided_at DESC, case_id LIMIT ?
                    """, .integer(Int64(limit))
                ) { row throws(DatabaseError) in try row.caseID(0) }
            }
        return try ids.map { id in
            let (losses, state) = try losses(of: id)
            let view = CaseView(id: id, state: state, dictionary: dictionary)
            return CaseLosses(
                caseID: id, number: view.text("caseNumber"), childName: view.text("childName"),
                losses: all ? losses : losses.filter { !$0.isSeen }, state: state)
        }
    }

    /// The losses of one case, seen or not, and the case as it stands.
    package func losses(of caseID: CaseID) throws -> (losses: [Loss], state: CaseState) {
        let changes = try changes(of: caseID)
        let state = CaseState(folding: changes)
        guard state.count > 0 else { throw StoreError.unknownCase(caseID) }
        return (try losses(changes, state), state)
    }

    private func losses(_ changes: [Change], _ state: CaseState) throws -> [Loss] {
        guard let enrolment = try loadEnrolment() else { return [] }
        return Loss.all(of: enrolment.code, in: changes, state, dictionary: dictionary)
    }

    /// How many cases have a loss that no clerk has seen.
    package func unseenLossCount() throws -> Int {
        try database.first(
            "SELECT count(*) FROM loss WHERE unseen > 0 AND case_id NOT IN (SELECT case_id FROM departed)"
        ) { row throws(DatabaseError) in Int(try row.integer(0)) } ?? 0
    }

    /// Notes that a clerk has seen the losses of a case, or those of one group. It is a change of the case, so that the hospital's
    /// other computers and central know it, too.
    package func acknowledge(_ caseID: CaseID, group: GroupID?, _ saving: Saving) throws -> Saved {
        try save(saving, request: SaveRequest(acknowledging: caseID, group, saving)) { now in
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            guard let seen = dictionary.group(named: "lossSeen")?.id else {
                throw StoreError.damaged("the dictionary")
            }
            let (state, history) = try openCase(caseID)
            let losses = try losses(history, state).filter {
                !$0.isSeen && (group == nil || $0.group == group)
            }
            // One change gives a group one value: a change for each.
            var present = state
            for loss in losses {
                let writes = [seen: ChangeContent.Write(value: loss.mark, replaces: [])]
                let content = try content(writes, on: present, saving, enrolment, at: now)
                _ = present.apply(try append(content, to: caseID, savedAt: now))
            }
            if !losses.isEmpty { try refresh(caseID) }
            return Saved(
                cases: [
                    Saved.Case(id: caseID.description, number: nil, isChanged: !losses.isEmpty)
                ])
        }
    }

    /// Writes a lost value once more, as the clerk's new change in the place of what stands.
    ///
    /// - Parameter seen: the dots that the clerk saw stand in its group.
    /// - Throws: ``StoreError/moved`` if others stand there by now, or the loss is over; ``LossRefusal``.
    package func writeAgain(
        _ caseID: CaseID, _ lost: Dot, in group: GroupID, seen: [Dot], _ saving: Saving
    ) throws -> Saved {
        guard let known = dictionary[group], known.isEntered else { throw LossRefusal.notEntered }
        let (losses, state) = try losses(of: caseID)
        let history = GroupHistory(of: group, in: try changes(of: caseID), state)
        let isLost =
            losses.contains { $0.group == group && $0.lost.dot == lost }
            && state.registers[group]?.dots == Set(seen).sorted()
        // A repeat of the very save is answered as before: `save` sees to it.
        let isRepeat = try saving.saveID.map { try isSaved($0) } ?? false
        guard let value = history.write(lost)?.value, isLost || isRepeat else { throw StoreError.moved }
        let answers = Dictionary(
            zip(known.members.map(\.key), value), uniquingKeysWith: { first, _ in first })
        return try edit(caseID, answers, seen: [group: seen], saving)
    }

    /// Keeps in which cases there are losses while their caches are written, inside the caller's transaction.
    func refreshLosses(of caseID: CaseID, _ changes: [Change], _ state: CaseState) throws {
        let losses = try rules().recordID == caseID ? [] : losses(changes, state)
        guard let last = losses.map(\.decision.time.milliseconds).max() else {
            return try dropLosses(of: caseID)
        }
        try database.execute(
            """
            INSERT INTO loss (case_id, unseen, decided_at) VALUES (?, ?, ?)
            ON CONFLICT (case_id) DO UPDATE SET unseen = excluded.unseen, decided_at = excluded.decided_at
            """, .blob(caseID.bytes), .integer(Int64(losses.count { !$0.isSeen })), .integer(Int64(last)))
    }

    func dropLosses(of caseID: CaseID) throws {
        try database.execute("DELETE FROM loss WHERE case_id = ?", .blob(caseID.bytes))
    }
}

/// Why a lost value is not written again.
package enum LossRefusal: Error, Hashable, Sendable {
    /// No form asks for it: a step writes it.
    case notEntered

    /// The sentence for the clerk.
    package var chinese: String { "该内容不是填写项，请按办理步骤重新办理。" }
}
