import Casework
import SyncProtocol
import Web

extension CentralAPI {
    /// A result as a department sends it.
    private struct ResultBody: Decodable {
        let id: String
        let caseID: String
        let item: String
        let outcome: String
        let date: String
        let number: String?
        let artefact: String?
        let note: String?
        let values: [String: JSONValue]?
        let asOf: String?
    }

    private struct BatchBody: Decodable {
        let results: [ResultBody]
    }

    /// What became of a result: `taken`, `repeated`, `kept` or `refused`.
    private struct ReceiptShape: Encodable {
        let id: String
        let state: String
        var change: String?
        /// Why it was kept or refused.
        var reasons: [String]?

        init(_ id: String, _ receipt: DepartmentDesk.Receipt) {
            self.id = id
            switch receipt {
            case .taken(let id): (state, change) = ("taken", id.description)
            case .repeated(let id): (state, change) = ("repeated", id.description)
            case .kept(let id, let why): (state, change, reasons) = ("kept", id.description, why)
            case .refused(let refusal): (state, reasons) = ("refused", Self.reasons(refusal))
            }
        }

        private static func reasons(_ refusal: Refusal) -> [String] {
            switch refusal {
            case .wrongResult(let reasons): return reasons
            case .unknownTask, .unknownCase: return ["没有这项任务：请核对办件和事项。"]
            case .differentResult: return ["同一结果编号此前已有不同的内容：更正请用新的编号。"]
            case .notOwner: return ["含有不属于本部门填写的字段。"]
            case .unseenDots: return ["asOf 不是任务中所给的内容：请按任务原样填写，或留空。"]
            default:
                let problem = CentralProblem(.refused(refusal))
                return [problem.detail ?? problem.title]
            }
        }
    }

    /// `POST /api/v1/departments/{code}/results`:
    /// `{id, caseID, item, outcome, date, number?, artefact?, note?, values?, asOf?}`.
    /// 201 taken, 200 repeated, 202 kept for a person; what is refused is a problem with its reasons.
    func takeResult(_ request: Request) async throws(CentralError) -> Response {
        let result = try result(
            in: try request.decoded(as: ResultBody.self), of: try request.parameter("code"),
            by: request.operatorName)
        let receipt = try await departmentDesk.take(result)
        let status =
            switch receipt {
            case .taken: 201
            case .kept: 202
            case .repeated, .refused: 200
            }
        return try json(ReceiptShape(result.id, receipt), status: status)
    }

    /// `POST /api/v1/departments/{code}/result-batches`: `{results: […]}`, up to ``DepartmentDesk/batchCountMax``; answers
    /// `{results: [{id, state, change?, reasons?}]}` in the same order.
    func takeResults(_ request: Request) async throws(CentralError) -> Response {
        let (code, user) = (try request.parameter("code"), request.operatorName)
        let bodies = try request.decoded(as: BatchBody.self).results
        guard bodies.count <= DepartmentDesk.batchCountMax else {
            throw CentralError.refused(
                .malformed("A batch has at most \(DepartmentDesk.batchCountMax) results."))
        }
        var shapes = [ReceiptShape?](repeating: nil, count: bodies.count)
        var results: [(place: Int, result: DepartmentResult)] = []
        for (place, body) in bodies.enumerated() {
            do throws(CentralError) {
                results.append((place, try result(in: body, of: code, by: user)))
            } catch {
                guard case .refused(let refusal) = error else { throw error }
                shapes[place] = ReceiptShape(body.id, .refused(refusal))
            }
        }
        let receipts = try await departmentDesk.take(results.map(\.result))
        for ((place, result), receipt) in zip(results, receipts) {
            shapes[place] = ReceiptShape(result.id, receipt)
        }
        return try json(["results": shapes.compactMap { $0 }])
    }

    private func result(
        in body: ResultBody, of code: String, by user: String
    ) throws(CentralError) -> DepartmentResult {
        guard let caseID = CaseID(body.caseID) else { throw CentralError.refused(.unknownTask) }
        var reasons: [String] = []
        let (outcome, date) = (Outcome(rawValue: body.outcome), CalendarDate(body.date))
        if outcome == nil { reasons.append("办理结果（outcome）应为 done、failed 或 returned。") }
        if date == nil { reasons.append("办结日期（date）应为 YYYY-MM-DD。") }
        let values = values(body.values?.mapValues(\.json) ?? [:], faults: &reasons)
        guard let outcome, let date, reasons.isEmpty else {
            throw CentralError.refused(.wrongResult(reasons))
        }
        return DepartmentResult(
            department: code, id: body.id, caseID: caseID, item: body.item, outcome: outcome, date: date,
            number: body.number, artefact: body.artefact, note: body.note, values: values,
            asOf: try Self.seen(body.asOf ?? ""), user: user)
    }

    /// Codes what a department found out itself, each by the type of its field.
    func values(_ given: [String: JSON], faults: inout [String]) -> [String: CBOR] {
        var values: [String: CBOR] = [:]
        for (key, value) in given.sorted(by: { $0.key < $1.key }) {
            guard let field = books.casebook.dictionary.field(key) else {
                faults.append("有本系统不认识的字段。")
                continue
            }
            do throws(ValueError) {
                let coded = try field.type.cbor(from: field.type.typed(value))
                if coded != .null { values[key] = coded }
            } catch {
                faults.append(Fault(key: key, label: field.label, problem: error.problem).chinese)
            }
        }
        return values
    }

    /// Groups that one result names at most.
    private static let groupsMax = 512

    /// Reads `GROUP:DOT,DOT;GROUP:…`.
    static func seen(_ text: String) throws(CentralError) -> [GroupID: [Dot]] {
        var seen: [GroupID: [Dot]] = [:]
        for part in text.split(separator: ";") {
            let sides = part.split(separator: ":").map(String.init)
            guard sides.count == 2, let group = UInt32(sides[0]), seen.count < groupsMax else {
                throw CentralError.refused(.unseenDots)
            }
            seen[GroupID(rawValue: group)] = try Dot.list(sides[1].split(separator: ",").map(String.init))
        }
        return seen
    }
}
