import Accounts
import Casework
import Pages
import SyncProtocol

/// The queue of the merge desk as a page: kinds with their counts at the side, entries in the middle.
struct DeskQueueView {
    let items: [DeskQueue.Item]
    let isFull: Bool
    let address: Address
    let names: Names
    let counts: CentralPages.DeskCounts
    let viewer: Viewer
    let dictionary: FieldDictionary
    let times: TimeWords
    let policies: [(id: String, title: String)]

    var title: HTML {
        """
        <div class="title"><h1>合并台</h1><span class="soft">共 \(counts.total.grouped) 项待处理</span>\
        <span class="push"><span class="soft small keys"><kbd>J</kbd> <kbd>K</kbd> 上下　<kbd>Enter</kbd> 打开　<kbd>X</kbd> 勾选</span>\
        <a class="button" href="/desk/decisions">核定记录</a></span></div>
        """
    }

    var body: HTML {
        """
        <div class="split"><nav class="card sticky" aria-label="按种类查看" id="kinds">\(kinds)\(ages)</nav>\
        <div>\(filters)\(list)</div></div>
        """
    }

    private var kinds: HTML {
        let all: HTML = link("全部", counts.total, address.with("kind", nil), isHere: address["kind"] == nil)
        let each = DeskEntry.Kind.allCases.map { kind -> HTML in
            let target =
                kind == .duplicate ? Address("/desk/duplicates") : address.with("kind", kind.rawValue)
            return link(
                kind.chinese, counts.kinds[kind] ?? 0, target.with("after", nil),
                isHere: address["kind"] == kind.rawValue)
        }
        return "<ul class=\"side\">\(all)\(each)</ul>"
    }

    /// What has waited for long.
    private var ages: HTML {
        let bands: [(String, String?, Int)] = [
            ("不限时间", nil, counts.bands.reduce(0, +)), ("1 天以上", "24", counts.bands[1...].reduce(0, +)),
            ("3 天以上", "72", counts.bands[2...].reduce(0, +)), ("7 天以上", "168", counts.bands[3]),
        ]
        let lines = bands.map { word, hours, count in
            link(
                word, count, address.with("hours", hours).with("after", nil),
                isHere: address["hours"] == hours)
        }
        return "<ul class=\"side\" aria-label=\"按等待时间\">\(lines)</ul>"
    }

    private func link(_ word: String, _ count: Int, _ target: Address, isHere: Bool) -> HTML {
        """
        <li><a href="\(target.with("done", nil).with("settled", nil).with("refused", nil).text)"\(if: isHere, " aria-current=\"page\"")>\(word)\
        <span class="count">\(count.grouped)</span></a></li>
        """
    }

    private var filters: HTML {
        let hospitals = names.hospitals.filter { viewer.serves(hospital: $0.code) }
        let people = counts.assignees.keys.filter { !$0.isEmpty }.sorted()
        let assignees =
            [(viewer.name, "我的"), (CentralPages.nobody, "无人办理")]
            + people.filter { $0 != viewer.name }.map { ($0, names.people[$0]) }
        return .filters(
            address,
            without: ["hospital", "assignee", "policy", "order", "after", "done", "settled", "refused"],
            """
            \(HTML.filter("hospital", "医院", any: viewer.hospitals == nil ? "全部医院" : "第一家", hospitals.map { ($0.code, "\($0.name)（\(counts.hospitals[$0.code] ?? 0)）") }, chosen: address["hospital"]))\
            \(HTML.filter("assignee", "办理人", any: "不限", assignees, chosen: address["assignee"]))\
            \(HTML.filter("policy", "地区", any: "不限", policies.map { ($0.id, $0.title) }, chosen: address["policy"]))\
            \(HTML.filter("order", "次序", any: "等待最久的在前", [("waiting", "影响最多的在前")], chosen: address["order"]))
            """)
    }

    private var list: HTML {
        guard !items.isEmpty else { return .card("没有待处理的内容", "<p>这里的内容都已处理。</p>") }
        let next = isFull ? items.last.map { address.with("after", $0.entry.place) } : nil
        return """
            <form method="post" action="/desk/selection" class="card" id="queue">\(FormToken.field(viewer.formToken))\
            <table class="list"><thead><tr><th scope="col"><span class="hidden">勾选</span></th><th scope="col">办件</th><th scope="col">要核对的内容</th>\
            <th scope="col">医院</th><th scope="col">等待</th><th scope="col">办理人</th></tr></thead>\
            <tbody>\(items.enumerated().map { row($1, isFirst: $0 == 0) })</tbody></table>\(batch)</form>\(HTML.more(next))
            """
    }

