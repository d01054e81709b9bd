import Accounts
import Casework
import Cryptography
import Pages
import SyncProtocol
import Web

/// `/departments`: what departments have to do, and answering it by hand.
extension CentralPages {
    func addDepartments(to router: inout Router) {
        let task = "/departments/{code}/tasks/{id}/{item}"
        page(&router, "/departments", .answerTasks, .nothing, listDepartments)
        page(&router, "/departments/{code}", .answerTasks, .nothing, listTasks)
        page(&router, task, .answerTasks, .nothing, showTask)
        form(&router, task + "/claim", .answerTasks, .nothing, claim)
        form(&router, task + "/result", .answerTasks, .nothing, answerTask)
        gate.other(&router, .get, task + "/attachments/{hash}", .allowed(.answerTasks), confined(.nothing)) {
            request, viewer in
            _ = try department(request, viewer)
            return try await api.taskAttachment(request)
        }
    }

    /// Tasks of one page.
    private static let tasksPerPage = 100
    /// Minutes for which a task is taken by a click.
    private static let claimMinutes: UInt64 = 120

    /// The department in the path, if the viewer answers for it.
    private func department(_ request: Request, _ viewer: Viewer) throws(CentralError) -> String {
        let code = try request.parameter("code")
        guard viewer.answers(for: code) else { throw CentralError.refused(.unknownDepartment) }
        return code
    }

    /// A department with what it has to do.
    struct DepartmentLine: Hashable, Sendable {
        let code: String
        let name: String
        let ready: Int
        let held: Int
        let late: Int
    }

    /// The departments for which a viewer answers.
    func answered(by viewer: Viewer) async throws(CentralError) -> [DepartmentLine] {
        let departments = try await api.departmentDesk.departments().filter { viewer.answers(for: $0.code) }
        let late = Dictionary(
            try await api.statisticsDesk.overdue(StatisticsDesk.OverdueQuestion(countMax: 0)).counts
                .map { ($0.department, $0.late) }, uniquingKeysWith: +)
        return try await api.store.read { transaction throws(CentralError) in
            var lines: [DepartmentLine] = []
            for department in departments {
                let counts = try transaction.openTaskCounts(of: department.code)
                lines.append(
                    DepartmentLine(
                        code: department.code, name: department.name, ready: counts[.ready] ?? 0,
                        held: counts[.held] ?? 0, late: late[department.code] ?? 0))
            }
            return lines
        }
    }

    @Sendable private func listDepartments(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let lines = try await answered(by: viewer)
        let rows = lines.map { line -> HTML in
            """
            <tr><td><a class="name" href="/departments/\(line.code)">\(line.name)</a><small>\(line.code)</small></td>\
            <td class="num"><b>\(line.ready.grouped)</b></td><td class="num \(line.late > 0 ? "late" : "")">\(line.late.grouped)</td>\
            <td class="num">\(line.held.grouped)</td></tr>
            """
        }
        return Page(
            "部门", under: "/departments",
            content: """
                <div class="title"><h1>部门</h1><span class="soft">各部门待办的事项；没有接口的部门在这里人工办理</span></div>\
                <div class="card">\(HTML.list(["部门", "待办理", "其中超期", "暂缓"], rows, ifEmpty: "还没有设置部门。"))</div>
                """)
    }

    // MARK: The tasks of one

    @Sendable private func listTasks(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let code = try department(request, viewer)
        let names = try await names()
        guard names.departments.contains(where: { $0.code == code }) else {
            throw CentralError.refused(.unknownDepartment)
        }
        let address = Address("/departments/\(PercentCoding.encode(code))", request.query)
        let state = address["state"].flatMap(TaskRecord.State.init(rawValue:)) ?? .ready
        let cursor = try address["after"].map { text throws(CentralError) in try TaskCursor(reading: text) }
        let page = try await api.departmentDesk.tasks(
            of: code, after: cursor, in: state, countMax: Self.tasksPerPage)
        let counts = try await answered(by: viewer).first { $0.code == code }
        // What is due first comes first; what is promised for no day comes last.
        let tasks = page.tasks.sorted {
            ($0.due?.dayNumber ?? .max, $0.turn.turn) < ($1.due?.dayNumber ?? .max, $1.turn.turn)
        }
        let rows = tasks.enumerated().map { taskRow($1, code, isFirst: $0 == 0, names.people) }
        let shelves: [(String, String, Int?)] = [
            ("待办理", "ready", counts?.ready), ("暂缓", "held", counts?.held), ("已办结", "done", nil),
            ("未通过", "failed", nil),
            ("已退回", "returned", nil),
        ]
        let side = shelves.map { word, value, count -> HTML in
            let number: HTML? = count.map { "<span class=\"count\">\($0.grouped)</span>" }
            return """
                <li><a href="\(address.with("state", value == "ready" ? nil : value).with("after", nil).text)"\(if: state.rawValue == value, " aria-current=\"page\"")>\(word)\(number)</a></li>
                """
        }
        return Page(
            names.department(code), under: "/departments",
            content: """
                <div class="title"><h1>\(names.department(code))</h1><span class="soft">期限近的在前</span>\
                <span class="push"><span class="soft small keys"><kbd>J</kbd> <kbd>K</kbd> 上下　<kbd>Enter</kbd> 打开</span></span></div>\
                <div class="split"><nav class="card sticky" aria-label="按状态查看"><ul class="side">\(side)</ul></nav>\
                <div><div class="card">\(HTML.list(["事项", "办件", "期限", state == .held ? "为什么暂缓" : "说明", "办理人"], rows, ifEmpty: "这里没有事项。"))</div>\
                \(HTML.more(page.hasMore ? address.with("after", page.cursor.description) : nil))</div></div>
                """)
    }

