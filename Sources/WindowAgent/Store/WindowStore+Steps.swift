package import Casework
import Persistence
package import SyncProtocol

/// What takes a case further.
extension WindowStore {
    /// Where a case stands now.
    ///
    /// - Parameter isDoubtful: somebody else doubts the clock already.
    package func life(of state: CaseState, isDoubtful: Bool = false) throws -> CaseLife {
        let progress = CaseProgress(state, policies: try rules().policies, dictionary: dictionary)
        return try life(of: state, progress, isDoubtful: isDoubtful)
    }

    /// - Parameter progress: made of the same state.
    func life(of state: CaseState, _ progress: CaseProgress, isDoubtful: Bool = false) throws -> CaseLife {
        CaseLife(
            state, progress: progress, calendar: try rules().calendar,
            now: Moment(milliseconds: environment.milliseconds()),
            isClockDoubtful: try isDoubtful || isClockDoubtful(), dictionary: dictionary)
    }

    /// Takes one step of a case: judged and recorded in one transaction.
    ///
    /// - Parameter roles: what the person who takes it is.
    /// - Throws: ``Casework/StepRefusal`` with everything that speaks against it; ``StoreError/moved`` if the case is not what the page
    ///   showed any more.
    package func take(
        _ order: StepOrder, on caseID: CaseID, by roles: Set<CaseRole> = CaseRole.window, _ saving: Saving
    ) throws -> Saved {
        try save(saving, request: SaveRequest(caseID, order, saving)) { now in
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            let (state, history) = try openCase(caseID)
            if let seen = order.seen { try check(seen, against: state) }
            var input = order.input
            if order.step == .issue, input.number == nil,
                input.takesNext || state.text("birthCertNo", in: dictionary) == nil
            {
                input.nextNumber = try nextCertificate()
            }
            let plan = try life(of: state, isDoubtful: saving.isDoubtful).plan(order.step, input, by: roles)
            let edit = CaseEdit(state, history: history, dictionary: dictionary)
            var writes = try edit.writes(plan.answers, by: author(saving, enrolment), renewed: plan.renewed)
            writes.merge(try edit.additions(plan.addition)) { $1 }
            var saved = Saved.Case(id: caseID.description, number: nil, isChanged: true)
            if let kind = plan.notice {
                let number = try nextNumber(of: enrolment, on: plan.date)
                let notice = [
                    "noticeKind": CBOR.text(kind), "noticeNumber": .text(number),
                    "noticeDate": .text(plan.date.description),
                ]
                writes.merge(try edit.additions(notice)) { $1 }
                saved.notice = number
            }
            let warnings = try write(writes, to: caseID, state, saving, enrolment, at: now)
            return Saved(cases: [saved], warnings: warnings.isEmpty ? nil : warnings)
        }
    }

    /// What departments answer meanwhile moves nothing that a clerk decides on.
    private func check(_ seen: [GroupID: [Dot]], against state: CaseState) throws {
        guard seen.values.joined().allSatisfy(state.seen.contains) else { throw StoreError.unknownDots }
        for (id, register) in state.registers {
            if case .owner(.department)? = dictionary[id]?.rule { continue }
            guard Set(register.dots) == Set(seen[id] ?? []) else { throw StoreError.moved }
        }
    }
}

/// Something that is still to be done by a day.
package struct DueItem: Hashable, Sendable {
    package let caseID: CaseID
    package let item: String
    package let department: String
    package let due: CalendarDate
    package let summary: CaseSummary
}
