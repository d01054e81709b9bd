import Casework
import Contract
import SyncProtocol
import Web

extension CentralAPI {
    private struct DepartmentBody: Decodable {
        let code: String
        let name: String
    }

    /// `GET /api/v1/departments`
    func listDepartments(_ request: Request) async throws(CentralError) -> Response {
        let departments = try await departmentDesk.departments()
        return try json(["departments": departments.map { ["code": $0.code, "name": $0.name] }])
    }

    /// `POST /api/v1/departments`: `{code, name}`; answers the token, this once. Again gives a new token.
    func addDepartment(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: DepartmentBody.self)
        let token = try await departmentDesk.add(body.code, name: body.name)
        return try json(["code": body.code, "token": token.text], status: 201)
    }

    /// `GET /api/v1/departments/{code}/tasks?case=&item=&limit=`, with the department's own token or the staff's.
    func listTasks(_ request: Request) async throws(CentralError) -> Response {
        let code = try request.parameter("code")
        try await authorise(request, for: code)
        var place: (CaseID, String)?
        if let caseID = request.query["case"].flatMap({ CaseID($0) }) {
            place = (caseID, request.query["item"] ?? "")
        }
        let tasks = try await departmentDesk.tasks(of: code, after: place, countMax: request.limit)
        return try json(["tasks": tasks.map { TaskShape($0, books.casebook.dictionary) }])
    }

    /// `GET /api/v1/departments/{code}/tasks/{id}/{item}`: one task.
    func showTask(_ request: Request) async throws(CentralError) -> Response {
        let code = try request.parameter("code")
        try await authorise(request, for: code)
        let task = try await departmentDesk.task(
            of: code, on: try request.caseID(), try request.parameter("item"))
        return try json(TaskShape(task, books.casebook.dictionary))
    }

    /// A department acts with its own token; central's staff may give its answers by hand.
    private func authorise(_ request: Request, for code: String) async throws(CentralError) {
        if !isStaff(request) { try await departmentDesk.authorise(request.bearer, for: code) }
        try APIContract.central.check(request)
    }

    private struct ResultBody: Decodable {
        struct Seen: Decodable {
            let group: UInt32
            let dots: [String]
        }

        let id: String
        let caseID: String
        let item: String
        let outcome: String
        let date: String
        let number: String?
        let artefact: String?
        let note: String?
        let values: [String: JSONValue]?
        let asOf: [Seen]?
    }

    /// `POST /api/v1/departments/{code}/results`:
    /// `{id, caseID, item, outcome, date, number?, artefact?, note?, values?, asOf?: [{group, dots}]}`
    func takeResult(_ request: Request) async throws(CentralError) -> Response {
        let code = try request.parameter("code")
        try await authorise(request, for: code)
        let result = try result(
            in: try request.decoded(as: ResultBody.self), of: code, by: try request.operatorName)
        let taken = try await departmentDesk.take(result)
        return try json(["change": taken.change.description], status: taken.isRepeated ? 200 : 201)
    }

    private func result(
        in body: ResultBody, of code: String, by user: String
    ) throws(CentralError) -> DepartmentResult {
        guard let caseID = CaseID(body.caseID) else { throw CentralError.refused(.unknownCase) }
        guard let outcome = Outcome(rawValue: body.outcome), CalendarDate(body.date) != nil else {
            throw CentralError.refused(.malformed("The outcome or the date cannot be read."))
        }
        var values: [String: CBOR] = [:]
        for (key, value) in body.values ?? [:] {
            guard let place = books.casebook.dictionary.place(of: key) else {
                throw CentralError.refused(.malformed("A field is not known."))
            }
            do throws(ValueError) { values[key] = try place.field.type.cbor(from: value.json) } catch {
                throw CentralError.refused(.malformedValue(place.group.id))
            }
        }
        var asOf: [GroupID: [Dot]] = [:]
        for seen in body.asOf ?? [] { asOf[GroupID(rawValue: seen.group)] = try Dot.list(seen.dots) }
        return DepartmentResult(
            department: code, id: body.id, caseID: caseID, item: body.item, outcome: outcome, date: body.date,
            number: body.number, artefact: body.artefact, note: body.note, values: values, asOf: asOf,
            user: user)
    }
}
