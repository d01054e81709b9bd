import Casework
import SyncProtocol
import Testing

@testable import CentralServer

extension World {
    /// A day on which a department can have answered.
    static let day = CalendarDate("2026-09-21")

    /// An accepted case of the region-wide policy that applies for birth certificate, registration and social security card.
    func accepted(
        _ code: String = "H1", items: [String] = ["birthCert", "hukou", "ssCard"], replica: UInt64 = 1
    ) async throws -> (ward: Ward, caseID: CaseID, writer: Writer) {
        let ward = try await hospital(code)
        let caseID = newCase()
        var writer = Writer(replica)
        try writer.write(
            caseID,
            [
                1: ([.text("gx"), .unsigned(1)], []), 20: (CBOR.name("王小明"), []), 21: ([.text("1")], []),
                22: ([.text("2026-09-01"), .null], []),
                4: ([.text("accept"), .text("2026-09-20"), .null, .null], []),
                81: ([.array(items.map { .text($0) })], []),
            ])
        try await ward.push(writer.run())
        return (ward, caseID, writer)
    }

    func states(_ caseID: CaseID) async throws -> [String: TaskRecord.State] {
        let tasks = try await caseDesk.view(caseID).tasks
        return Dictionary(tasks.map { ($0.item, $0.state) }, uniquingKeysWith: { first, _ in first })
    }

    /// A boy's number, born on the day of ``accepted(_:items:replica:)``.
    static let number =
        ("0123456789X".map { "45032620260901001\($0)" }.first { (try? CitizenID($0)) != nil }) ?? ""

    func result(
        _ department: String, _ item: String, _ id: String, of caseID: CaseID, asOf: [GroupID: [Dot]] = [:],
        outcome: Outcome = .done, on day: String? = nil, values: [String: CBOR]? = nil,
        user: String = "officer"
    ) throws -> DepartmentResult {
        let own: [String: CBOR] =
            item == "hukou" && outcome == .done ? ["childIdNo": .text(Self.number)] : [:]
        return DepartmentResult(
            department: department, id: id, caseID: caseID, item: item, outcome: outcome,
            date: try #require(day.flatMap { CalendarDate($0) } ?? Self.day),
            note: outcome == .done ? nil : "请核对。", values: values ?? own,
            asOf: asOf, user: user)
    }

    func asOf(_ department: String, _ item: String, _ caseID: CaseID) async throws -> [GroupID: [Dot]] {
        try #require(try await departmentDesk.task(of: department, on: caseID, item).task).asOf
    }

    /// The change of a receipt.
    func change(_ receipt: DepartmentDesk.Receipt) -> ContentID? {
        switch receipt {
        case .taken(let id), .repeated(let id), .kept(let id, _): id
        case .refused: nil
        }
    }
}
