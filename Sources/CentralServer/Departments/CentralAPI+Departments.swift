import Casework
import Contract
import SyncProtocol
import Web

extension CentralAPI {
    /// Adds the addresses of the departments: who there is for the staff, and each one's tasks and results with its own token or the
    /// staff's.
    func addDepartments(to router: inout Router) {
        let (department, task) = (
            "/api/v1/departments/{code}", "/api/v1/departments/{code}/tasks/{id}/{item}"
        )
        addStaff(.get, "/api/v1/departments", .readRules, .nothing, to: &router, listDepartments)
        addStaff(.post, "/api/v1/departments", .manageDepartments, to: &router, addDepartment)
        addStaff(.post, department + "/disabling", .manageDepartments, to: &router, disableDepartment)
        addOwn(.post, department + "/token", to: &router, renewToken)
        addOwn(.get, department + "/tasks", to: &router, listTasks)
        addOwn(.get, task, to: &router, showTask)
        addOwn(.post, task + "/claim", to: &router, claimTask)
        addOwn(.delete, task + "/claim", to: &router, releaseTask)
        addOwn(.get, task + "/attachments/{hash}", to: &router, taskAttachment)
        addOwn(.post, department + "/results", to: &router, takeResult)
        addOwn(.post, department + "/result-batches", to: &router, takeResults)
    }

    private struct DepartmentBody: Decodable {
        let code: String
        let name: String
    }

    private struct DepartmentShape: Encodable {
        let code: String
        let name: String
        let isDisabled: Bool
    }

    /// `GET /api/v1/departments`
    private func listDepartments(_ request: Request) async throws(CentralError) -> Response {
        let departments = try await departmentDesk.departments().map {
            DepartmentShape(code: $0.code, name: $0.name, isDisabled: $0.isDisabled)
        }
        return try json(["departments": departments])
    }

    /// `POST /api/v1/departments`: `{code, name}`; answers the token, this once.
    private func addDepartment(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: DepartmentBody.self)
        let token = try await departmentDesk.add(body.code, name: body.name)
        return try json(["code": body.code, "token": token.text], status: 201)
    }

    /// `POST /api/v1/departments/{code}/token`: a new token; the one before goes on being good for a day.
    private func renewToken(_ request: Request) async throws(CentralError) -> Response {
        let code = try request.parameter("code")
        let token = try await departmentDesk.renewToken(of: code)
        return try json(["code": code, "token": token.text], status: 201)
    }

    /// `POST /api/v1/departments/{code}/disabling`: its tokens are refused until it gets a new one.
    private func disableDepartment(_ request: Request) async throws(CentralError) -> Response {
        try await departmentDesk.disable(try request.parameter("code"))
        return .noContent
    }
}
