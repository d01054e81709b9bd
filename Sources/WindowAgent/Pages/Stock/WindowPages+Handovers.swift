import Accounts
import Casework
import Pages
import Web

/// The handover of the second pages of birth certificates, quarter by quarter.
extension WindowPages {
    /// Lines of a register on a page; the printed one has all.
    static let registerLinesMax = 400
    /// Quarters that can be chosen: this one, the next, and those before.
    static let quartersShown = 6

    func addHandoverPages(to router: inout Router) {
        page(&router, "/handovers", .readStock) { request, viewer in
            let policies = try await api.store.rules().handoverPolicies
            guard let rule = policies.first?.handover?.rule, let quarter = rule.quarter(issued: today) else {
                return Page(
                    "交接登记", under: "/handovers",
                    content: """
                        <div class="title"><h1>交接登记</h1></div>\
                        \(HTML.note("", ["本院适用的办理规定没有出生医学证明副页移交的要求。"]))
                        """)
            }
            return try await showRegister(quarter, request, viewer)
        }
        page(&router, "/handovers/{quarter}", .readStock) { request, viewer in
            try await showRegister(nil, request, viewer)
        }
        other(
            &router, .get, "/handovers/{quarter}/paper", .readStock, recorded: AuditKind.print.rawValue
        ) { request, viewer in
            try await api.handoverPaper(request, clerk: viewer.displayName)
        }
        form(&router, "/handovers/{quarter}", .recordHandover, record)
    }

    private func showRegister(
        _ quarter: HandoverQuarter?, _ request: Request, _ viewer: Viewer
    ) async throws -> Page {
        var request = request
        if let quarter {
            request.parameters["quarter"] = quarter.description
            let policies = try await api.store.rules().handoverPolicies
            if policies.count > 1, request.query["policy"] == nil {
                request.target += "?policy=\(policies[0].id)"
            }
        }
        let (register, policy, rule) = try await api.handover(request)
        let rows = register.rows.prefix(Self.registerLinesMax).map { row -> HTML in
            """
            <tr><td>\(row.number.description)</td><td>\(row.caseNumber ?? "")</td><td>\(row.issued?.inChinese ?? "")</td>\
            <td>\(if: row.isLeftOver, HTML.state("上季度补交", "wait"))</td></tr>
            """
        }
        let address = "/handovers/\(register.quarter)"
        let content: HTML = """
            <div class="title"><h1>交接登记</h1><span class="soft">出生医学证明副页，\(register.quarter.inChinese)，移交\(rule.to)</span>\
            <div class="push"><a class="button" href="\(address)/paper?policy=\(policy.id)" target="_blank">打印登记表</a></div></div>\
            <div class="split"><nav class="card" aria-label="季度"><ul class="side">\(quarters(around: register, policy))</ul></nav>\
            <div>\(standing(register))\(recording(register, policy, viewer))\
            \(HTML.listCard("登记表", aside: "<span class=\"soft\">\(register.rows.count) 份</span>", .list(["证件编号", "办件编号", "签发日期", ""], Array(rows), ifEmpty: "本季度还没有签发的证件。")))\
            \(later(register))</div></div>
            """
        return Page("交接登记", under: "/handovers", content: content)
    }

    private func quarters(around register: HandoverRegister, _ policy: Policy) -> [HTML] {
        guard let now = policy.handover?.rule.quarter(issued: today) else { return [] }
        var quarters = [now]
        while quarters.count < Self.quartersShown, let last = quarters.last {
            let before = (last.year, last.quarter - 1)
            let earlier =
                before.1 > 0
                ? HandoverQuarter(year: before.0, quarter: before.1)
                : HandoverQuarter(year: before.0 - 1, quarter: 4)
            guard let earlier else { break }
            quarters.append(earlier)
        }
        return quarters.map { quarter in
            """
            <li><a href="/handovers/\(quarter.description)?policy=\(policy.id)"\
            \(if: quarter == register.quarter, " aria-current=\"page\"")>\(quarter.inChinese)</a></li>
            """
        }
    }

    private func standing(_ register: HandoverRegister) -> HTML {
        var sentences: [String] = []
        if let day = register.handedOver {
            sentences.append("已于\(day.inChinese)交接。")
        } else {
            let days = register.due.dayNumber - today.dayNumber
            sentences.append(
                days < 0
                    ? "应于\(register.due.inChinese)交接，已过 \(-days) 天，尚未登记。"
                    : "应于\(register.due.inChinese)交接，还有 \(days) 天。")
        }
        if register.leftOverCount > 0 { sentences.append("含以前季度补交 \(register.leftOverCount) 份。") }
        sentences += register.unnumbered.map {
            "办件 \($0.caseNumber ?? $0.caseID.description) 已签发而未填写证件编号，未列入登记表。"
        }
        let isLate = register.handedOver == nil && register.due < today
        return .note(register.handedOver != nil ? "good" : isLate ? "bad" : "", sentences)
    }

    private func recording(_ register: HandoverRegister, _ policy: Policy, _ viewer: Viewer) -> HTML? {
        guard register.handedOver == nil else { return nil }
        guard viewer.may(.recordHandover) else {
            return "<p class=\"soft\">交接后由窗口主管登记。</p>"
        }
        return .card(
            "登记交接",
            """
            <form method="post" action="/handovers/\(register.quarter.description)?policy=\(policy.id)" class="row">\(hidden(viewer))\
            \(HTML.input("date", "交接日期", value: today.description, hint: "年-月-日", longest: 20))\
            <button class="main">登记已交接</button></form><p class="small soft">登记后本季度登记表不再变动。</p>
            """)
    }

    private func later(_ register: HandoverRegister) -> HTML? {
        if register.later.isEmpty { return nil }
        let rows = register.later.prefix(Self.registerLinesMax).map { row -> HTML in
            "<tr><td>\(row.number.description)</td><td>\(row.caseNumber ?? "")</td><td>\(row.issued?.inChinese ?? "")</td></tr>"
        }
        return .listCard("交接后补登记，列入下季度", .list(["证件编号", "办件编号", "签发日期"], Array(rows), ifEmpty: ""))
    }

    @Sendable private func record(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        guard let date = CalendarDate(fields["date"]?.filter { !$0.isWhitespace } ?? "") else {
            throw Web.Problem(status: 422, title: "交接日期有误，未登记", detail: "交接日期须为有效日期，如 2025-09-30。")
        }
        let (register, policy, rule) = try await api.handover(request)
        _ = try await api.store.recordHandover(
            register.quarter, of: policy, by: rule, on: date, try await saving(viewer, fields))
        await api.exchanger.noteSaved()
        return .seeOther("/handovers/\(register.quarter)?policy=\(policy.id)")
    }
}
