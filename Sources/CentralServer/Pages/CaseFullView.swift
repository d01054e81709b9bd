import Accounts
import Casework
import Pages
import SyncProtocol

/// A case as central has it: what stands in each section with its author, materials, items and their results, and its history.
struct CaseFullView {
    let view: CaseDesk.View
    let changes: [Change]
    let life: CaseLife
    /// Entries that wait at the merge desk.
    let waiting: Int
    let names: Names
    let viewer: Viewer
    let casebook: Casebook
    let times: TimeWords

    /// Changes of the history that are shown, the latest.
    private static let historyMax = 60

    private var state: CaseState { view.state }
    private var dictionary: FieldDictionary { casebook.dictionary }
    private var id: CaseID { view.caseID }
    private var text: AnswerText {
        AnswerText(Answers(state: state, dictionary: dictionary), isMasked: true, dictionary: dictionary)
    }

    var html: HTML {
        let desk: HTML? =
            waiting > 0 ? "<a class=\"button main\" href=\"/desk/cases/\(id)\">核定 \(waiting) 项</a>" : nil
        return """
            <div class="title"><h1>\(state.title(dictionary))</h1><span class="soft">\(state.text("caseNumber", in: dictionary) ?? "尚无编号")</span>\
            \(HTML.state(life.word, life.stage.mark))<span class="push">\(desk)</span></div>\(merged)\
            <div class="triple page"><div>\(sections)\(materials)\(history)</div><div>\(summary)\(items)\(move)</div></div>
            """
    }

    private var merged: HTML? {
        guard let merger = CaseMerger(state, dictionary: dictionary) else { return nil }
        return
            "<div class=\"note\" data-state=\"wait\"><p>\(merger.chinese)　<a href=\"/cases/\(merger.target)\">查看合并后的办件</a></p></div>"
    }

    private var summary: HTML {
        let policy = life.policy?.title ?? "（未定）"
        let assignee = state.text("deskAssignee", in: dictionary).map { [("核定人", "\($0)" as HTML)] } ?? []
        return .card(
            "概要",
            .pairs(
                [
                    ("医院", "\(view.hospitals.map(\.name).joined(separator: "、"))"), ("规则", "\(policy)"),
                    ("母亲", "\(text("motherName") ?? "")"), ("出生", "\(text("birthDate") ?? "")"),
                    ("变更", "\(state.count) 次"),
                ] + assignee))
    }

    private var items: HTML {
        let today = CalendarDate(milliseconds: times.now)
        let lines = life.items.map { item -> HTML in
            let word = state(of: item.status.state)
            let due: HTML? = item.due.map { day in
                let (words, urgency) = times.due(day)
                return "<small class=\"\(urgency)\">期限 \(words)</small>"
            }
            let answered: HTML? = item.answered.map {
                "<small>\(times.day($0))答复　\(item.number ?? "")</small>"
            }
            let reasons: HTML? =
                item.status.reasons.isEmpty || item.outcome != nil
                ? nil : "<small>\(item.status.reasons.joined(separator: " "))</small>"
            return """
                <li>\(item.status.item.name)<span class="soft small">\(names.department(item.status.item.department))</span>\
                \(HTML.state(ItemMark.word(word), item.isLate(on: today) ? "bad" : ItemMark.mark(word)))\(due)\(answered)\(reasons)</li>
                """
        }
        return .card(
            "事项", lines.isEmpty ? "<p class=\"soft\">还没有事项。</p>" : "<ul class=\"plain items\">\(lines)</ul>")
    }

    private func state(of state: ItemStatus.State) -> String {
        switch state {
        case .waiting: "waiting"
        case .held: "held"
        case .ready: "ready"
        case .answered(let outcome): outcome.rawValue
        }
    }

    // MARK: What stands

    private var sections: HTML {
        let conflicts = Set(state.conflicts(by: dictionary.mergeRules))
        let sections = life.policy?.sections ?? []
        var told: Set<GroupID> = []
        let cards = sections.compactMap { section -> HTML? in
            let groups = section.fields.flatMap(\.keys).compactMap { dictionary.place(of: $0)?.group }
                .filter { told.insert($0.id).inserted }
            return table(section.title, groups, conflicts)
        }
        let rest = state.registers.keys.sorted().compactMap { dictionary[$0] }.filter {
            $0.isEntered && told.insert($0.id).inserted
        }
        return HTML(cards + [table("其他内容", rest, conflicts)].compactMap(\.self))
    }

