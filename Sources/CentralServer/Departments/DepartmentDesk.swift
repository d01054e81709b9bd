import Casework
import SyncProtocol

/// What departments see and bring: tasks that are ready, and results.
package struct DepartmentDesk: Sendable {
    let store: any CentralStore
    let books: Books
    let environment: Environment

    package init(store: any CentralStore, books: Books, environment: Environment) {
        self.store = store
        self.books = books
        self.environment = environment
    }

    /// A task with what the department needs for it.
    struct Task: Sendable {
        let record: TaskRecord
        /// What the groups show that the department needs, and its own result groups, by group.
        let readings: [GroupID: Reading]
        /// The dots that stand in these groups; a result repeats them, to say what it was based on.
        let asOf: [GroupID: [Dot]]
    }

    /// Adds a department, or gives one a new token.
    func add(_ code: String, name: String) async throws(CentralError) -> Token {
        guard (1...Fleet.codeBytesMax).contains(code.utf8.count),
            (1...Fleet.nameBytesMax).contains(name.utf8.count)
        else { throw CentralError.refused(.malformed("Code or name is empty or too long.")) }
        let token = Token(environment)
        try await store.write { transaction throws(CentralError) in
            try transaction.put(DepartmentRecord(code: code, name: name, tokenHash: token.hash))
        }
        return token
    }

    func departments() async throws(CentralError) -> [DepartmentRecord] {
        try await store.read { transaction throws(CentralError) in try transaction.departments() }
    }

    /// Refuses all tokens but the department's own; an unknown department looks like a wrong token.
    func authorise(_ presented: String?, for code: String) async throws(CentralError) {
        let department = try await store.read { transaction throws(CentralError) in
            try transaction.department(code)
        }
        guard let presented, let token = Token(presented: presented),
            token.matches(department?.tokenHash ?? [UInt8](repeating: 0, count: 32))
        else { throw CentralError.refused(.unauthorised) }
    }

    /// Up to `countMax` tasks of a department after one, by case and item.
    func tasks(
        of code: String, after: (caseID: CaseID, item: String)?, countMax: Int
    ) async throws(CentralError) -> [Task] {
        let casebook = books.casebook
        return try await store.read { transaction throws(CentralError) in
            var tasks: [Task] = []
            for record in try transaction.tasks(of: code, after: after, countMax: countMax) {
                tasks.append(try Self.task(record, casebook, transaction))
            }
            return tasks
        }
    }

    /// One task of a department.
    func task(of code: String, on caseID: CaseID, _ item: String) async throws(CentralError) -> Task {
        let casebook = books.casebook
        return try await store.read { transaction throws(CentralError) in
            let records = try transaction.tasks(of: caseID)
            guard let record = records.first(where: { $0.department == code && $0.item == item }) else {
                throw CentralError.refused(.unknownTask)
            }
            return try Self.task(record, casebook, transaction)
        }
    }

    private static func task(
        _ record: TaskRecord, _ casebook: Casebook, _ transaction: any CentralTransaction
    ) throws(CentralError) -> Task {
        let state = CaseState(folding: try transaction.changes(of: record.caseID).map(\.change))
        let groups = Set(casebook.groups(neededFor: record.item, by: record.department, state))
        return Task(
            record: record,
            readings: Dictionary(
                uniqueKeysWithValues: groups.map { ($0, state.reading(of: $0, by: casebook.rules)) }),
            asOf: Dictionary(uniqueKeysWithValues: groups.map { ($0, state.registers[$0]?.dots ?? []) }))
    }
}

extension Casebook {
    /// The groups that a department needs for an item, and those of its result that it owns.
    func groups(neededFor item: String, by department: String, _ state: CaseState) -> [GroupID] {
        guard let policy = policy(of: state), let item = policy.item(item) else { return [] }
        let needed = (policy.needs + item.needs).compactMap { dictionary.place(of: $0)?.group.id }
        return Array(Set(needed + resultGroups(of: item, by: department))).sorted()
    }

    /// The groups into which a department writes its result for an item.
    func resultGroups(of item: Policy.Item, by department: String) -> [GroupID] {
        item.results.compactMap { dictionary.group(named: $0)?.id }.filter { owns(department, $0) }
    }

    func owns(_ department: String, _ group: GroupID) -> Bool {
        rules[group] == .owner(.department(department))
    }
}
