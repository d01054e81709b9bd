import Accounts
import Casework
import Pages
import Web

/// The birth certificates of this hospital: which come next, which are used and voided, and what a person has to look at.
extension WindowPages {
    /// Lines of one list of the stock.
    static let stockLinesMax = 200

    func addStockPages(to router: inout Router) {
        page(&router, "/stock", .readStock, showStock)
        form(&router, "/stock/voids", .voidCertificate) { request, fields, viewer in
            let reason = try reason(fields, for: "作废原因")
            _ = try await api.void(
                (fields["number"] ?? "").filter { !$0.isWhitespace }.uppercased(), reason: reason,
                try await saving(viewer, fields))
            return .seeOther("/stock")
        }
    }

    @Sendable private func showStock(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let stock = try await api.store.stock()
        let low = try await api.store.settingSources().merged.lowStockCount
        let voids = try await api.store.rules().record.voids
        let notes: HTML =
            if !stock.isAssigned {
                .note("wait", ["中心尚未向本院发放号段。签发前请与纸质证件逐字核对编号。"])
            } else if stock.isLow(at: low) {
                .note("bad", ["出生医学证明仅剩 \(stock.remainingCount) 份，请及时向中心申领。"])
            } else { .empty }
        let figures: HTML = """
            <div class="figures">\(HTML.figure("\(stock.remainingCount)", "剩余", stock.isLow(at: low) ? "bad" : ""))\
            \(HTML.figure(stock.next?.description ?? "—", "下一份编号"))\(HTML.figure("\(stock.usedCount)", "已签发"))\
            \(HTML.figure("\(stock.voidedCount)", "已作废"))\(HTML.figure("\(stock.assignedCount)", "共领用"))</div>
            """
        let ranges = stock.ranges.map { range -> HTML in
            """
            <tr><td>\(range.first.description)</td><td>\(range.last.description)</td><td class="num">\(range.count)</td>\
            <td>\(range.date?.inChinese ?? "")</td></tr>
            """
        }
        let content: HTML = """
            <div class="title"><h1>证件库存</h1><span class="soft">出生医学证明</span></div>\(notes)\(figures)\(troubles(stock))\
            <div class="halves"><div>\(HTML.listCard("领用号段", .list(["首号", "末号", "份数", "领用日期"], ranges, ifEmpty: "尚未领用。")))</div>\
            <div>\(voidForm(viewer))\(voided(voids))</div></div>
            """
        return Page("证件库存", under: "/stock", content: content)
    }

    /// What must not be: a number twice, a foreign one, a voided one in use.
    private func troubles(_ stock: CertificateStock) -> HTML? {
        let kinds = [
            ("一个编号用于多个办件", stock.usedTwice), ("不在本院号段内", stock.usedOutside),
            ("已作废仍在使用", stock.voidedAndUsed),
        ]
        let rows = kinds.flatMap { kind, troubles in
            troubles.prefix(Self.stockLinesMax).map { trouble -> HTML in
                let cases = trouble.uses.map { use -> HTML in
                    "<a href=\"/cases/\(use.caseID)\">\(use.caseNumber ?? use.caseID.description)</a> "
                }
                return
                    "<tr><td>\(trouble.number.description)</td><td>\(HTML.state(kind, "bad"))</td><td>\(cases)</td></tr>"
            }
        }
        if rows.isEmpty { return nil }
        return .listCard(
            "需要核对的编号", .list(["编号", "问题", "办件"], rows, ifEmpty: ""))
    }

    private func voidForm(_ viewer: Viewer) -> HTML {
        guard viewer.may(.voidCertificate) else {
            return .card("登记作废", "<p class=\"soft\">证件写错、污损或遗失时，由窗口主管登记作废。</p>")
        }
        let reasons = ["打印错误", "污损", "遗失", "空白证件缺陷"].map { ($0, $0) } + [("", "其他（请写明）")]
        return .card(
            "登记作废",
            """
            <form method="post" action="/stock/voids">\(hidden(viewer))\
            \(HTML.input("number", "证件编号", hint: "1 个字母和 9 位数字", longest: 20))\
            \(HTML.select("basis", "原因", reasons))\(HTML.input("reason", "补充说明", isRequired: false, longest: 120))\
            <button class="grave">登记作废</button><p class="small soft">作废不能撤销，请与手中的纸质证件核对编号。</p></form>
            """)
    }

    private func voided(_ voids: [VoidedCertificate]) -> HTML {
        let latest = voids.sorted {
            ($0.date?.description ?? "", $0.number) > ($1.date?.description ?? "", $1.number)
        }
        let rows = latest.prefix(Self.stockLinesMax).map { void -> HTML in
            """
            <tr><td>\(void.number.description)</td><td>\(void.reason)</td><td>\(void.date?.inChinese ?? "")</td></tr>
            """
        }
        return .listCard(
            "已作废", aside: "<span class=\"soft\">\(voids.count) 份</span>",
            .list(["编号", "原因", "日期"], Array(rows), ifEmpty: "没有作废的证件。"))
    }
}
