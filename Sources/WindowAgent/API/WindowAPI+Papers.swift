import Casework
import SyncProtocol
import Web

extension WindowAPI {
    /// `GET /api/v1/cases/{id}/papers/{kind}`: one of the region's papers about a case, as a page to print that stands alone.
    @Sendable func showPaper(_ request: Request) async throws -> Response {
        let id = try caseID(request)
        guard let kind = PaperKind(rawValue: request.parameters["kind"] ?? "") else {
            throw Web.Problem(
                status: 404, title: "There is no such paper",
                remedy: "Known: \(PaperKind.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        guard let enrolment = try await store.loadEnrolment() else { throw StoreError.notEnrolled }
        let life = try await store.life(of: try await store.state(of: id))
        guard let policy = life.policy else { throw Web.Problem(status: 409, title: "本机没有适用于本件的政策包") }
        let content = life.content(
            of: kind, hospitalName: enrolment.name, hospitalCode: enrolment.code,
            clerk: request.user.isEmpty ? nil : request.user)
        do throws(PaperError) {
            return .bytes(
                try Paper(policy: policy).html(kind, content, standsAlone: true),
                type: "text/html; charset=utf-8")
        } catch {
            throw Web.Problem(status: 409, title: "不能出具文书", detail: error.description)
        }
    }
}
