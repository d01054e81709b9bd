import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// `/overdue`: what is late or soon will be, by department and hospital, and on whom it waits.
extension CentralPages {
    /// Items of one page.
    private static let itemsPerPage = 50

    @Sendable func showOverdue(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let address = Address("/overdue", request.query)
        let within = min(max(address["within"].flatMap { Int($0) } ?? 0, 0), StatisticsDesk.withinMax)
        var question = StatisticsDesk.OverdueQuestion(
            department: address["department"], hospital: address["hospital"], within: within,
            countMax: Self.itemsPerPage)
        if let text = address["after"] { question.after = try OpenItemRecord.Place(reading: text) }
        let overdue = try await api.statisticsDesk.overdue(question)
        let names = try await names()
        let numbers = try await api.caseNumbers(of: overdue)
        let rows = overdue.items.map { overdueRow($0, numbers, names, viewer) }
        let last = overdue.hasMore ? overdue.items.last?.record.place : nil
        let counts = overdue.counts.filter {
            viewer.serves(hospital: $0.hospitalCode)
                && (address["hospital"] == nil || address["hospital"] == $0.hospitalCode)
        }
        let hospitals = names.hospitals.filter { viewer.serves(hospital: $0.code) }
        let filters: HTML = .filters(
            address, without: ["department", "hospital", "within", "after"],
            """
            \(HTML.filter("department", "部门", any: "全部", Array(Set(overdue.counts.map(\.department))).sorted().map { ($0, names.department($0)) }, chosen: address["department"]))\
            \(HTML.filter("hospital", "医院", any: "全部医院", hospitals.map { ($0.code, $0.name) }, chosen: address["hospital"]))\
            \(HTML.select("within", "期限", [("", "只看已超期"), ("1", "含 1 个工作日内到期"), ("3", "含 3 个工作日内到期"), ("5", "含 5 个工作日内到期")], chosen: address["within"] ?? ""))
            """)
        let table = Address("/api/v1/overdue", request.query).with("after", nil).with("format", "csv")
        return Page(
            "超期", under: "/overdue",
            content: """
                <div class="title"><h1>超期</h1><span class="soft">已超期 \(counts.map(\.late).reduce(0, +).grouped) 项\(if: within > 0, "，即将到期 \(counts.map(\.due).reduce(0, +).grouped) 项")</span>\
                <span class="push"><a class="button" href="\(table.text)" download="overdue.csv">下载表格（CSV）</a></span></div>\(filters)\
                <div class="triple page"><div><div class="card">\(HTML.list(["事项", "办件", "医院", "期限", "等待"], rows, ifEmpty: "没有超期的事项。"))</div>\
                \(HTML.more(last.map { address.with("after", $0.text) }))</div>\(matrix(counts, names, address))</div>
                """)
    }

    private func overdueRow(
        _ item: StatisticsDesk.Overdue.Item, _ numbers: [CaseID: String], _ names: Names, _ viewer: Viewer
    ) -> HTML {
        let (record, place) = (item.record, item.record.place)
        let number = numbers[place.caseID] ?? "（无编号）"
        let link: HTML =
            viewer.may(.readCase)
            ? "<a class=\"name\" href=\"/cases/\(place.caseID)\">\(number)</a>" : "\(number)"
        let due = CalendarDate(dayNumber: place.due).map { times.due($0) }
        let days = item.workingDaysLate.map { $0 > 0 ? "超 \($0) 个工作日" : "" } ?? ""
        return """
            <tr><td><b>\(itemName(place.item))</b><small>\(names.department(record.department))</small></td><td>\(link)</td>\
            <td>\(names.hospital(item.hospitalCode))</td><td class="\(due?.urgency ?? "")">\(CalendarDate(dayNumber: place.due).map { times.day($0) } ?? "")<small>\(days)</small></td>\
            <td>\(HTML.state(record.waits.word, record.waits == .department ? "wait" : ""))</td></tr>

            """
    }

    /// An item's name in any of the rules at hand.
    func itemName(_ code: String) -> String {
        if code == OpenItem.delivery { return "结果送达" }
        return api.books.casebook.policies.policies.lazy.compactMap { $0.item(code)?.name }.first ?? code
    }

    /// How much of whom is late.
    private func matrix(_ counts: [StatisticsDesk.Overdue.Count], _ names: Names, _ address: Address) -> HTML
    {
        let departments = Dictionary(grouping: counts, by: \.department).mapValues {
            $0.map(\.late).reduce(0, +)
        }
        let hospitals = Dictionary(grouping: counts, by: \.hospitalCode).mapValues {
            $0.map(\.late).reduce(0, +)
        }
        func lines(_ figures: [String: Int], _ field: String, _ name: (String) -> String) -> [HTML] {
            figures.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(20).map
            { code, count in
                "<tr><td><a href=\"\(address.with(field, code).with("after", nil).text)\">\(name(code))</a></td><td class=\"num\">\(count)</td></tr>"
            }
        }
        return """
            <div>\(HTML.listCard("按部门", .list(["部门", "超期"], lines(departments, "department", names.department), ifEmpty: "没有。")))\
            \(HTML.listCard("按医院", .list(["医院", "超期"], lines(hospitals, "hospital") { names.hospital($0) }, ifEmpty: "没有。")))</div>
            """
    }
}
