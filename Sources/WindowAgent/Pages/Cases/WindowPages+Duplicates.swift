import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// Cases that look like the same child: side by side, with the reasons, and the way to say that they are two.
extension WindowPages {
    func addDuplicatePages(to router: inout Router) {
        page(&router, "/cases/{id}/duplicates", .readCase, listDuplicates)
        form(&router, "/cases/{id}/duplicates", .editCase, tellApart)
    }

    @Sendable private func listDuplicates(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let id = try api.caseID(request)
        let state = try await api.store.state(of: id)
        var cards: [HTML] = []
        for found in try await api.store.lookalikes(of: id) {
            let other = try await api.store.state(of: found.caseID)
            cards.append(
                card(found, id, SideBySide(state, other, dictionary: api.dictionary), state, other, viewer))
        }
        let content: HTML =
            cards.isEmpty ? .card("没有疑似重复", "<p>本机没有看上去是同一新生儿的其他办件。</p>") : HTML(cards)
        return Page(
            "疑似重复", under: "/", content: "\(heading(of: id, state, "疑似重复"))\(content)")
    }

    private func card(
        _ found: Lookalike, _ id: CaseID, _ sides: SideBySide, _ state: CaseState, _ other: CaseState,
        _ viewer: Viewer
    ) -> HTML {
        let (mine, theirs) = (text(state), text(other))
        let rows = sides.lines.filter { $0.relation != .equal }.map { line -> HTML in
            let (left, right) = (mine(line.field.key) ?? "", theirs(line.field.key) ?? "")
            let isDisputed = line.relation == .conflict
            return """
                <tr><th scope="row">\(line.field.label)</th><td>\(isDisputed && left.isEmpty ? "（有不同内容）" : ValueWords.marked(left, beside: [right]))</td>\
                <td>\(isDisputed && right.isEmpty ? "（有不同内容）" : ValueWords.marked(right, beside: [left]))</td></tr>
                """
        }
        let same = sides.lines.filter { $0.relation == .equal }.map(\.field.label)
        let (equal, count) = (same.joined(separator: "、"), same.count)
        let reasons = found.likeness.codes.map { "<li>\(DuplicateRules.standard.text(of: $0))</li>" as HTML }
        return .card(
            "可能与办件 \(found.number ?? found.caseID.description) 是同一新生儿",
            aside: "<span class=\"push\">相似度 \(found.likeness.score)</span>",
            """
            <ul>\(reasons)</ul><details class="small"><summary>相同的内容（\(count) 项）</summary><p class="soft">\(equal)</p></details><table class="list"><thead><tr><th scope="col">不同的内容</th>\
            <th scope="col">本件</th><th scope="col"><a href="/cases/\(found.caseID)">办件 \(found.number ?? "")</a></th></tr></thead>\
            <tbody>\(rows)</tbody></table>\(dismissal(of: found, id, viewer))
            """)
    }

    private func text(_ state: CaseState) -> AnswerText {
        AnswerText(
            Answers(state: state, dictionary: api.dictionary), isMasked: true, dictionary: api.dictionary)
    }

    private func dismissal(of found: Lookalike, _ id: CaseID, _ viewer: Viewer) -> HTML? {
        guard viewer.may(.editCase) else { return nil }
        let bases = ["双胞胎或多胞胎", "两位不同的新生儿", "已与母亲当面核实"].map { ($0, $0) } + [("", "其他（请写明）")]
        return """
            <form method="post" action="/cases/\(id)/duplicates" class="row">\(hidden(viewer))\(HTML.hidden("other", found.caseID.description))\
            \(HTML.select("basis", "不是同一新生儿，因为", bases))\(HTML.input("reason", "补充说明", isRequired: false))\
            <button>确认不是重复</button></form><p class="small soft">确是同一新生儿的，请撤回其中一件，或由中心合并；内容都会保留。</p>
            """
    }

    @Sendable private func tellApart(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try api.caseID(request)
        guard let other = fields["other"].flatMap({ CaseID($0) }),
            try await api.store.lookalikes(of: id).contains(where: { $0.caseID == other })
        else { throw Web.Problem(status: 409, title: "这两件已不再疑似重复", detail: "请刷新页面查看。") }
        let reason = try reason(fields, for: "理由")
        _ = try await api.store.tellApart(id, other, try await saving(viewer, fields, reason: reason))
        await api.exchanger.noteSaved()
        return .seeOther("/cases/\(id)/duplicates")
    }
}
