import Casework
import Pages
import SyncProtocol

/// What all pages of a case have around them: its head, and its sections with what lacks in them.
struct CaseChrome {
    let shown: ShownCase
    let place: ShownCase.Place

    /// - Parameter aside: what stands at the right; nil for pages that need the whole width.
    func html(_ main: HTML, aside: HTML? = nil) -> HTML {
        let side: HTML? = aside.map { "<aside class=\"sticky\" aria-label=\"还差什么与事项\">\($0)</aside>" }
        return """
            \(head)\(notes)<div class="\(aside == nil ? "split" : "triple")">\
            <nav class="card sticky" aria-label="办件的各部分" id="parts" data-live>\(parts)</nav>\
            <div class="main">\(main)</div>\(side)</div>
            """
    }

    private var head: HTML {
        let life = shown.life
        let number = shown.answers.text("caseNumber") ?? ""
        let mother: HTML? = shown.answers.text("motherName").map { "母亲 \($0) · " }
        let action: HTML? =
            shown.isOpen && place != .steps
            ? "<a class=\"button main\" href=\"\(shown.path)/steps\" data-key=\"d\">\(nextWord) <kbd>D</kbd></a>"
            : nil
        return """
            <div class="title" id="head" data-live><h1>\(shown.name)</h1>\
            <span class="state" data-state="\(life.stage.mark)">\(shown.word)</span>\
            <span class="soft">\(mother)办件编号 \(number) · \(life.policy?.title ?? "（政策包不明确）")</span>\
            <span class="push"><a class="button" href="\(shown.path)/papers">打印</a>\(action)</span></div>
            """
    }

    private var nextWord: String {
        switch shown.life.stage {
        case .draft: "提交申请"
        case .submitted: "审核决定"
        case .correcting, .refused, .offline, .blocked, .refusedReturning: "再次提交"
        case .delivering: "送达证件"
        default: "办理"
        }
    }

    private var notes: HTML {
        var notes: [HTML] = []
        if let departure = shown.departure {
            notes.append("<p class=\"note\" data-state=\"wait\">\(departure.chinese)</p>")
        }
        if shown.newborns.count > 1 { notes.append(siblings) }
        return "\(notes)<div id=\"others\" data-live aria-live=\"polite\"></div>"
    }

    private var siblings: HTML {
        let links = shown.newborns.enumerated().map { place, id -> HTML in
            let mark: HTML = id == shown.id ? " aria-current=\"page\"" : ""
            return "<a href=\"/cases/\(id.description)\"\(mark)>第 \(place + 1) 个</a> "
        }
        return "<p class=\"note twins\">同一次分娩的新生儿：\(links)<span class=\"soft\">父母等共同信息可一次保存到各件</span></p>"
    }

    private var parts: HTML {
        let unanswered = shown.unanswered
        let disputed = shown.disputed
        let sections = (shown.life.policy?.sections ?? []).enumerated().map { index, section -> HTML in
            let mark: HTML
            if let groups = disputed[index] {
                mark = "<span class=\"count\" data-state=\"bad\">\(groups.count) 处不一致</span>"
            } else if shown.drafts.contains(index) {
                mark = "<span class=\"count\" data-state=\"wait\">未保存</span>"
            } else if let keys = unanswered[index] {
                mark = "<span class=\"count\" data-state=\"wait\">\(keys.count) 项未填</span>"
            } else if shown.hasAnswers(in: section) {
                mark = "<span class=\"done\" title=\"已填齐\">✓<span class=\"hidden\">已填齐</span></span>"
            } else {
                mark = .empty
            }
            return link(.section(index), SectionTitle.short(section.title), "/sections/\(index + 1)", mark)
        }
        let gaps = shown.life.judgement?.gaps.count ?? 0
        let pages: HTML = gaps > 0 ? "<span class=\"count\" data-state=\"wait\">缺 \(gaps) 项</span>" : ""
        let rule: HTML = "</ul><ul class=\"side\">"
        return """
            <ul class="side">\(link(.overview, "办件概况", "", ""))\(rule)\(sections)\(rule)\
            \(link(.materials, "材料", "/materials", pages))\(link(.steps, "审核与办理", "/steps", ""))\
            \(link(.papers, "文书与打印", "/papers", ""))\(link(.history, "办理历史", "/history", ""))</ul>
            """
    }

    private func link(_ target: ShownCase.Place, _ title: String, _ path: String, _ mark: HTML) -> HTML {
        """
        <li><a href="\(shown.path)\(path)"\(if: target == place, " aria-current=\"page\"")><span>\(title)</span>\(mark)</a></li>
        """
    }
}

/// A section's title without its number on the paper.
enum SectionTitle {
    /// `(五)2 监护人信息 — 父亲信息` is 监护人信息 — 父亲信息.
    static func short(_ title: String) -> String {
        guard title.hasPrefix("("), let space = title.firstIndex(of: " ") else { return title }
        return String(title[title.index(after: space)...])
    }
}

