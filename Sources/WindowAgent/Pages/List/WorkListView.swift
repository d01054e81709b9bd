import Casework
import Pages
import SyncProtocol

/// The work list as a page: shelves with their counts at the side, cases in the middle.
struct WorkListView {
    let query: WorkQuery
    let page: WorkPage
    let typed: String
    /// The name of the search; nil without one.
    let search: String?
    let drafts: [KeptDraft]
    let policies: [Policy]
    let library: PolicyLibrary
    let wording: TimeWords
    let formToken: String
    let people: People
    let mayEdit: Bool

    private var isSearch: Bool { !query.terms.isEmpty }

    var html: HTML {
        """
        <div class="title"><h1>办件</h1>\(searchForm)<span class="push">\(newCase)</span></div>
        <div class="split"><nav class="card sticky" aria-label="按状态查看" id="shelves">\(shelves)</nav>
        <div id="list" aria-live="polite">\(heading)\(draftList)\(table)</div></div>
        """
    }

    private var newCase: HTML {
        mayEdit ? "<a class=\"button main\" href=\"/register\" data-key=\"n\">新登记 <kbd>N</kbd></a>" : ""
    }

    private var searchForm: HTML {
        """
        <form role="search" method="post" action="/search" class="find" data-find>\(FormToken.field(formToken))\
        <input type="hidden" name="search" value="\(search ?? "")" id="search">\
        <input type="search" id="q" name="q" value="\(typed)" maxlength="\(SearchTerms.countMax)" autocomplete="off" \
        aria-label="查找办件" placeholder="姓名、拼音首字母、身份证号、电话、办件编号、证件编号"><button>查找</button></form>
        """
    }

    private var shelves: HTML {
        let groups: [[WorkShelf]] = [
            [.open, .draft, .submitted, .correcting, .running, .delivering],
            [.today, .late, .returned, .conflict],
            [.done, .over, .archived],
        ]
        let parts = groups.map { "<ul class=\"side\">\($0.map(shelf))</ul>" as HTML }
        return "\(parts)\(filters)"
    }

    private func shelf(_ shelf: WorkShelf) -> HTML {
        let count = page.counts[shelf] ?? 0
        let state: HTML =
            switch shelf {
            case .late, .conflict: count > 0 ? " data-state=\"bad\"" : ""
            case .today, .returned, .correcting: count > 0 ? " data-state=\"wait\"" : ""
            default: ""
            }
        let mark: HTML = shelf == query.shelf && !isSearch ? " aria-current=\"page\"" : ""
        return """
            <li><a href="\(address(shelf: shelf))"\(mark)>\(shelf.title)<span class="count"\(state)>\(count.grouped)\
            </span></a></li>
            """
    }

    /// By region, where the hospital has several, and one's own.
    private var filters: HTML {
        let own: HTML = """
            <a href="\(address(shelf: query.shelf, mine: query.worker == nil))"\
            \(if: query.worker != nil, " aria-current=\"true\"")>只看我办的</a>
            """
        let all: HTML =
            "<a href=\"\(address(shelf: query.shelf, policy: .some(nil)))\"\(if: query.policy == nil, " aria-current=\"true\"")>全部地区</a>"
        let regions = policies.map { policy -> HTML in
            """
            <a href="\(address(shelf: query.shelf, policy: policy.id))"\
            \(if: query.policy == policy.id, " aria-current=\"true\"")>\(policy.place)</a>
            """
        }
        return """
            <div class="filters">\(own)\(if: policies.count > 1, "\(all)\(regions)")</div>
            """
    }

    /// - Parameter policy: nil leaves it as it is.
    private func address(
        shelf: WorkShelf, policy: String?? = nil, mine: Bool? = nil, after: WorkPlace? = nil
    ) -> String {
        var parts: [String] = []
        if isSearch, after != nil, let search {
            parts.append("search=\(search)")
        } else if shelf != .open {
            parts.append("shelf=\(shelf.rawValue)")
        }
        if let id = policy ?? query.policy { parts.append("policy=\(id)") }
        if mine ?? (query.worker != nil) { parts.append("mine=1") }
        if let after { parts.append("after=\(after)") }
        return parts.isEmpty ? "/" : "/?" + parts.joined(separator: "&")
    }

    private var heading: HTML {
        let unread: HTML? =
            page.unread > 0 && (isSearch || query.policy != nil || query.worker != nil)
            ? "<p class=\"note\" data-state=\"wait\">正在读入较早的办件，还有 \(page.unread) 件；未找到的请稍后再查。</p>" : nil
        guard isSearch else { return unread ?? .empty }
        return """
            <p class="found">在全部办件中找到 <b>\(page.found.grouped)</b> 件　<a href="/">返回全部在办</a></p>\(unread)
            """
    }

    private var draftList: HTML {
        guard !drafts.isEmpty else { return .empty }
        let lines = drafts.prefix(Self.draftsMax).map { draft -> HTML in
            let kept = SectionDraft(draft.content)
            let form = kept?.form
            let names = ["childName", "motherName"].compactMap { form?[$0] }.filter { !$0.isEmpty }
            let title = names.isEmpty ? "（尚未填写姓名）" : names.joined(separator: "，母亲 ")
            let place = kept?.policy.flatMap { library[$0]?.place } ?? ""
            return """
                <li><a class="name" href="/register/\(draft.id.dropFirst(SectionDraft.newPrefix.count).description)">继续填写：\(title)</a>\
                <span class="soft small">\(place)　\(wording.ago(draft.keptAt))自动保存</span></li>
                """
        }
        let more: HTML? =
            drafts.count > Self.draftsMax
            ? "<li class=\"soft small\">另有 \(drafts.count - Self.draftsMax) 份</li>" : nil
        return """
            <section class="card drafts"><header><h2>未完成的登记</h2><span class="soft small">\(drafts.count) 份，只在本机，尚未成为办件</span>\
            </header><ul class="plain body">\(lines)\(more)</ul></section>
            """
    }

    private static let draftsMax = 8

    private var table: HTML {
        guard !page.lines.isEmpty else {
            let words = isSearch ? "没有找到符合的办件。请核对姓名或号码，号码可只输入后四位。" : "这里没有办件。"
            return "<div class=\"card\"><p class=\"body empty\">\(words)</p></div>"
        }
        let more: HTML? = page.next.map { next in
            let address = self.address(shelf: query.shelf, after: next)
            return "<p class=\"more\"><a class=\"button\" href=\"\(address)\" rel=\"next\">更早的办件</a></p>"
        }
        return """
            <div class="card"><table class="list"><caption class="hidden">\(isSearch ? "查找结果" : query.shelf.title)</caption>\
            <thead><tr><th scope="col">新生儿</th><th scope="col">母亲</th><th scope="col">状态</th><th scope="col">事项</th>\
            <th scope="col">最近期限</th><th scope="col">更新</th></tr></thead>\
            <tbody>\(page.lines.map { WorkRow(line: $0, library: library, wording: wording, people: people).html })</tbody></table></div>\(more)
            """
    }
}

