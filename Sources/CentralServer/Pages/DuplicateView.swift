import Accounts
import Casework
import Pages
import SyncProtocol

/// Two cases side by side, with what speaks for one child and what against, and the ways to say what they are.
struct DuplicateView {
    let comparison: DuplicateDesk.Comparison
    let names: Names
    let viewer: Viewer
    let casebook: Casebook
    let times: TimeWords

    private var dictionary: FieldDictionary { casebook.dictionary }
    private var first: DuplicateDesk.Side { comparison.first }
    private var second: DuplicateDesk.Side { comparison.second }
    private var path: String {
        "/desk/duplicates/\(first.caseID.description)/\(second.caseID.description)"
    }
    private var isOpen: Bool { comparison.pair.map { $0.state == .open } ?? true }

    var html: HTML {
        """
        <div class="title"><h1>\(first.state.title(dictionary))</h1><span class="soft">是不是同一新生儿？</span>\
        <span>\(HTML.state(comparison.pair?.state.chinese ?? "没有相似之处", isOpen ? "wait" : ""))</span>\
        <span class="push"><a class="button" href="/desk/duplicates" data-key="k">返回列表 <kbd>K</kbd></a></span></div>\
        \(reasons)\(isOpen ? merging : table(isTaking: false))\(isOpen ? dismissal : undo)\(history)
        """
    }

    private var reasons: HTML? {
        guard let pair = comparison.pair, !pair.codes.isEmpty else { return nil }
        let rules = DuplicateRules.standard
        let doubts = Set(rules.doubts.map(\.code))
        func lines(_ codes: [String]) -> HTML {
            HTML(codes.map { "<li>\(rules.text(of: $0)) <span class=\"soft small\">\($0)</span></li>" })
        }
        let (against, speaking) = (
            pair.codes.filter { doubts.contains($0) || $0 == DuplicateRules.siblingsCode },
            pair.codes.filter { !doubts.contains($0) && $0 != DuplicateRules.siblingsCode }
        )
        let no: HTML? =
            against.isEmpty ? nil : "<div><h3>须留意</h3><ul class=\"plain\">\(lines(against))</ul></div>"
        return """
            <section class="card"><div class="body halves"><div><h3>为什么疑似（相似度 \(pair.score)）</h3>\
            <ul class="plain">\(lines(speaking))</ul></div>\(no)</div></section>
            """
    }

    private func head(_ side: DuplicateDesk.Side) -> HTML {
        let progress = casebook.progress(of: side.state)
        return """
            <a href="/cases/\(side.caseID)">\(side.hospitals.map(\.name).joined(separator: "、"))</a>\
            <small>\(side.state.text("caseNumber", in: dictionary) ?? "尚无编号")　\(progress.stage.word)</small>
            """
    }

    // MARK: Fields

    private func table(isTaking: Bool) -> HTML {
        let lines = SideBySide(first.state, second.state, dictionary: dictionary).lines
        let (left, right) = (text(first.state), text(second.state))
        var seen: Set<GroupID> = []
        let rows = lines.filter { $0.relation != .equal }.map { line -> HTML in
            let (mine, theirs) = (left(line.field.key) ?? "", right(line.field.key) ?? "")
            let isDisputed = line.relation == .conflict
            let isFirst = seen.insert(line.group.id).inserted
            let tick: HTML? =
                isTaking && isFirst && DuplicateDesk.isTaken(line.group) && !isDisputed
                ? """
                <input type="checkbox" name="take" value="\(line.group.id.rawValue.description)" aria-label="采用被合并一件的\(line.group.label)">
                """ : nil
            return """
                <tr><th scope="row">\(line.field.label)</th><td>\(cell(mine, theirs, isDisputed))</td><td>\(cell(theirs, mine, isDisputed))</td>\
                \(if: isTaking, "<td>\(tick)</td>")</tr>

                """
        }
        let equal = lines.filter { $0.relation == .equal }.map { line -> (String, HTML) in
            (line.field.label, "\(left(line.field.key) ?? "")")
        }
        return """
            <section class="card"><table class="list compare"><thead><tr><th scope="col">不同的内容</th><th scope="col">\(head(first))</th>\
            <th scope="col">\(head(second))</th>\(if: isTaking, "<th scope=\"col\">采用被合并的</th>")</tr></thead><tbody>\(rows)</tbody></table>\
            <details class="body"><summary>相同的内容（\(equal.count) 项）</summary>\(HTML.pairs(equal))</details></section>
            """
    }

