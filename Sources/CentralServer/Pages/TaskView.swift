import Accounts
import Casework
import Pages
import SyncProtocol

/// One task as its department gets it, with the form by which it is answered by hand.
struct TaskView {
    let task: DepartmentDesk.Task
    let code: String
    let department: String
    let viewer: Viewer
    let times: TimeWords
    let people: People
    let today: CalendarDate
    /// Under which the answer of this page is taken, once.
    let resultID: String
    let dictionary: FieldDictionary

    private var record: TaskRecord { task.record }
    private var path: String { "/departments/\(code)/tasks/\(record.caseID.description)/\(record.item)" }

    var name: String { task.task?.status.item.name ?? record.item }

    var html: HTML {
        let due = task.due.map { times.due($0) }
        let limit: HTML? = due.map { "<span class=\"\($0.urgency)\">期限：\($0.words)</span>" }
        return """
            <div class="title"><h1>\(name)</h1><span class="soft">\(department)　办件 \(task.task?.caseNumber ?? "")</span>\(limit)\(state)\
            <span class="push"><a class="button" href="/departments/\(code)" data-key="k">返回列表 <kbd>K</kbd></a></span></div>\
            \(standing)<div class="triple page"><div>\(fields)\(papers)</div><div>\(claim)\(answer)</div></div>
            """
    }

    private var state: HTML {
        .state(ItemMark.word(record.state.rawValue), ItemMark.mark(record.state.rawValue))
    }

    private var standing: HTML? {
        switch record.state {
        case .held: .note("wait", ["暂缓办理：\(record.reason)"])
        case .gone: .note("bad", ["办件已没有这个事项。"])
        default: nil
        }
    }

    private var fields: HTML {
        let lines = (task.task?.fields ?? []).map { shown -> (String, HTML) in
            (shown.field.label, "<b>\(shown.text)</b>")
        }
        return .card(
            "办理所需内容", aside: "<span class=\"soft small\">只显示本部门办理需要的内容</span>",
            lines.isEmpty ? "<p class=\"soft\">没有可显示的内容。</p>" : .pairs(lines))
    }

    private var papers: HTML? {
        let papers = task.task?.papers ?? []
        if papers.isEmpty { return nil }
        let lines = papers.map { paper -> HTML in
            let pages = paper.pages.map { page -> HTML in
                let file = "\(path)/attachments/\(page.hash.hexadecimal)"
                let shown: HTML =
                    page.format.mediaType.hasPrefix("image/")
                    ? "<img src=\"\(file)\" alt=\"\(paper.name) \(page.part)\" loading=\"lazy\">"
                    : "<span class=\"file\">PDF</span>"
                return "<a class=\"thumb\" href=\"\(file)\">\(shown)\(page.part)</a>"
            }
            return
                "<li><b>\(paper.name)</b>　<span class=\"soft\">\(paper.parts.joined(separator: "、"))</span><div class=\"thumbs\">\(pages)</div></li>"
        }
        return .card("材料", "<ul class=\"plain\">\(lines)</ul>")
    }

    // MARK: Answering

    private var claim: HTML? {
        guard record.state == .ready else { return nil }
        let holder = task.claim?.holder
        let words = holder.map { name in
            "\(name == viewer.name ? "由我" : "\(people[name]) ")办理，至 \(times(task.claim?.expires ?? 0))"
        }
        let button: HTML? =
            holder == nil
            ? "<button name=\"do\" value=\"claim\" data-key=\"m\">由我办理 <kbd>M</kbd></button>"
            : holder == viewer.name ? "<button name=\"do\" value=\"release\">退出办理</button>" : nil
        return .card(
            "办理人",
            """
            <form method="post" action="\(path)/claim" class="row">\(FormToken.field(viewer.formToken))\
            <span>\(words ?? "还没有人办理")</span>\(button)</form>
            """)
    }

    private var answer: HTML? {
        if let result = task.task?.result { return .card("办理结果", .pairs(told(result))) }
        guard record.state == .ready else { return nil }
        let outcomes: [(Outcome, String)] = [(.done, "已办结"), (.failed, "不予办理"), (.returned, "退回窗口补正")]
        let radios = outcomes.enumerated().map { index, outcome -> HTML in
            """
            <label class="option"><input type="radio" name="outcome" value="\(outcome.0.rawValue)" required data-key="\((index + 1).description)">\
            <span>\(outcome.1) <kbd>\(index + 1)</kbd></span></label>
            """
        }
        let texts = AnswerText(Answers(groups: [:], in: dictionary), dictionary: dictionary)
        let expected = (task.task?.expected ?? []).map { expected in
            FieldControl(
                expected.field, label: expected.field.label, choices: texts.choices(of: expected.field.key),
                values: FormValues(), isRequired: expected.isRequired
            ).html
        }
        return .card(
            "人工登记结果",
            """
            <form method="post" action="\(path)/result">\(FormToken.field(viewer.formToken))\(HTML.hidden("resultID", resultID))\
            \(HTML.hidden("asOf", DepartmentTask.text(ofSeen: task.task?.asOf ?? [:])))\
            <fieldset class="options"><legend class="soft small">办理结果</legend>\(radios)</fieldset>\
            \(HTML.input("date", "办结日期", value: today.description, longest: 20))\
            \(HTML.input("number", "证件、手册或卡的编号", hint: "没有编号的不填", isRequired: false, longest: 64))\
            <div class="stacked">\(expected)</div>\
            \(HTML.input("note", "说明；退回或不予办理的，写明原因", isRequired: false, longest: 500))\
            <p><button class="main" data-key="ctrl+s">保存结果 <kbd>Ctrl+S</kbd></button></p>\
            <p class="small soft">保存后立即送往窗口，需要更正的由窗口重新提交后再办理。</p></form>
            """)
    }

    private func told(_ result: ItemResult) -> [(String, HTML)] {
        var lines: [(String, HTML)] = [("结果", state)]
        if let date = result.date { lines.append(("日期", "\(date.inChinese)")) }
        if let number = result.number { lines.append(("编号", "<b>\(number)</b>")) }
        if let note = result.note { lines.append(("说明", "\(note)")) }
        return lines
    }
}
