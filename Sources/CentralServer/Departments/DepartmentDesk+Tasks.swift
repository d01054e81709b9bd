import Casework
import SyncProtocol

/// What a department sees of its tasks.
extension DepartmentDesk {
    /// A task with what the department gets to see of it.
    struct Task: Sendable {
        let turn: TaskTurn
        /// Nil if the case has the item no more.
        let task: DepartmentTask?
        /// The day by which it is promised; nil if nothing is, or it is answered.
        let due: CalendarDate?
        /// Nil if nobody is at it.
        let claim: TaskClaim?

        var record: TaskRecord { turn.record }
    }

    /// Tasks in the order in which they became what they are.
    struct Page: Sendable {
        let tasks: [Task]
        /// Where to go on.
        let cursor: TaskCursor
        let hasMore: Bool
        /// The cursor was of another central, or of this one before it was restored: this begins from the beginning.
        let isReset: Bool
    }

    /// Up to `countMax` tasks of a department that became what they are after a cursor; all from the beginning without one.
    ///
    /// Every task is told again whenever anything of what the department gets to see of it changes, so who polls with the cursor of the
    /// page before misses nothing. It is told as it is now, not as it was in between.
    func tasks(
        of code: String, after cursor: TaskCursor? = nil, in state: TaskRecord.State? = nil, countMax: Int
    ) async throws(CentralError) -> Page {
        let (books, now) = (books, environment.now())
        return try await store.read { transaction throws(CentralError) in
            let epoch = try transaction.epoch()
            let last = try transaction.lastTurn(of: code)
            let isReset = cursor.map { $0.epoch != epoch.description || $0.turn > last } ?? false
            let after = isReset ? 0 : cursor?.turn ?? 0
            let turns = try transaction.tasks(of: code, after: after, in: state, countMax: countMax + 1)
            var reader = TaskReader(transaction, books, milliseconds: now)
            try reader.prepare(Array(Set(turns.prefix(countMax).map(\.record.caseID))), claims: code)
            var tasks: [Task] = []
            for turn in turns.prefix(countMax) { tasks.append(try reader.task(turn)) }
            let hasMore = turns.count > countMax
            let end = hasMore ? tasks.last?.turn.turn ?? after : max(last, after)
            return Page(
                tasks: tasks, cursor: TaskCursor(epoch: epoch.description, turn: end), hasMore: hasMore,
                isReset: isReset)
        }
    }

    /// One task of a department.
    func task(of code: String, on caseID: CaseID, _ item: String) async throws(CentralError) -> Task {
        let (books, now) = (books, environment.now())
        return try await store.read { transaction throws(CentralError) in
            guard let turn = try transaction.task(of: code, on: caseID, item) else {
                throw CentralError.refused(.unknownTask)
            }
            var reader = TaskReader(transaction, books, milliseconds: now)
            return try reader.task(turn)
        }
    }
}

/// How far a department has read: `EPOCH-TURN`.
struct TaskCursor: Hashable, Sendable, CustomStringConvertible {
    let epoch: String
    let turn: UInt64

    var description: String { "\(epoch)-\(turn)" }
}

extension TaskCursor {
    /// Reads what ``description`` writes.
    init(reading text: String) throws(CentralError) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count <= 64, parts.count == 2, let turn = UInt64(parts[1]) else {
            throw CentralError.refused(.malformed("The cursor is none that central has given."))
        }
        (epoch, self.turn) = (String(parts[0]), turn)
    }
}

/// Reads tasks with what they show; each case and each hospital's calendar once.
private struct TaskReader {
    let transaction: any CentralTransaction
    let books: Books
    let milliseconds: UInt64
    private var cases: [CaseID: (tasks: CaseTasks, life: CaseLife)] = [:]
    private var calendars: [HospitalID: WorkCalendar] = [:]
    private var changes: [CaseID: [Change]] = [:]
    private var scopes: [CaseID: [Scope]] = [:]
    private var claims: [ClaimedTask: TaskClaim]?

    init(_ transaction: any CentralTransaction, _ books: Books, milliseconds: UInt64) {
        (self.transaction, self.books, self.milliseconds) = (transaction, books, milliseconds)
    }

    /// Reads with few statements what many tasks of a department need.
    mutating func prepare(_ cases: [CaseID], claims department: String) throws(CentralError) {
        changes = try transaction.changes(of: cases).mapValues { $0.map(\.change) }
        scopes = try transaction.scopes(of: cases)
        claims = try transaction.claims(of: department)
    }

    mutating func task(_ turn: TaskTurn) throws(CentralError) -> DepartmentDesk.Task {
        let record = turn.record
        let (tasks, life) = try read(record.caseID)
        let status = tasks.statuses.first {
            $0.item.code == record.item && $0.item.department == record.department
        }
        let claim = try claim(on: record)
        return DepartmentDesk.Task(
            turn: turn, task: record.state == .gone ? nil : status.map(tasks.task),
            due: life.dueItems.first { $0.code == record.item }?.due,
            claim: claim.flatMap { $0.expires > milliseconds ? $0 : nil })
    }

    private func claim(on task: TaskRecord) throws(CentralError) -> TaskClaim? {
        if let claims { return claims[ClaimedTask(caseID: task.caseID, item: task.item)] }
        return try transaction.claim(of: task.department, on: task.caseID, task.item)
    }

    private func changes(of caseID: CaseID) throws(CentralError) -> [Change] {
        if let known = changes[caseID] { return known }
        return try transaction.changes(of: caseID).map(\.change)
    }

    private mutating func read(_ caseID: CaseID) throws(CentralError) -> (tasks: CaseTasks, life: CaseLife) {
        if let known = cases[caseID] { return known }
        let state = CaseState(folding: try changes(of: caseID))
        let casebook = books.casebook
        let tasks = CaseTasks(
            state, progress: casebook.progress(of: state), dictionary: casebook.dictionary)
        let life = CaseLife(
            state, progress: tasks.progress, calendar: try calendar(of: caseID),
            now: Moment(milliseconds: milliseconds), dictionary: casebook.dictionary)
        cases[caseID] = (tasks, life)
        return (tasks, life)
    }

    /// The working days by which the hospital counts whose case it is.
    private mutating func calendar(of caseID: CaseID) throws(CentralError) -> WorkCalendar {
        let scopes = if let known = scopes[caseID] { known } else { try transaction.scopes(of: caseID) }
        guard let hospital = scopes.first(where: { $0.left == nil })?.hospital
        else {
            return .standard
        }
        if let known = calendars[hospital] { return known }
        let calendar = try transaction.workCalendar(of: hospital.record)
        calendars[hospital] = calendar
        return calendar
    }
}
