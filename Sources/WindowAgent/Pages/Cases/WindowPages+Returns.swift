import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// What departments have sent back: in their words, with the way to hand it in again.
extension WindowPages {
    /// Cases of the list: each is folded, for the department's sentence.
    static let returnsMax = 50

    func addReturns(to router: inout Router) {
        page(&router, "/returned", .readCase, listReturned)
        form(&router, "/cases/{id}/resubmission", .editCase, resubmit)
    }

    @Sendable private func listReturned(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let cases = try await api.store.returnedCases(limit: Self.returnsMax)
        var cards: [HTML] = []
        for line in cases { cards.append(try await returned(line, viewer)) }
        let content: HTML =
            cards.isEmpty ? .card("没有退回的事项", "<p>各部门没有退回要求补正的事项。</p>") : HTML(cards)
        return Page(
            "退回补正", under: "/",
            content: """
                <div class="title"><h1>退回补正</h1><span class="soft">部门退回的事项，按要求更正后再次报送</span>\
                <div class="push"><a class="button" href="/" data-key="escape">返回办件</a></div></div>\(content)
                """)
    }

    private func returned(_ line: ListedCase, _ viewer: Viewer) async throws -> HTML {
        let life = try await api.store.life(of: try await api.store.state(of: line.id))
        let items = life.items.filter { $0.outcome == .returned }.map { item -> HTML in
            let day = item.answered.map { "\($0.inChinese)退回" } ?? "已退回"
            return """
                <div class="returned"><p><b>\(item.status.item.name)</b> <span class="soft">\(item.status.item.department)，\(day)</span></p>\
                <blockquote>\(item.result?.note ?? "（部门没有写明原因，请与部门联系）")</blockquote>\
                \(resubmission(of: item, in: line.id, viewer, life.isClockDoubtful))</div>
                """
        }
        return .card(
            line.summary.childName ?? "（未命名）",
            aside: """
                <span class="soft">\(line.summary.number ?? "")</span><span class="push"><a href="/cases/\(line.id)">打开办件更正</a></span>
                """, "\(items)")
    }

    private func resubmission(
        of item: LifeItem, in id: CaseID, _ viewer: Viewer, _ isDoubtful: Bool
    ) -> HTML? {
        guard viewer.may(.editCase) else { return nil }
        let date: HTML? =
            isDoubtful ? HTML.input("date", "今天的日期（本机时钟有疑）", hint: "年-月-日", longest: 10) : nil
        return """
            <form method="post" action="/cases/\(id)/resubmission" class="row">\(hidden(viewer))\(HTML.hidden("item", item.code))\
            \(HTML.input("reason", "已如何更正", hint: "如：已补传结婚证主页", longest: StepInput.reasonLongest))\(date)\
            <button class="main">再次报送</button></form>
            """
    }

    @Sendable private func resubmit(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try api.caseID(request)
        var input = StepInput()
        input.item = fields["item"]
        input.reasons = [try reason(fields, for: "已如何更正")]
        input.date = fields["date"].flatMap { CalendarDate($0.trimmingBlanks) }
        _ = try await api.store.take(
            StepOrder(.resubmit, input), on: id, try await saving(viewer, fields))
        await api.exchanger.noteSaved()
        return SeeOther.back(request, otherwise: "/returned")
    }
}
