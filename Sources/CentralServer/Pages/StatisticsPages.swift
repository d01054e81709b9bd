import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// `/statistics`: what was done in a period, in figures, plots and tables.
extension CentralPages {
    func addStatistics(to router: inout Router) {
        page(&router, "/overdue", .readStatistics, .query) { request, viewer in
            try await costly(viewer) { try await showOverdue(request, viewer) }
        }
        page(&router, "/statistics", .readStatistics, .query) { request, viewer in
            try await costly(viewer) { try await showStatistics(request, viewer) }
        }
    }

    /// As the API does: few people at a time read so much.
    private func costly(_ viewer: Viewer, _ body: () async throws -> Page) async throws -> Page {
        try await api.restraint.perform(by: Restraint.caller(viewer)) { () async throws(CentralError) in
            do { return Result<Page, any Error>.success(try await body()) } catch { return .failure(error) }
        }.get()
    }

    private func showStatistics(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let today = CalendarDate(milliseconds: api.environment.now())
        let address = Address("/statistics", request.query)
        let from = address["from"].flatMap(FormValues.day) ?? today.adding(days: -89) ?? today
        let to = address["to"].flatMap(FormValues.day) ?? today
        guard from <= to, to.dayNumber - from.dayNumber < CaseStatistics.daysMax else {
            throw Web.Problem(status: 422, title: "起止日期不对", detail: "起始日期不得晚于截止日期，最长十年。")
        }
        let grouping = address["by"].flatMap(CaseStatistics.Grouping.init(rawValue:)) ?? .hospital
        let statistics = try await api.statisticsDesk.statistics(
            StatisticsDesk.Question(period: from...to, grouping: grouping, hospital: address["hospital"]))
        let names = try await names()
        let view = StatisticsView(
            statistics: statistics, names: names, title: { title(of: $0, grouping, names) },
            item: { itemName($0) })
        let hospitals = names.hospitals.filter { viewer.serves(hospital: $0.code) }
        let api = Address("/api/v1/statistics").with("from", from.description).with("to", to.description)
            .with("by", grouping.rawValue).with("hospital", address["hospital"])
        return Page(
            "统计", under: "/statistics",
            content: """
                <div class="title"><h1>统计</h1><span class="soft">\(from.inChinese) 至 \(to.inChinese)</span>\
                <span class="push"><a class="button" href="\(api.with("format", "csv").text)" download="statistics.csv">下载表格（CSV）</a>\
                <a class="button" href="\(api.text)">JSON</a></span></div>\
                <form class="row filter" method="get" action="/statistics">\
                \(HTML.input("from", "从", value: from.description, longest: 20))\(HTML.input("to", "到", value: to.description, longest: 20))\
                \(HTML.select("by", "分组", StatisticsView.groupings, chosen: grouping.rawValue))\
                \(HTML.filter("hospital", "医院", any: "全部医院", hospitals.map { ($0.code, $0.name) }, chosen: address["hospital"]))<button>统计</button></form>\(view.html)
                """)
    }

    private func title(of key: String, _ grouping: CaseStatistics.Grouping, _ names: Names) -> String {
        switch grouping {
        case .hospital: key.isEmpty ? "（不属任何医院）" : names.hospital(key)
        case .department: names.department(key)
        case .policy: policyTitles.first { $0.id == key }?.title ?? (key.isEmpty ? "（未定）" : key)
        case .month: key
        }
    }
}

/// The figures of a period as a page.
struct StatisticsView {
    let statistics: CaseStatistics
    let names: Names
    let title: (String) -> String
    let item: (String) -> String

    static let groupings: [(value: String, text: String)] = [
        ("hospital", "按医院"), ("department", "按部门"), ("policy", "按地区"), ("month", "按月"),
    ]

