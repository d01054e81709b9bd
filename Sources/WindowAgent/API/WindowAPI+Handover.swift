import Casework
import SyncProtocol
import Web

/// The handover of the second pages of certificates. Nothing here tells of a person: numbers of certificates and cases only.
extension WindowAPI {
    private struct RegisterShape: Encodable {
        struct Row: Encodable {
            let number: String
            let caseNumber: String?
            let issued: String?
            let isLeftOver: Bool

            init(_ row: HandoverRegister.Row) {
                (number, caseNumber) = (row.number.description, row.caseNumber)
                (issued, isLeftOver) = (row.issued?.description, row.isLeftOver)
            }
        }

        let quarter: String
        let policy: String
        let firstDay: String
        let due: String
        /// The day on which it was handed over.
        let handedOver: String?
        let from: String
        let to: String
        let count: Int
        let leftOver: Int
        let certificates: [Row]
        /// Found after the handover: they stand in the next register.
        let later: [Row]
        let warnings: [String]

        init(_ register: HandoverRegister, _ policy: Policy, _ rule: HandoverRule, hospitalName: String) {
            (quarter, self.policy) = (register.quarter.description, policy.id)
            (firstDay, due) = (register.days.lowerBound.description, register.due.description)
            handedOver = register.handedOver?.description
            (from, to) = (hospitalName, rule.to)
            (count, leftOver) = (register.rows.count, register.leftOverCount)
            certificates = register.rows.map(Row.init)
            later = register.later.map(Row.init)
            warnings = register.unnumbered.map {
                "办件 \($0.caseNumber ?? $0.caseID.description) 已签发而未填写出生医学证明编号，未列入登记表。"
            }
        }
    }

    /// `GET /api/v1/handovers/{quarter}?policy=ID`: the register of a quarter such as `2025Q3`.
    @Sendable func showHandover(_ request: Request) async throws -> Response {
        let (register, policy, rule) = try await handover(request)
        guard let enrolment = try await store.loadEnrolment() else { throw StoreError.notEnrolled }
        guard register.rows.count <= PaperContent.entriesMax else { throw HandoverRefusal.tooMany }
        return try .json(RegisterShape(register, policy, rule, hospitalName: enrolment.name))
    }

    /// `GET /api/v1/handovers/{quarter}/paper?policy=ID`: the register as a page to print that stands alone. Its day is that of
    /// the handover; before it that on which it is due, or today if that is past.
    @Sendable func printHandover(_ request: Request) async throws -> Response {
        try await handoverPaper(request, clerk: request.user.isEmpty ? nil : request.user)
    }

    /// The register as a page to print, with the clerk who prints it.
    func handoverPaper(_ request: Request, clerk: String?) async throws -> Response {
        let (register, policy, rule) = try await handover(request)
        guard let enrolment = try await store.loadEnrolment() else { throw StoreError.notEnrolled }
        let today = CalendarDate(milliseconds: environment.milliseconds())
        let content = PaperContent(
            hospitalName: enrolment.name, hospitalCode: enrolment.code,
            date: register.handedOver ?? max(register.due, today), clerk: clerk,
            handover: register.content(from: enrolment.name, to: rule.to))
        do throws(PaperError) {
            return .bytes(
                try Paper(policy: policy).html(.handover, content, standsAlone: true),
                type: "text/html; charset=utf-8")
        } catch {
            throw Web.Problem(status: 409, title: "不能出具文书", detail: error.description)
        }
    }

    private struct HandoverOrder: Decodable {
        let date: String
    }

    private struct HandoverAnswer: Encodable {
        let quarter: String
        let date: String?
        let count: Int
        let isChanged: Bool
        let warnings: [String]
    }

    /// `POST /api/v1/handovers/{quarter}?policy=ID`: `{"date": "YYYY-MM-DD"}`. The quarter was handed over on that day, with
    /// everything of its register that was issued by then.
    @Sendable func recordHandover(_ request: Request) async throws -> Response {
        let order = try decode(HandoverOrder.self, request)
        guard let date = CalendarDate(order.date) else {
            throw Web.Problem(
                status: 422, title: "交接日期有误，未登记", detail: "交接日期须为有效日期，如 2025-09-30。",
                remedy: "Give the day: --date YYYY-MM-DD")
        }
        let (before, policy, rule) = try await handover(request)
        let saved = try await store.recordHandover(
            before.quarter, of: policy, by: rule, on: date, try await saving(request))
        await exchanger.noteSaved()
        let (register, _, _) = try await handover(request)
        let isChanged = saved.cases.contains(where: \.isChanged)
        let day = register.handedOver
        let warnings = !isChanged && day != date ? ["该季度已于\(day?.inChinese ?? "")登记交接，未再登记。"] : []
        return try .json(
            HandoverAnswer(
                quarter: register.quarter.description, date: day?.description, count: register.rows.count,
                isChanged: isChanged, warnings: warnings))
    }

    /// The register that a request names, and the policy by whose rule it is made.
    func handover(
        _ request: Request
    ) async throws -> (register: HandoverRegister, policy: Policy, rule: HandoverRule) {
        guard let quarter = HandoverQuarter(request.parameters["quarter"] ?? "") else {
            throw Web.Problem(
                status: 422, title: "季度有误", detail: "季度须写作年份和季度，如 2025Q3。",
                remedy: "Name a quarter such as 2025Q3.")
        }
        let policy = try await handoverPolicy(request.query["policy"])
        guard let rule = policy.handover?.rule,
            let register = try await store.handoverRegister(quarter, of: policy)
        else {
            throw Web.Problem(
                status: 409, title: "没有副页移交", detail: "\(policy.place)的办理规定没有出生医学证明副页移交的要求。")
        }
        return (register, policy, rule)
    }

    /// The policy that is named, else the only one of the hospital that has a handover.
    private func handoverPolicy(_ id: String?) async throws -> Policy {
        if let id { return try await policy(named: id) }
        let policies = try await store.rules().handoverPolicies
        guard let policy = policies.first else {
            throw Web.Problem(status: 409, title: "没有副页移交", detail: "本院适用的办理规定没有出生医学证明副页移交的要求。")
        }
        guard policies.count == 1 else {
            throw Web.Problem(
                status: 422, title: "请说明按哪一地区的规定移交",
                detail: policies.map { "\($0.place)（\($0.id)）" }.joined(separator: "、"),
                remedy: "Name one: --policy ID")
        }
        return policy
    }
}
