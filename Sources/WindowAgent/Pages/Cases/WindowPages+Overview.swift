import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// A case at a glance, what was changed in it, and by whom.
extension WindowPages {
    /// `GET /cases/{id}`
    @Sendable func showOverview(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let shown = try await shownCase(request, viewer)
        let wording = times
        let differences: HTML = """
            \(try await conflicts(of: shown.id, for: viewer))\(try await losses(of: shown.id, for: viewer))
            """
        let view = OverviewView(
            shown: shown, lookalikes: shown.isOpen ? try await api.store.lookalikes(of: shown.id) : [],
            differences: differences, wording: wording)
        let aside = CaseAside(shown: shown, wording: wording)
        return Page(
            shown.name, under: "/", script: .form,
            content: CaseChrome(shown: shown, place: .overview).html(
                view.html, aside: aside.isEmpty ? nil : aside.lacks))
    }

    /// `GET /cases/{id}/news?since=N`: who has changed what behind the first N changes; 204 for nothing.
    @Sendable func showNews(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let id = try api.caseID(request)
        let changes = try await api.store.changes(of: id)
        guard let since = request.query["since"].flatMap({ Int($0) }), since >= 0, since < changes.count
        else {
            return .noContent
        }
        let policy = try await api.store.life(of: CaseState(folding: changes)).policy
        return ChangeNews(
            changes: changes[since...].compactMap(\.content), user: viewer.name, policy: policy,
            dictionary: api.dictionary, people: try await people()
        ).html.response()
    }

    /// `GET /cases/{id}/history?before=N`: the changes, the last first.
    @Sendable func showHistory(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let shown = try await shownCase(request, viewer)
        let end = request.query["before"].flatMap { Int($0) } ?? Int.max
        let view = HistoryView(
            history: CaseHistory(shown.changes, dictionary: api.dictionary), end: end, path: shown.path,
            policy: shown.life.policy, dictionary: api.dictionary,
            wording: times, people: shown.people)
        return Page(
            "办理历史 · \(shown.name)", under: "/",
            content: CaseChrome(shown: shown, place: .history).html(view.html))
    }
}

/// What others have changed since a page was made, in a line each.
struct ChangeNews {
    let changes: [ChangeContent]
    /// Who looks at the page.
    let user: String
    let policy: Policy?
    let dictionary: FieldDictionary
    let people: People

    /// Lines that are told.
    static let linesMax = 4

    var html: HTML {
        let lines = changes.suffix(Self.linesMax).map { change -> HTML in
            let isOwn = change.author.role == .window && change.author.user == user
            let name = isOwn ? "您在另一页面" : people.author(change.author, policy)
            return "<p>\(name) 刚刚修改了 \(labels(change))，已显示最新内容；您未保存的填写仍在。</p>"
        }
        return "<div id=\"others\" data-live aria-live=\"polite\"><div class=\"note\">\(lines)</div></div>"
    }

    private func labels(_ change: ChangeContent) -> String {
        let labels = change.writes.keys.sorted().compactMap { dictionary[$0]?.label }
        let first = labels.prefix(3).joined(separator: "、")
        return labels.count > 3 ? "\(first)等 \(labels.count) 处" : labels.isEmpty ? "本件" : first
    }
}

/// The changes of a case as a table.
struct HistoryView {
    let history: CaseHistory
    /// Changes before this one are shown, counted from the first.
    let end: Int
    let path: String
    let policy: Policy?
    let dictionary: FieldDictionary
    let wording: TimeWords
    let people: People

    static let linesPerPage = 60

    var html: HTML {
        let all = history.changes
        let end = min(max(0, end), all.count)
        let start = max(0, end - Self.linesPerPage)
        let rows = all[start..<end].reversed().map(row)
        let earlier: HTML? =
            start > 0
            ? "<p class=\"more\"><a class=\"button\" href=\"\(path)/history?before=\(start)\">更早的变更</a></p>"
            : nil
        return """
            <section class="card"><header><h2>办理历史</h2><span class="push soft small">共 \(all.count) 次变更</span></header>\
            <table class="list"><caption class="hidden">办理历史</caption><thead><tr><th scope="col">时间</th>\
            <th scope="col">人员</th><th scope="col">内容</th></tr></thead><tbody>\(rows)</tbody></table></section>\(earlier)
            """
    }

    private func row(_ change: Change) -> HTML {
        guard let content = change.content else {
            return "<tr><td></td><td></td><td class=\"soft\">由更新版本的程序写入，本机升级后可见</td></tr>"
        }
        let who = people.author(content.author, policy)
        let place = content.author.role == .window ? content.author.unit : ""
        let writes = content.writes.keys.sorted().compactMap { write(change, content, $0) }
        let reason: HTML? = content.reason.map { "<li class=\"soft\">理由：\($0)</li>" }
        let asides: HTML? = content.asides.isEmpty ? nil : "<li class=\"soft\">处理了已搁置的变更</li>"
        return """
            <tr><td class="fixed">\(wording(content.time.milliseconds))\(if: content.isDoubtful, "<small>时钟有疑</small>")</td>\
            <td class="fixed">\(who)<small>\(place)</small></td><td><ul class="writes">\(writes)\(asides)\(reason)</ul></td></tr>
            """
    }

    private func write(_ change: Change, _ content: ChangeContent, _ id: GroupID) -> HTML? {
        guard let group = dictionary[id], let value = content.writes[id]?.value,
            !Self.silent.contains(group.name)
        else { return nil }
        let fate = history.fate(of: change, in: id)
        let mark: HTML? = fate == .shows ? nil : " <span class=\"state\">\(fate.chinese)</span>"
        return "<li>\(words(value, of: group))\(mark)</li>"
    }

    /// Each answer of a group with its label; what people know by another name, by that.
    private func words(_ value: [CBOR], of group: FieldGroup) -> String {
        let answers = Answers(groups: [group.id: .array(value)], in: dictionary)
        if let kind = answers.text("noticeKind").flatMap(PaperKind.init(rawValue:)) {
            return "出具\(kind.name)：\(answers.text("noticeNumber") ?? "")"
        }
        let text = AnswerText(answers, isMasked: true, dictionary: dictionary)
        let words = group.members.compactMap { field in text(field.key).map { "\(field.label)：\($0)" } }
        if group.name == "materials" || group.name == "attachments" { return "\(group.label)（见材料页）" }
        return words.isEmpty ? "\(group.label)：（清空）" : words.joined(separator: "；")
    }

    /// What only the program goes by.
    private static let silent: Set<String> = ["policy", "hospital", "linkedCases", "lossSeen"]
}
