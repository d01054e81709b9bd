import Accounts
import SyncProtocol
import Web

extension CentralAPI {
    func addAffected(to router: inout Router) {
        addStaff(
            .post, "/api/v1/affected-cases", .exportCases, .everything, to: &router, costly(listAffected))
    }

    private struct AffectedBody: Decodable {
        let from: UInt64
        let until: UInt64
        let account: String?
        let device: String?
        let hospital: String?
        let reason: String
        let after: String?
    }

    private struct AffectedShape: Encodable {
        struct Case: Encodable {
            let id: String
            let number: String?
            let hospitals: [String]
            let ways: [String]
            let motherName: String?
            let motherPhone: String?
            let isErased: Bool
        }

        let cases: [Case]
        let total: Int
        let unnamed: Int
        /// Where to go on; absent at the end.
        let next: String?
    }

    /// `POST /api/v1/affected-cases`: `{from, until, account | device | hospital, reason, after?}`
    private func listAffected(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: AffectedBody.self)
        AuditNote.current?.give(reason: body.reason)
        let subject: AffectedDesk.Question.Subject
        switch (body.account, body.device.flatMap { CaseID($0) }, body.hospital) {
        case (let name?, nil, nil): subject = .account(name)
        case (nil, let id?, nil): subject = .device(DeviceID(rawValue: id))
        case (nil, nil, let code?): subject = .hospital(code: code)
        default: throw CentralError.refused(.malformed("Name one of account, device, hospital."))
        }
        guard body.from <= body.until else {
            throw CentralError.refused(.malformed("The time ends before it begins."))
        }
        let answer = try await AffectedDesk(store: store, books: books).affected(
            by: .init(subject: subject, from: body.from, until: body.until),
            after: body.after.flatMap { CaseID($0) })
        let cases = answer.lines.map { line in
            AffectedShape.Case(
                id: line.caseID.description, number: line.number, hospitals: line.hospitals, ways: line.ways,
                motherName: line.motherName, motherPhone: line.motherPhone, isErased: line.isErased)
        }
        return try json(
            AffectedShape(
                cases: cases, total: answer.total, unnamed: answer.unnamed,
                next: answer.hasMore ? cases.last?.id : nil))
    }
}
