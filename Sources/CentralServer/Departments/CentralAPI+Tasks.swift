import Casework
import Cryptography
import SyncProtocol
import Web

extension CentralAPI {
    /// `GET /api/v1/departments/{code}/tasks?after=CURSOR&state=S&limit=N`: in the order in which they became what they are.
    func listTasks(_ request: Request) async throws(CentralError) -> Response {
        var cursor: TaskCursor?
        if let text = request.query["after"] { cursor = try TaskCursor(reading: text) }
        let state = try request.query["state"].map { word throws(CentralError) in
            guard let state = TaskRecord.State(rawValue: word) else {
                throw CentralError.refused(.malformed("There is no such state of a task."))
            }
            return state
        }
        let page = try await departmentDesk.tasks(
            of: try request.parameter("code"), after: cursor, in: state, countMax: request.limit)
        return try json(TaskPageShape(page))
    }

    /// `GET /api/v1/departments/{code}/tasks/{id}/{item}`: one task.
    func showTask(_ request: Request) async throws(CentralError) -> Response {
        let task = try await departmentDesk.task(
            of: try request.parameter("code"), on: try request.caseID(), try request.parameter("item"))
        return try json(TaskShape(task))
    }

    private struct ClaimBody: Decodable {
        let minutes: UInt64
    }

    /// `POST …/tasks/{id}/{item}/claim`: `{minutes}`, for the operator; answers until when.
    func claimTask(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: ClaimBody.self)
        let until = try await departmentDesk.claim(
            try request.parameter("item"), on: try request.caseID(), of: try request.parameter("code"),
            by: request.operatorName, minutes: body.minutes)
        return try json(["untilMilliseconds": until])
    }

    /// `DELETE …/tasks/{id}/{item}/claim`: by the operator who holds it.
    func releaseTask(_ request: Request) async throws(CentralError) -> Response {
        try await departmentDesk.release(
            try request.parameter("item"), on: try request.caseID(), of: try request.parameter("code"),
            by: request.operatorName)
        return .noContent
    }

    /// `GET …/tasks/{id}/{item}/attachments/{hash}`: a page of a paper that the task shows, and no other.
    func taskAttachment(_ request: Request) async throws(CentralError) -> Response {
        let task = try await departmentDesk.task(
            of: try request.parameter("code"), on: try request.caseID(), try request.parameter("item"))
        guard let attachments,
            let hash = [UInt8](hexadecimal: try request.parameter("hash")).flatMap({ Digest(bytes: $0) }),
            let page = task.task?.papers.flatMap(\.pages).first(where: { $0.hash == hash.bytes })
        else { throw CentralError.refused(.unknownAttachment) }
        return try await resource(hash, in: attachments, type: page.format.mediaType, for: request)
    }
}

/// A page of tasks.
private struct TaskPageShape: Encodable {
    let tasks: [TaskShape]
    let cursor: String
    let hasMore: Bool
    let isReset: Bool

    init(_ page: DepartmentDesk.Page) {
        tasks = page.tasks.map(TaskShape.init)
        (cursor, hasMore, isReset) = (page.cursor.description, page.hasMore, page.isReset)
    }
}

/// A task as its department gets it.
struct TaskShape: Encodable {
    struct Field: Encodable {
        let key: String
        let label: String
        let value: JSON
        let text: String
    }

    struct Paper: Encodable {
        struct Page: Encodable {
            let hash: String
            let part: String
            let mediaType: String
            let byteCount: Int
        }

        let code: String
        let name: String
        let parts: [String]
        let pages: [Page]
    }

    struct Expectation: Encodable {
        let key: String
        let label: String
        let type: String
        let isRequired: Bool
    }

    struct Result: Encodable {
        let id: String?
        let outcome: String
        let date: String?
        let number: String?
        let note: String?
    }

    struct Claim: Encodable {
        let holder: String
        let untilMilliseconds: UInt64
    }

    let department: String
    let caseID: String
    let item: String
    let name: String?
    let state: String
    let reason: String
    let turn: UInt64
    var caseNumber: String?
    var due: String?
    var fields: [Field] = []
    var papers: [Paper] = []
    var expects: [Expectation] = []
    var result: Result?
    var claim: Claim?
    /// To be repeated in the result: `GROUP:DOT,DOT;GROUP:…`.
    var asOf = ""

    init(_ task: DepartmentDesk.Task) {
        let record = task.record
        (department, caseID, item) = (record.department, record.caseID.description, record.item)
        (state, reason, turn) = (record.state.rawValue, record.reason, task.turn.turn)
        name = task.task?.status.item.name
        due = task.due?.description
        claim = task.claim.map { Claim(holder: $0.holder, untilMilliseconds: $0.expires) }
        guard let shown = task.task else { return }
        caseNumber = shown.caseNumber
        fields = shown.fields.map { field in
            // What another version wrote in another shape is told in words only.
            let value = (try? field.field.type.json(from: field.value)) ?? .null
            return Field(key: field.field.key, label: field.field.label, value: value, text: field.text)
        }
        papers = shown.papers.map { paper in
            Paper(
                code: paper.code, name: paper.name, parts: paper.parts,
                pages: paper.pages.map {
                    Paper.Page(
                        hash: $0.hash.hexadecimal, part: $0.part, mediaType: $0.format.mediaType,
                        byteCount: $0.byteCount)
                })
        }
        expects = shown.expected.map {
            Expectation(
                key: $0.field.key, label: $0.field.label, type: $0.field.typeName, isRequired: $0.isRequired)
        }
        result = shown.result.map {
            Result(
                id: $0.id, outcome: $0.outcome.rawValue, date: $0.date?.description, number: $0.number,
                note: $0.note)
        }
        asOf = DepartmentTask.text(ofSeen: shown.asOf)
    }
}

extension DepartmentTask {
    /// What was seen, as a result repeats it: `GROUP:DOT,DOT;GROUP:…`.
    static func text(ofSeen seen: [GroupID: [Dot]]) -> String {
        seen.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }.map { group, dots in
            "\(group.rawValue):\(dots.map(\.description).joined(separator: ","))"
        }.joined(separator: ";")
    }
}