/// What stands at the right of a case's pages: what is still lacking, and how its items stand.
struct CaseAside {
    let shown: ShownCase
    /// Of the section on the page, as it is being filled in; nil elsewhere.
    var sheet: (faults: [Fault], unanswered: [Field], index: Int)?
    /// The day on which lateness is judged.
    let wording: TimeWords

    var html: HTML { "\(lacks)\(items)" }

    /// Nothing is lacking any more, and nothing has to be looked at.
    var isEmpty: Bool {
        shown.life.decision != nil && shown.life.stage != .correcting && shown.disputed.isEmpty
    }

    var lacks: HTML {
        var lines: [HTML] = []
        for fault in sheet?.faults ?? [] where !fault.isWarning {
            lines.append(Self.line("bad", "有误", "<a href=\"#\(fault.key)\">\(fault.chinese)</a>"))
        }
        for (_, groups) in shown.disputed.sorted(by: { $0.key < $1.key }) {
            for group in groups {
                lines.append(Self.line("bad", "不一致", link(group.label, group.members[0].key)))
            }
        }
        lines += blanks
        for gap in shown.life.judgement?.gaps ?? [] {
            lines.append(
                Self.line("wait", "缺材料", "<a href=\"\(shown.path)/materials\">\(Self.plain(gap.text))</a>"))
        }
        let isOver = shown.life.decision != nil && shown.life.stage != .correcting
        let title = isOver ? "须留意" : "还差什么"
        let rest: HTML =
            lines.isEmpty
            ? (isOver
                ? ""
                : "<p class=\"body\">\(Self.state("good", "已齐全")) \(shown.life.stage == .submitted ? "" : "可以提交审核。")</p>")
            : "<ul class=\"plain body\">\(lines.prefix(Self.linesMax).map { $0 })\(more(lines.count))</ul>"
        if isOver, lines.isEmpty { return "<div id=\"lacks\" data-live></div>" }
        return
            "<section class=\"card\" id=\"lacks\" data-live><header><h2>\(title)</h2></header>\(rest)</section>"
    }

    private static let linesMax = 14

    private func more(_ count: Int) -> HTML {
        count > Self.linesMax ? "<li class=\"soft\">另有 \(count - Self.linesMax) 项，见办件概况</li>" : ""
    }

    /// Unanswered questions: of the section on the page one by one, of the others in one line each.
    private var blanks: [HTML] {
        var lines: [HTML] = []
        if let sheet {
            lines += sheet.unanswered.map {
                Self.line("wait", "未填", "<a href=\"#\($0.key)\">\($0.label)</a>")
            }
        }
        for (index, keys) in shown.unanswered.sorted(by: { $0.key < $1.key }) where index != sheet?.index {
            let title = shown.life.policy.map { SectionTitle.short($0.sections[index].title) } ?? ""
            let labels = keys.prefix(4).map { shown.dictionary.field($0)?.label ?? $0 }.joined(separator: "、")
            let rest = keys.count > 4 ? "等 \(keys.count) 项" : ""
            lines.append(
                Self.line(
                    "wait", "未填",
                    "<a href=\"\(shown.path)/sections/\(index + 1)\">\(title)</a>：\(labels)\(rest)"))
        }
        return lines
    }

    private func link(_ label: String, _ key: String) -> HTML {
        guard let index = shown.section(asking: key) else { return "\(label)" }
        return "<a href=\"\(shown.path)/sections/\(index + 1)#\(key)\">\(label)</a>"
    }

    /// `请补正：居民身份证（缺：反面）。` says here only what.
    private static func plain(_ sentence: String) -> String {
        var text = sentence
        if text.hasPrefix("请补正：") { text.removeFirst("请补正：".count) }
        if text.hasSuffix("。") { text.removeLast() }
        return text
    }

    static func line(_ state: String, _ word: String, _ text: HTML) -> HTML {
        "<li>\(Self.state(state, word)) \(text)</li>"
    }

    static func state(_ state: String, _ word: String) -> HTML {
        "<span class=\"state\" data-state=\"\(state)\">\(word)</span>"
    }

    var items: HTML {
        let lines = shown.life.items.map { item -> HTML in
            let mark = Self.state(ItemMark.mark(item.status.word), ItemMark.word(item.status.word))
            let isBegun = shown.life.decision != nil
            let reasons = (isBegun ? item.status.reasons : []).map { "<small>\($0)</small>" as HTML }
            let due: HTML? = item.due.map { day in
                let (words, urgency) = wording.due(day)
                return "<small class=\"\(urgency)\">期限 \(words)</small>"
            }
            let answered: HTML? = item.answered.map { "<small>\(wording.day($0))答复</small>" }
            return "<li>\(item.status.item.name) \(mark)\(due)\(answered)\(reasons)</li>"
        }
        guard !lines.isEmpty else { return "<div id=\"items\" data-live></div>" }
        return """
            <section class="card" id="items" data-live><header><h2>事项</h2></header><ul class="plain body items">\(lines)</ul></section>
            """
    }
}