/// One case of the list.
struct WorkRow {
    let line: WorkLine
    let library: PolicyLibrary
    let wording: TimeWords
    let people: People

    private var policy: Policy? { line.summary.policy.flatMap { library[$0] } }
    private var stage: CaseStage { line.summary.stage.flatMap(CaseStage.init(rawValue:)) ?? .draft }

    var html: HTML {
        """
        <tr><td><a class="name" href="/cases/\(line.id.description)">\(line.summary.childName ?? "（未命名）")</a>\(twin)\
        <small>\(born)</small></td><td>\(line.summary.motherName ?? "")<small>\(phone)</small></td>\
        <td>\(state)</td><td>\(steps)</td>\(due)<td class="small soft">\(changed)</td></tr>

        """
    }

    private var twin: HTML? {
        guard let siblings = line.detail.siblings, siblings.count == 2 else { return nil }
        let kind = siblings[0] == 2 ? "双胎" : siblings[0] == 3 ? "三胎" : "多胎"
        return " <span class=\"small soft\">\(kind)之 \(siblings[1])</span>"
    }

    private var born: String {
        let sex = line.detail.sex.flatMap { CodeLists.standard.code($0, in: "sex")?.label }
        let day = line.summary.birthDate.map { String($0.dropFirst(5)) }
        return [sex, day, line.detail.time].compactMap(\.self).joined(separator: " ")
    }

    private var phone: String { line.detail.phone.map { Masking.phone.masked($0) } ?? "" }

    private var state: HTML {
        if line.conflicts > 0 { return "<span class=\"state\" data-state=\"bad\">有不一致</span>" }
        if line.summary.items.values.contains("returned"), stage == .accepted {
            return "<span class=\"state\" data-state=\"wait\">退回补正</span>"
        }
        return "<span class=\"state\" data-state=\"\(stage.mark)\">\(stage.listWord)</span>"
    }

    private var steps: HTML {
        guard let policy else { return .empty }
        let marks = policy.items.compactMap { item -> HTML? in
            guard let state = line.summary.items[item.code] else { return nil }
            return """
                <li data-state="\(ItemMark.mark(state))" title="\(item.name)：\(ItemMark.word(state))">\(ItemMark.sign(item))\
                <span class="hidden">\(ItemMark.word(state))</span></li>
                """
        }
        return "<ul class=\"steps\">\(marks)</ul>"
    }

    private var due: HTML {
        guard let day = line.summary.due.flatMap({ CalendarDate($0) }) else { return "<td></td>" }
        let (words, urgency) = wording.due(day)
        let item = line.detail.dueItem.flatMap { policy?.item($0)?.name } ?? ""
        return "<td class=\"\(urgency)\">\(words)<small>\(item)</small></td>"
    }

    private var changed: String {
        let author = people.author(line.detail.role, line.detail.by, policy)
        return "\(wording.ago(line.changedAt)) \(author)"
    }
}
