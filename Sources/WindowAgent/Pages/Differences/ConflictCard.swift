import Casework
import Pages
import SyncProtocol

/// One group of a case in which several values stand: what was there before, each value with its author, what waits, and how a clerk
/// can settle it.
struct ConflictCard: Sendable {
    let caseID: CaseID
    let report: ConflictReport
    let words: ValueWords
    let dictionary: FieldDictionary
    /// The hidden fields of a form; nil where the viewer may settle nothing.
    let hidden: HTML?

    static let bases = ["与证件原件核对一致", "与材料照片核对一致", "电话核实", "以窗口所见原件为准"]

    /// Whether a window's clerk may say which value is right: of what clerks fill in, and departments do not own.
    private var isSettledHere: Bool {
        guard let group = dictionary[report.group], group.isEntered else { return false }
        if case .owner(let owner) = group.rule { return owner == .window }
        return true
    }

    var html: HTML {
        let waiting = report.effects.items.map(\.item.name)
        let aside: HTML? =
            waiting.isEmpty && !report.effects.holdsDecision
            ? nil
            : """
            <span class="push">\(HTML.state(waiting.isEmpty ? "处理前不能作出受理决定" : "\(waiting.joined(separator: "、"))因此等待", "wait"))</span>
            """
        let body: HTML =
            if isSettledHere, let hidden {
                """
                <form method="post" action="/cases/\(caseID)/settlement">\(hidden)\
                \(HTML.hidden("group", "\(report.group.rawValue)"))\(report.dots.map { HTML.hidden("seen", $0.description) })\
                \(values(isChosen: true))\
                <div class="row">\(HTML.select("basis", "核对依据", Self.bases.map { ($0, $0) } + [("", "其他（请写明）")]))\
                \(HTML.input("reason", "补充说明", isRequired: false))</div></form>\
                <p class="small soft">也可以由中心核定。选定后另一内容仍保留在办理历史中，可以撤销。</p>
                """
            } else {
                "\(values(isChosen: false))<p>由中心核定，结果会显示在这里。</p>"
            }
        return .card(
            words.label, id: "conflict-\(report.group.rawValue)",
            aside: "<span class=\"soft\">有 \(report.standing.count) 个不同内容</span>\(aside)", body)
    }

    private func values(isChosen: Bool) -> HTML {
        ConflictValues(report, words).html { index, write in
            guard isChosen else { return nil }
            return """
                <button name="dot" value="\(write.dot.description)" data-key="\(index + 1)">采用这个内容 <kbd>\(index + 1)</kbd></button>
                """
        }
    }
}