    private func table(_ title: String, _ groups: [FieldGroup], _ conflicts: Set<GroupID>) -> HTML? {
        let rows = groups.compactMap { group -> HTML? in
            let standing = state.registers[group.id]?.standing ?? []
            guard let last = standing.last else { return nil }
            let words = ValueWords(group.id, dictionary, times: times) { names.author($0) }
            let value: HTML
            if conflicts.contains(group.id) {
                let values = standing.map { "<div>\(words.line($0.value))</div>" as HTML }
                value = "\(HTML.state("不一致", "bad"))\(values)"
            } else {
                let lines = group.members.compactMap { member -> HTML? in
                    text(member.key).map { answer in
                        let label: HTML? =
                            group.members.count > 1
                            ? "<span class=\"soft small\">\(member.label)</span> " : nil
                        return "<div>\(label)\(answer)</div>"
                    }
                }
                if lines.isEmpty { return nil }
                value = HTML(lines)
            }
            return """
                <tr><th scope="row">\(words.label)</th><td>\(value)</td><td class="small soft">\(names.author(last.author))<br>\(times(last.time.milliseconds))</td></tr>

                """
        }
        if rows.isEmpty { return nil }
        return """
            <details class="card" open><summary>\(title)</summary><table class="list fields-of"><tbody>\(rows)</tbody></table></details>
            """
    }

    private var materials: HTML? {
        let pages = CasePage.all(of: Answers(state: state, dictionary: dictionary))
        if pages.isEmpty { return nil }
        let thumbs = pages.map { page -> HTML in
            let file: HTML = "/cases/\(id)/attachments/\(page.hash.hexadecimal)"
            let name = life.policy?.materials.first { $0.code == page.material }?.name ?? page.material
            let shown: HTML =
                page.format.mediaType.hasPrefix("image/")
                ? "<img src=\"\(file)\" alt=\"\(name) \(page.part)\" loading=\"lazy\">"
                : "<span class=\"file\">PDF</span>"
            return "<a class=\"thumb\" href=\"\(file)\">\(shown)\(name)</a>"
        }
        return .card("材料照片", "<div class=\"thumbs\">\(thumbs)</div>")
    }

    private var history: HTML {
        let history = CaseHistory(changes, dictionary: dictionary)
        let rows = history.changes.suffix(Self.historyMax).reversed().compactMap { change -> HTML? in
            guard let content = change.content else { return nil }
            let writes = content.writes.keys.sorted().compactMap { group -> HTML? in
                guard let value = content.writes[group]?.value, dictionary[group] != nil else { return nil }
                let words = ValueWords(group, dictionary, times: times) { names.author($0) }
                let fate = history.fate(of: change, in: group)
                return
                    "<li>\(words.label)：\(words.line(value))\(if: fate != .shows, " <span class=\"soft small\">\(fate.chinese)</span>")</li>"
            }
            let reason: HTML? = content.reason.map { "<li class=\"soft\">理由：\($0)</li>" }
            return """
                <tr><td class="fixed">\(times(content.time.milliseconds))\(if: content.isDoubtful, "<small>时间可疑</small>")</td>\
                <td>\(names.author(content.author))</td><td><ul class="writes">\(writes)\(reason)</ul></td></tr>

                """
        }
        let more = changes.count > Self.historyMax ? "，显示最近 \(Self.historyMax) 次" : ""
        return """
            <details class="card"><summary>办理历史（共 \(changes.count) 次变更\(more)）</summary>\(HTML.list(["时间", "谁", "内容"], rows, ifEmpty: "没有记录。"))</details>
            """
    }

    private var move: HTML? {
        guard viewer.may(.moveCase) else { return nil }
        let own = Set(view.hospitals.map(\.code))
        let others = names.hospitals.filter { !own.contains($0.code) && viewer.serves(hospital: $0.code) }
        guard !others.isEmpty else { return nil }
        return """
            <details class="card"><summary>移交其他医院…</summary><form class="body" method="post" action="/cases/\(id)/move">\
            \(FormToken.field(viewer.formToken))\(HTML.select("hospital", "移交给", others.map { ($0.code, $0.name) }))\
            \(HTML.input("reason", "理由"))<button>移交</button><p class="small soft">全部内容和历史移到新医院，原医院不再显示。</p></form></details>
            """
    }
}