    private var total: CaseStatistics.Figures { statistics.total }
    private var groups: [(key: String, figures: CaseStatistics.Figures)] {
        statistics.groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    var html: HTML {
        let onTime = total.items.values.reduce(into: (0, 0)) {
            $0 = ($0.0 + $1.onTime, $0.1 + $1.onTime + $1.late + $1.overdue)
        }
        return """
            <div class="figures">\(HTML.figure(total.registered.grouped, "件登记"))\(HTML.figure(total.accepted.grouped, "件受理"))\
            \(HTML.figure(total.closed.grouped, "件办结"))\(HTML.figure(Self.share(onTime.0, of: onTime.1), "按期办结率"))\
            \(HTML.figure(total.ratingCount.grouped, "件好差评"))\(HTML.figure(Self.percent(total.offlineShare), "断网期间保存"))</div>\
            \(byGroup)\(byItem)\(ratings)
            """
    }

    /// Departments handle items; everything else is told by cases.
    private var byGroup: HTML {
        let isOfItems = statistics.grouping == .department
        let bars = groups.map { group in
            (
                title(group.key),
                isOfItems ? group.figures.items.values.map(\.done).reduce(0, +) : group.figures.registered
            )
        }
        let rows = groups.map { group -> HTML in
            let figures = group.figures
            let items = figures.items.values
            let onTime = items.map(\.onTime).reduce(0, +)
            let ended = items.map { $0.onTime + $0.late + $0.overdue }.reduce(0, +)
            let cases: HTML =
                isOfItems
                ? "<td class=\"num\">\(items.map(\.done).reduce(0, +).grouped)</td><td class=\"num\">\(items.map(\.returned).reduce(0, +).grouped)</td><td class=\"num\">\(items.map(\.failed).reduce(0, +).grouped)</td>"
                : "<td class=\"num\">\(figures.registered.grouped)</td><td class=\"num\">\(figures.accepted.grouped)</td><td class=\"num\">\(figures.refused.grouped)</td><td class=\"num\">\(figures.closed.grouped)</td>"
            return """
                <tr><th scope="row">\(title(group.key))</th>\(cases)<td class="num">\(Self.share(onTime, of: ended))</td>\
                \(if: !isOfItems, "<td class=\"num\">\(figures.ratingCount.grouped)</td><td class=\"num\">\(figures.certificatesIssued.grouped)</td>")</tr>

                """
        }
        let heads =
            isOfItems
            ? ["部门", "办结", "退回", "未通过", "按期率"] : ["分组", "登记", "受理", "不予受理", "办结", "按期率", "好差评", "签发证明"]
        return """
            <div class="halves">\(HTML.card(isOfItems ? "办结的事项" : "登记的办件", HTML.bars(bars, unit: isOfItems ? "项" : "件")))\
            \(HTML.listCard("分组数据", .list(heads, rows, ifEmpty: "这一时期没有数据。")))</div>
            """
    }

    private var byItem: HTML {
        let lines = total.items.sorted { $0.key < $1.key }
        let bars = lines.map { key, figures in
            (item(key.item), figures.onTimeRate.map { Int(($0 * 100).rounded()) } ?? 0)
        }
        let rows = lines.map { key, figures -> HTML in
            """
            <tr><th scope="row">\(item(key.item))<small>\(names.department(key.department))</small></th><td class="num">\(figures.done.grouped)</td>\
            <td class="num">\(figures.returned.grouped)</td><td class="num">\(figures.failed.grouped)</td><td class="num">\(Self.percent(figures.onTimeRate))</td>\
            <td class="num">\(figures.overdue.grouped)</td><td class="num">\(figures.workingDays(within: 0.5).map { "\($0) 天" } ?? "—")</td>\
            <td class="num">\(figures.workingDays(within: 0.9).map { "\($0) 天" } ?? "—")</td></tr>

            """
        }
        return """
            <div class="halves">\(HTML.card("各事项按期率", HTML.bars(bars, unit: "%", top: 100)))\
            \(HTML.listCard("事项数据", aside: "<span class=\"soft small\">时长按工作日</span>", .list(["事项", "办结", "退回", "未通过", "按期率", "超期未办", "半数用时", "九成用时"], rows, ifEmpty: "这一时期没有数据。")))</div>
            """
    }

    private static let grades = ["5": "非常满意", "4": "满意", "3": "基本满意", "2": "不满意", "1": "非常不满意"]

    private var ratings: HTML? {
        guard total.ratingCount > 0 else { return nil }
        let bars = total.ratings.sorted { $0.key > $1.key }.map { grade, count in
            (CodeLists.standard.code(grade, in: "evaluation")?.label ?? Self.grades[grade] ?? grade, count)
        }
        return .card(
            "好差评", aside: "<span class=\"soft small\">评价率 \(Self.percent(total.ratingRate))</span>",
            HTML.bars(bars, unit: "件"))
    }

    static func percent(_ share: Double?) -> String { share.map { "\(Int(($0 * 100).rounded()))%" } ?? "—" }

    static func share(_ part: Int, of whole: Int) -> String {
        whole == 0 ? "—" : percent(Double(part) / Double(whole))
    }
}

extension HTML {
    /// Bars, each with its word and number in text: the picture says nothing that the text does not.
    ///
    /// - Parameter top: the length of a full bar; nil for the longest.
    static func bars(_ bars: [(word: String, count: Int)], unit: String, top: Int? = nil) -> HTML {
        if bars.isEmpty { return "<p class=\"soft\">这一时期没有数据。</p>" }
        let full = max(top ?? bars.map(\.count).max() ?? 1, 1)
        let lines = bars.prefix(40).map { bar -> HTML in
            """
            <li><span>\(bar.word)</span><svg class="length" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">\
            <rect width="\(min(100, bar.count * 100 / full))" height="10"/></svg><b>\(bar.count.grouped) \(unit)</b></li>
            """
        }
        return "<ul class=\"bars\">\(lines)</ul>"
    }

    /// A line over time, as high as the highest value.
    ///
    /// - Parameter words: what it shows, for who does not see it.
    static func line(_ values: [Int], _ words: String, isBad: Bool = false) -> HTML {
        guard values.count > 1, let highest = values.max() else {
            return "<span class=\"soft small\">无记录</span>"
        }
        let points = values.enumerated().map { index, value in
            "\(index * 176 / (values.count - 1)),\(23 - value * 21 / max(highest, 1))"
        }.joined(separator: " ")
        return """
            <svg class="lag" viewBox="0 0 176 25" role="img" aria-label="\(words)"><polyline\(if: isBad, " class=\"bad\"") points="\(points)"/></svg>
            """
    }
}