    private var batch: HTML {
        let hospitals = names.hospitals.filter {
            viewer.serves(hospital: $0.code) && (counts.hospitals[$0.code] ?? 0) > 0
        }
        .map { ("hospital:\($0.code)", "\($0.name)填写的内容") }
        return """
            <div class="body row bar"><b>勾选的条目</b>\(HTML.select("choice", "批量采用", CentralPages.batchChoices + hospitals))\
            <button name="do" value="preview">预览…</button>\
            <button name="do" value="mine">由我办理</button>\
            <label class="line"><span>交给（账号）</span><input type="text" name="assignee" maxlength="32" autocomplete="off"></label>\
            <button name="do" value="assign">交办</button></div>
            """
    }

    private func row(_ item: DeskQueue.Item, isFirst: Bool) -> HTML {
        let entry = item.entry
        let (heading, detail) = content(item)
        let name =
            [.stray, .unreadable].contains(entry.kind)
            ? names.hospital(item.hospital) : item.state.title(dictionary)
        let tick: HTML? =
            entry.group.map {
                """
                <input type="checkbox" name="case" value="\(DeskPlace(caseID: entry.caseID, group: $0).text)" aria-label="勾选 \(name) \(heading)">
                """
            }
        let wait: HTML? = entry.waitingCount > 0 ? "<small>\(entry.waitingCount) 项因此等待</small>" : nil
        return """
            <tr><td>\(tick)</td><td><a class="name" href="\(target(entry))"\(if: isFirst, " autofocus")>\(name)</a>\
            <small>\(item.state.text("caseNumber", in: dictionary) ?? "")</small></td>\
            <td>\(HTML.state(entry.kind.chinese, mark(entry.kind))) <b>\(heading)</b>\(detail)</td>\
            <td>\(names.hospital(item.hospital))</td><td class="\(urgency(entry))">\(times.since(entry.sinceMilliseconds))\(wait)</td>\
            <td>\(names.people[entry.assignee])</td></tr>

            """
    }

    private func mark(_ kind: DeskEntry.Kind) -> String {
        [.result, .collision, .stray, .unreadable].contains(kind) ? "bad" : "wait"
    }

    private func urgency(_ entry: DeskEntry) -> String {
        let age = times.now - min(times.now, entry.sinceMilliseconds)
        return age >= DeskQueue.bandMilliseconds[2]
            ? "late" : age >= DeskQueue.bandMilliseconds[1] ? "soon" : ""
    }

    private func target(_ entry: DeskEntry) -> String {
        switch entry.kind {
        case .stray, .unreadable: "/desk/strays/\(entry.target?.description ?? "")"
        case .duplicate:
            CaseID(bytes: entry.subject).map {
                let pair = CasePair(entry.caseID, $0)
                return "/desk/duplicates/\(pair.first.description)/\(pair.second.description)"
            } ?? "/desk/duplicates"
        default: "/desk/cases/\(entry.caseID.description)"
        }
    }

    /// What it is about, and the values beside one another.
    private func content(_ item: DeskQueue.Item) -> (heading: String, detail: HTML) {
        switch item.entry.kind {
        case .conflict, .result:
            guard let group = item.entry.group else { return ("", .empty) }
            let words = ValueWords(group, dictionary, times: times) { names.author($0) }
            let standing = Set((item.state.registers[group]?.standing ?? []).map(\.id))
            let history = GroupHistory(of: group, in: item.changes, item.state)
            let values = history.writes.filter { standing.contains($0.id) }.prefix(4).map { write -> HTML in
                let place = names.place(history.origin(of: write).author)
                return "<li>\(words.line(write.value)) <span class=\"soft small\">\(place)</span></li>"
            }
            return (words.label, "<ul class=\"values\">\(values)</ul>")
        case .aside:
            let reasons = item.entry.target.flatMap { item.state.asides[$0]?.reasons } ?? []
            return (
                "",
                "<small>\(reasons.map { AsideReason($0).chinese(dictionary) }.joined(separator: "；"))</small>"
            )
        case .stray, .unreadable:
            return ("", "<small>\(item.stray?.kind.chinese(dictionary) ?? "")</small>")
        case .collision:
            let numbers = item.holders.keys.map(\.number).sorted().joined(separator: "、")
            return (numbers, "<small>其他办件使用了相同编号。</small>")
        case .duplicate: return ("", "<small>与另一办件可能是同一新生儿。</small>")
        }
    }
}
