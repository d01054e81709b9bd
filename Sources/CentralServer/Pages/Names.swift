import Casework
import Pages
import SyncProtocol

/// What hospitals, departments and people are called on a page.
struct Names: Sendable {
    /// By code.
    let hospitals: [(code: String, name: String)]
    let departments: [(code: String, name: String)]
    private let hospitalNames: [String: String]
    private let departmentNames: [String: String]
    private let codes: [HospitalID: String]
    let people: People

    /// - Parameter policies: the rules whose words stand for a department that central has no name for.
    init(
        _ transaction: any CentralTransaction, _ policies: PolicyLibrary, _ people: People
    ) throws(CentralError) {
        self.people = people
        let records = try transaction.hospitals()
        hospitals = records.map { ($0.code, $0.name) }
        departments = try transaction.departments().map { ($0.code, $0.name) }
        hospitalNames = Dictionary(
            hospitals.map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })
        departmentNames = policies.policies.reduce(into: [:]) {
            $0.merge($1.departments) { first, _ in first }
        }
        .merging(departments.map { ($0.code, $0.name) }) { $1 }
        codes = Dictionary(records.map { ($0.id, $0.code) }, uniquingKeysWith: { first, _ in first })
    }

    func code(_ id: HospitalID) -> String? { codes[id] }
    func hospital(_ code: String?) -> String { code.map { hospitalNames[$0] ?? $0 } ?? "" }

    /// As central has it, or as the rules call it.
    func department(_ code: String) -> String {
        code == "window" ? "窗口" : departmentNames[code] ?? code
    }

    /// Where an author sits.
    func place(_ author: Author) -> String {
        switch author.role {
        case .window: hospital(author.unit)
        case .central: "中心"
        case .department: department(author.unit)
        }
    }

    /// The same, and who it is.
    func author(_ author: Author) -> String {
        [place(author), people[author.user]].filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension CentralPages {
    func names() async throws(CentralError) -> Names {
        let policies = api.books.casebook.policies
        let people = try await people()
        return try await api.store.read { transaction throws(CentralError) in
            try Names(transaction, policies, people)
        }
    }

    /// What people are called whose accounts are central's: all but those that a supervisor has added and nobody confirmed.
    func people() async throws(CentralError) -> People {
        let accounts = try await api.accounts.registry().all
        return People(
            Dictionary(accounts.map { ($0.name, $0.displayName) }, uniquingKeysWith: { first, _ in first }))
    }
}