    private func taskRow(_ task: DepartmentDesk.Task, _ code: String, isFirst: Bool, _ people: People) -> HTML
    {
        let record = task.record
        let target = "/departments/\(code)/tasks/\(record.caseID.description)/\(record.item)"
        let shown = task.task
        let child = shown?.fields.first { $0.field.key == "childName" }?.text
        let mother = shown?.fields.first { $0.field.key == "motherName" }?.text
        let due = task.due.map { times.due($0) }
        let note = record.state == .held ? record.reason : shown?.result?.note ?? ""
        return """
            <tr><td><a class="name" href="\(target)"\(if: isFirst, " autofocus")>\(shown?.status.item.name ?? record.item)</a></td>\
            <td>\([child, mother.map { "母亲 \($0)" }].compactMap(\.self).joined(separator: "　"))<small>\(shown?.caseNumber ?? "")</small></td>\
            <td class="\(due?.urgency ?? "")">\(due?.words ?? "—")</td><td>\(note)</td><td>\(people[task.claim?.holder ?? ""])</td></tr>

            """
    }

    // MARK: One task

    @Sendable private func showTask(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let code = try department(request, viewer)
        let task = try await api.departmentDesk.task(
            of: code, on: try request.caseID(), try request.parameter("item"))
        let view = TaskView(
            task: task, code: code, department: try await names().department(code), viewer: viewer,
            times: times, people: try await people(),
            today: CalendarDate(milliseconds: api.environment.now()),
            resultID: "desk-" + api.environment.randomNumber().hexadecimal, dictionary: dictionary)
        return Page(view.name, under: "/departments", content: view.html)
    }

    private func address(of request: Request) -> String {
        let names = ["code", "id", "item"].map { PercentCoding.encode(request.parameters[$0] ?? "") }
        return "/departments/\(names[0])/tasks/\(names[1])/\(names[2])"
    }

    @Sendable private func claim(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let (code, id) = (try department(request, viewer), try request.caseID())
        let item = try request.parameter("item")
        if fields["do"] == "release" {
            try await api.departmentDesk.release(item, on: id, of: code, by: request.operatorName)
        } else {
            _ = try await api.departmentDesk.claim(
                item, on: id, of: code, by: request.operatorName, minutes: Self.claimMinutes)
        }
        return .seeOther(address(of: request))
    }

    /// A result by hand, under the ID that the page was given: sent twice, it is taken once.
    @Sendable private func answerTask(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let (code, id) = (try department(request, viewer), try request.caseID())
        let item = try request.parameter("item")
        let task = try await api.departmentDesk.task(of: code, on: id, item)
        var faults: [String] = []
        let (outcome, date) = (
            fields["outcome"].flatMap(Outcome.init(rawValue:)), FormValues.day(fields["date"] ?? "")
        )
        if outcome == nil { faults.append("请选择办理结果。") }
        if date == nil { faults.append("办结日期应为 年-月-日。") }
        let note = fields["note"].orNil
        if let outcome, outcome != .done, note == nil { faults.append("退回或未通过须写明原因。") }
        let given = FormValues(fields)
        var answers: [String: JSON] = [:]
        for expected in task.task?.expected ?? [] {
            let json = given.json(of: expected.field)
            if json != .null { answers[expected.field.key] = json }
        }
        let values = api.values(answers, faults: &faults)
        guard let outcome, let date, faults.isEmpty else {
            throw Web.Problem(
                status: 422, title: "办理结果未保存", detail: faults.joined(separator: "\n"), remedy: "请返回上一页改正。")
        }
        let receipt = try await api.departmentDesk.take(
            DepartmentResult(
                department: code, id: fields["resultID"] ?? "", caseID: id, item: item, outcome: outcome,
                date: date,
                number: fields["number"].orNil, artefact: nil, note: note, values: values,
                asOf: try CentralAPI.seen(fields["asOf"] ?? ""), user: request.operatorName))
        if case .kept = receipt { return .seeOther(address(of: request) + "?kept=1") }
        return .seeOther(address(of: request))
    }
}