    private func cell(_ own: String, _ other: String, _ isDisputed: Bool) -> HTML {
        if own.isEmpty { return isDisputed ? "（有不一致的内容，先核定）" : "<span class=\"soft\">（未填）</span>" }
        return ValueWords.marked(own, beside: [other])
    }

    private func text(_ state: CaseState) -> AnswerText {
        AnswerText(Answers(state: state, dictionary: dictionary), dictionary: dictionary)
    }

    // MARK: Saying what they are

    private var merging: HTML {
        """
        <form method="post" action="\(path)/merge">\(FormToken.field(viewer.formToken))\
        \(HTML.hidden("seen", "\(first.caseID.description) \(first.state.fingerprint.description)"))\
        \(HTML.hidden("seen", "\(second.caseID.description) \(second.state.fingerprint.description)"))\(table(isTaking: true))\
        <section class="card"><header><h2>是同一新生儿：合并</h2></header><div class="body">\
        <fieldset class="options"><legend class="soft small">保留哪一件？另一件随之结束，历史都保留</legend>\(option(first, isFirst: true))\(option(second, isFirst: false))</fieldset>\
        <div class="row">\(HTML.reasonInputs(["与两家医院核实为同一新生儿", "与出生医学记录核对一致", "窗口重复登记"], label: "理由"))<button class="main">合并</button></div></div></section></form>
        """
    }

    private func option(_ side: DuplicateDesk.Side, isFirst: Bool) -> HTML {
        """
        <label class="option"><input type="radio" name="into" value="\(side.caseID)" required data-key="\(isFirst ? "1" : "2")"><span>\
        <b>\(side.hospitals.map(\.name).joined(separator: "、"))</b> <kbd>\(isFirst ? "1" : "2")</kbd>\
        <small>\(side.state.text("caseNumber", in: dictionary) ?? "尚无编号")　母亲 \(side.state.text("motherName", in: dictionary) ?? "")</small></span></label>
        """
    }

    private var dismissal: HTML {
        .card(
            "不是同一新生儿",
            """
            <form method="post" action="\(path)/dismissal" class="row">\(FormToken.field(viewer.formToken))\
            \(HTML.reasonInputs(["双胞胎或多胞胎", "两位不同的新生儿", "与两家医院核实"], label: "理由"))<button>确认不是重复</button></form>
            """)
    }

    private var undo: HTML {
        .card(
            "撤销",
            """
            <form method="post" action="\(path)/undo" class="row">\(FormToken.field(viewer.formToken))\
            \(HTML.input("reason", "撤销的理由"))<button data-key="u">撤销原来的决定 <kbd>U</kbd></button></form>\
            <p class="small soft">撤销后两件恢复到决定之前；其间各自的新内容都保留。</p>
            """)
    }

    // MARK: History

    private var history: HTML {
        let rows = comparison.history.reversed().prefix(60).compactMap { change -> HTML? in
            guard let content = change.content else { return nil }
            let labels = content.writes.keys.sorted().compactMap { dictionary[$0]?.label }.joined(
                separator: "、")
            let side = change.caseID == first.caseID ? first : second
            return """
                <tr><td>\(times(content.time.milliseconds))</td><td>\(side.hospitals.map(\.name).joined(separator: "、"))</td>\
                <td>\(names.author(content.author))</td><td>\(labels)</td><td>\(content.reason ?? "")</td></tr>
                """
        }
        return """
            <details class="card"><summary>两件的办理历史</summary>\(HTML.list(["时间", "办件", "谁", "写了什么", "理由"], rows, ifEmpty: "没有记录。"))</details>
            """
    }
}
