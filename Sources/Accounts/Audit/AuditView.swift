package import Casework
package import Pages
import SyncProtocol
package import Web

/// The audit log on a page, at both servers: a table with its filters.
package struct AuditView: Sendable {
    package static let address = "/audit"
    /// Lines of one page.
    static let linesCount = 100

    let site: any AuditSite
    /// Stands beside the heading.
    let beside: HTML?

    package init(_ site: any AuditSite, beside: HTML? = nil) { (self.site, self.beside) = (site, beside) }

    /// What the form of the filters holds.
    private struct Choice {
        let user, kind, caseID, first, last: String

        init(_ query: [String: String]) {
            (user, kind, caseID) = (query["user"] ?? "", query["kind"] ?? "", query["case"] ?? "")
            (first, last) = (query["first"] ?? "", query["last"] ?? "")
        }

        /// Days begin in China.
        private func begin(of day: String, plus days: Int = 0) -> UInt64? {
            guard let date = CalendarDate(day) else { return nil }
            let epoch = CalendarDate(milliseconds: 0).dayNumber
            return UInt64(max(0, (date.dayNumber + days - epoch) * 86_400_000 - 28_800_000))
        }

        var filter: AuditFilter {
            var filter = AuditFilter()
            filter.user = user.isEmpty ? nil : user
            filter.kind = AuditKind(rawValue: kind)
            (filter.since, filter.until) = (begin(of: first), begin(of: last, plus: 1))
            return filter
        }

        func query(before: UInt64) -> String {
            let fields = [("user", user), ("kind", kind), ("case", caseID), ("first", first), ("last", last)]
            return fields.filter { !$0.1.isEmpty }.map { "\($0.0)=\(PercentCoding.encode($0.1))&" }.joined()
                + "before=\(before)"
        }
    }

    /// `GET /audit?user=&kind=&case=&first=&last=&before=`
    package func show(_ request: Request, people: People) async throws -> Page {
        let query = request.query
        let choice = Choice(query)
        // What waits for a disk that is full is shown when it is written.
        try? await site.flush()
        let page = try await site.lines(
            before: query["before"].flatMap { UInt64($0) }, countMax: Self.linesCount,
            caseID: CaseID(choice.caseID), choice.filter)
        let rows = page.lines.map { Self.row($0, people) }
        let next: HTML? = page.next.map {
            "<p><a class=\"button\" href=\"\(Self.address)?\(choice.query(before: $0))\">更早的记录</a></p>"
        }
        let heads = ["时间", "人员", "行为", "对象", "理由", "结果", "编号"]
        return Page(
            "审计日志", under: Self.address,
            content: """
                <div class="title"><h1>审计日志</h1><span class="soft">谁在何时查看、打印、导出、修改了什么</span>\(beside)</div>\
                \(HTML.card("查找", Self.form(choice)))\
                \(HTML.listCard("记录", HTML.list(heads, rows, ifEmpty: "没有符合条件的记录。")))\(next)
                """)
    }

    private static func form(_ choice: Choice) -> HTML {
        let kinds = [("", "全部")] + AuditKind.allCases.map { ($0.rawValue, $0.chinese) }
        return """
            <form method="get" action="\(address)" class="row">\
            \(HTML.input("user", "用户名", value: choice.user, isRequired: false, longest: 64))\
            \(HTML.select("kind", "行为", kinds.map { (value: $0.0, text: $0.1) }, chosen: choice.kind))\
            \(HTML.input("case", "办件 ID", value: choice.caseID, isRequired: false, longest: 36))\
            \(HTML.input("first", "自（日期）", value: choice.first, hint: "2026-01-31", isRequired: false, longest: 10))\
            \(HTML.input("last", "至（日期）", value: choice.last, hint: "2026-01-31", isRequired: false, longest: 10))\
            <button>查找</button></form>
            """
    }

    private static func row(_ stored: StoredAuditLine, _ people: People) -> HTML {
        guard let line = stored.line else {
            return """
                <tr><td colspan="6">\(HTML.state("这一行无法读取，可能被改动", "bad"))</td><td>\("\(stored.sequence)")</td></tr>
                """
        }
        let moment = Moment(milliseconds: line.milliseconds)
        let words = moment.description.replacing("T", with: " ").prefix(19)
        let account = line.who.isEmpty ? (line.isMachine ? "本机命令" : "未知") : line.who
        let name = people[account]
        let who = [name == account ? account : "\(name)（\(account)）", line.department ?? ""]
        let place = line.isLocal ? "" : "（其他电脑）"
        let cases = line.cases.map {
            "<a href=\"/cases/\($0.description)\">\(String($0.description.prefix(13)))</a> " as HTML
        }
        let others = [line.hospital, line.account, line.object, line.note].compactMap(\.self)
        let more = line.moreCases > 0 ? "等 \(line.cases.count + Int(clamping: line.moreCases)) 件" : ""
        let outcome = line.status.map { HTML.state("未准（\($0)）", "wait") } ?? HTML.state("完成", "")
        return """
            <tr><td>\(String(words))</td><td>\(who.filter { !$0.isEmpty }.joined(separator: " "))\(place)</td>\
            <td>\(line.kind.chinese) <span class="soft small">\(line.route)</span></td>\
            <td>\(cases)\(more) \(others.joined(separator: " "))</td><td>\(line.reason ?? "")</td>\
            <td>\(outcome)</td><td>\("\(stored.sequence)")</td></tr>
            """
    }
}

/// The page that asks why somebody looks at a case that is over, at both servers.
package enum ReasonView {
    /// Reasons that are offered.
    private static let usual = ["群众咨询", "补打文书", "投诉核查", "上级检查", "数据核对"]

    /// - Parameter next: where one goes with the reason.
    package static func page(of caseID: String, next: String, formToken: String, problem: String? = nil)
        -> Page
    {
        let options = usual.map { word -> HTML in
            "<label><input type=\"radio\" name=\"basis\" value=\"\(word)\"> \(word)</label> "
        }
        return Page(
            "查看理由", under: "/",
            content: """
                <div class="entry"><form method="post" action="/cases/\(caseID)/reason" class="card"><div class="body">\
                <h1>办件已结束，请说明查看理由</h1>\(problem.map { HTML.note("bad", [$0]) })\
                <p>查看已结束、已归档或已转出的办件会记入审计日志。理由在 30 分钟内对本件有效。</p>\
                \(FormToken.field(formToken))<input type="hidden" name="next" value="\(next)">\
                <p>\(options)</p>\(HTML.input("reason", "说明", isRequired: false))\
                <p><button class="main">查看</button> <a class="button" href="/">返回</a></p></div></form></div>
                """)
    }
}
