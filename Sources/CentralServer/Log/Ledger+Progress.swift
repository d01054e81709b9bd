import Casework
import SyncProtocol

/// What is cached of how a case stands: what is due, and what statistics count.
extension Ledger {
    mutating func cacheProgress(
        _ caseID: CaseID, _ state: CaseState, _ progress: CaseProgress
    ) throws(CentralError) {
        guard !records.contains(caseID) else { return }
        guard let hospital = try scopes(of: caseID).first(where: { $0.left == nil })?.hospital else {
            return try transaction.dropProgress(of: caseID)
        }
        let life = books.casebook.life(
            of: state, progress, calendar: try calendar(of: hospital), milliseconds: milliseconds)
        try transaction.put(
            ProgressDigest(
                caseID: caseID, hospital: hospital,
                facts: CaseFacts(caseID, life, settled: try settledDays(of: caseID, state)),
                open: life.openItems, lastDue: life.lastDue?.dayNumber ?? 0))
    }

    /// Most cases show nothing that central's people wrote: they are not read again for it.
    private func settledDays(of caseID: CaseID, _ state: CaseState) throws(CentralError) -> [Int] {
        let isEdited = state.registers.values.contains { register in
            register.standing.contains { $0.author.role == .central }
        }
        guard isEdited else { return [] }
        return CaseFacts.settledDays(in: try transaction.changes(of: caseID).map(\.change))
    }

    /// The days off by which a hospital's windows count.
    private mutating func calendar(of hospital: HospitalID) throws(CentralError) -> WorkCalendar {
        if let calendar = calendars[hospital] { return calendar }
        let calendar = try transaction.workCalendar(of: hospital.record)
        calendars[hospital] = calendar
        return calendar
    }

    /// Other days off move what is due in that year, and in the last week of the one before.
    mutating func noteOtherDays(from year: Int, of hospital: HospitalID) throws(CentralError) {
        calendars[hospital] = nil
        guard let day = CalendarDate(year: year - 1, month: 12, day: 25) else { return }
        movedLimits += try transaction.cases(of: hospital, dueFrom: day.dayNumber)
    }

    /// Notes how long the first change of a case was on its way: by the agent's own clock, which both times are of.
    func noteArrival(of change: Change) throws(CentralError) {
        guard let sent = sentMilliseconds, let content = change.content, content.author.role == .window,
            !content.isDoubtful
        else { return }
        let saved = content.time.milliseconds
        try transaction.noteArrival(of: change.caseID, lagSeconds: (sent - min(sent, saved)) / 1000)
    }
}

extension ProgressTransaction {
    /// The working days by which a record's hospital counts: of the years that it holds, and of the others as the program knows them.
    func workCalendar(of record: CaseID) throws(CentralError) -> WorkCalendar {
        try calendars(of: record).reduce(.standard) { $0.adding($1) }
    }
}

extension Casebook {
    /// Where a case stands. The moment decides nothing of what is cached.
    func life(
        of state: CaseState, _ progress: CaseProgress, calendar: WorkCalendar, milliseconds: UInt64
    ) -> CaseLife {
        CaseLife(
            state, progress: progress, calendar: calendar, now: Moment(milliseconds: milliseconds),
            dictionary: dictionary)
    }
}
