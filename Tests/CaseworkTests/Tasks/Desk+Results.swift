import SyncProtocol
import Testing

@testable import Casework

extension Desk {
    var tasks: CaseTasks { CaseTasks(state, progress: progress, dictionary: Self.dictionary) }

    /// A result that has everything that its task asks for, as a department sends it that has seen the task.
    func result(
        _ item: String, id: String? = nil, outcome: Outcome = .done, note: String? = nil,
        values: [String: CBOR]? = nil, sees: Bool = true
    ) throws -> DepartmentResult {
        let tasks = tasks
        let status = try #require(tasks.statuses.first { $0.item.code == item }, "\(item)")
        var given: [String: CBOR] = [:]
        let expected = tasks.task(status.asReady).expected
        for expectation in expected where expectation.isRequired && outcome == .done {
            #expect(expectation.field.key == "childIdNo")
            given[expectation.field.key] = .text(try citizenID())
        }
        return DepartmentResult(
            department: status.item.department, id: id ?? "R-\(item)", caseID: Self.caseID, item: item,
            outcome: outcome, date: now.date, note: note ?? (outcome == .done ? nil : "请核对后重报。"),
            values: values ?? given, asOf: sees ? tasks.task(status).asOf : [:], user: "officer")
    }

    func verdict(_ result: DepartmentResult) throws -> ResultVerdict {
        let tasks = tasks
        let item = try #require(tasks.item(result.item, of: result.department))
        return tasks.judge(result, of: item, today: now.date)
    }

    /// Judges a result, and writes it if it is taken.
    @discardableResult
    mutating func hand(_ result: DepartmentResult) throws -> ResultVerdict {
        let verdict = try verdict(result)
        guard verdict == .take else { return verdict }
        let tasks = tasks
        let item = try #require(tasks.item(result.item, of: result.department))
        try write(
            try tasks.writes(of: result, item),
            by: Author(role: .department, unit: result.department, user: result.user))
        return verdict
    }

    /// A number of this child's, as the police would give it.
    func citizenID(sex: String? = nil, birthDate: String? = nil) throws -> String {
        let answers = Answers(state: state, dictionary: Self.dictionary)
        let birth = try #require(birthDate ?? answers.text("birthDate")).filter(\.isNumber)
        let isMale = (sex ?? answers.text("childSex")) != "2"
        let digits = try #require(Self.digits("450326\(birth)\(isMale ? "017" : "018")"))
        return digits
    }

    /// With the check character, found by trying.
    private static func digits(_ seventeen: String) -> String? {
        "0123456789X".map { seventeen + String($0) }.first { (try? CitizenID($0)) != nil }
    }
}

extension ItemStatus {
    /// The same item as if nothing kept it, to see what it would ask for.
    fileprivate var asReady: ItemStatus { ItemStatus(item: item, state: .ready, reasons: []) }
}
