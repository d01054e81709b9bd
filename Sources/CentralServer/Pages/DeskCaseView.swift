import Accounts
import Casework
import Pages
import SyncProtocol

/// What waits in one case: each conflict with its values, each change that was set aside with its reason, and what was decided.
struct DeskCaseView {
    let id: CaseID
    let items: [DeskQueue.Item]
    let state: CaseState
    let changes: [Change]
    let names: Names
    let viewer: Viewer
    let casebook: Casebook
    let times: TimeWords

    private var dictionary: FieldDictionary { casebook.dictionary }

    var cards: HTML {
        // Keys choose in the first conflict: one is settled after the other.
        let first = items.first { $0.entry.group != nil }?.entry
        return HTML(
            items.map { item in
                switch item.entry.kind {
                case .conflict, .result: conflict(item, hasKeys: item.entry == first)
                case .aside: aside(item)
                case .collision: collision(item)
                case .duplicate: duplicate(item)
                case .stray, .unreadable: .empty
                }
            })
    }

    private func words(_ group: GroupID) -> ValueWords {
        ValueWords(group, dictionary, times: times) { names.author($0) }
    }

    // MARK: Conflicts

    private func conflict(_ item: DeskQueue.Item, hasKeys: Bool) -> HTML {
        guard let group = item.entry.group else { return .empty }
        let report = ConflictReport(
            group, in: changes, state, policies: casebook.policies, dictionary: dictionary)
        let words = words(group)
        let values = ConflictValues(report, words).html { index, write in
            let key: HTML? = hasKeys ? " data-key=\"\(index + 1)\"" : nil
            let hint: HTML? = hasKeys ? " <kbd>\(index + 1)</kbd>" : nil
            return "<button name=\"dot\" value=\"\(write.dot.description)\"\(key)>采用这个内容\(hint)</button>"
        }
        let waits = waiting(report.effects)
        return .card(
            words.label, id: "conflict-\(group.rawValue)",
            aside: """
                <span class="soft">\(report.standing.count) 个不同内容，\(times.since(item.entry.sinceMilliseconds))前发现</span>\
                <span class="push">\(HTML.state(item.entry.kind.chinese, item.entry.kind == .result ? "bad" : "wait"))</span>
                """,
            """
            \(waits)<form method="post" action="/desk/cases/\(id)/settlement">\(common(group, report))\(values)\
            <div class="row">\(HTML.reasonInputs(CentralPages.reasons))</div></form>\(other(group, report))
            """)
    }

    private func common(_ group: GroupID, _ report: ConflictReport) -> HTML {
        """
        \(FormToken.field(viewer.formToken))\(HTML.hidden("group", "\(group.rawValue)"))\
        \(report.dots.map { HTML.hidden("seen", $0.description) })
        """
    }

    private func waiting(_ effects: ConflictEffects) -> HTML? {
        var sentences = effects.items.map {
            "“\($0.item.name)”（\(names.department($0.item.department))）因此等待。"
        }
        if effects.holdsDecision { sentences.append("处理前窗口不能作出受理决定。") }
        sentences += effects.decisions.map { "“\(dictionary[$0]?.label ?? "")”所依据的内容已有变化，须复核。" }
        return sentences.isEmpty ? nil : .note("wait", [sentences.joined()])
    }

    /// Another value than those that stand.
    private func other(_ group: GroupID, _ report: ConflictReport) -> HTML? {
        guard let known = dictionary[group], known.isEntered else { return nil }
        let json = report.standing.last.map { known.json(of: $0.value) } ?? [:]
        let values = FormValues(json, dictionary: dictionary)
        let answers = AnswerText(Answers(groups: [:], in: dictionary), dictionary: dictionary)
        let inputs = known.members.map { field in
            FieldControl(field, label: field.label, choices: answers.choices(of: field.key), values: values)
                .html
        }
        return """
            <details><summary>都不对，填写其他内容…</summary>\
            <form method="post" action="/desk/cases/\(id)/settlement">\(common(group, report))<div class="fields">\(inputs)</div>\
            <div class="row">\(HTML.reasonInputs(CentralPages.reasons))<button>采用填写的内容</button></div></form></details>
            """
    }

    // MARK: Others

    private func aside(_ item: DeskQueue.Item) -> HTML {
        guard let target = item.entry.target else { return .empty }
        let verdicts = state.asides[target]
        let reasons = (verdicts?.reasons ?? []).map { AsideReason($0) }
        let content = changes.first { $0.id == target }?.content
        let lines = (content?.writes ?? [:]).sorted { $0.key < $1.key }.map {
            group, write -> (String, HTML) in
            (words(group).label, words(group).html(write.value, beside: []))
        }
        var remedies: [AsideReason.Remedy] = []
        for remedy in reasons.flatMap(\.remedies) where !remedies.contains(remedy) { remedies.append(remedy) }
        let author: HTML? = content.map {
            "<p class=\"small soft\">\(names.author($0.author)) \(times($0.time.milliseconds))\(if: $0.isDoubtful, "（时间可疑）")</p>"
        }
        let takeUp: HTML? =
            remedies.contains(.takeUp) && content != nil
            ? "<button name=\"verdict\" value=\"take-up\">恢复采用</button>" : nil
        return .card(
            "搁置的变更", id: "aside-\(String(target.description.prefix(12)))",
            aside: "<span class=\"push\">\(HTML.state("已搁置", "wait"))</span>",
            """
            <p><b>\(reasons.map { $0.chinese(dictionary) }.joined(separator: "；"))</b></p>\(author)\(HTML.pairs(lines))\
            <h3>可以怎么办</h3><ul class="plain">\(remedies.map { "<li>\($0.chinese)</li>" as HTML })</ul>\
            \(verdictForm(target, verdicts?.dots ?? [], takeUp))
            """)
    }

    private func verdictForm(_ target: ContentID, _ seen: [Dot], _ takeUp: HTML?) -> HTML? {
        guard viewer.may(.setAside) else { return nil }
        return """
            <form method="post" action="/desk/cases/\(id)/verdict" class="row">\(FormToken.field(viewer.formToken))\
            \(HTML.hidden("change", target.description))\(seen.map { HTML.hidden("seen", $0.description) })\
            \(HTML.input("reason", "理由"))<button name="verdict" value="set-aside">维持搁置</button>\(takeUp)</form>
            """
    }

    private func collision(_ item: DeskQueue.Item) -> HTML {
        let lines = item.holders.sorted { $0.key.number < $1.key.number }.map { number, cases -> HTML in
            let links = cases.filter { $0 != id }.map { "<a href=\"/cases/\($0)\">另一办件</a> " as HTML }
            return "<li><b>\(number.number)</b>　\(links)</li>"
        }
        return .card(
            "编号重复", aside: "<span class=\"push\">\(HTML.state("编号重复", "bad"))</span>",
            "<ul class=\"plain\">\(lines)</ul><p class=\"soft\">请与医院核对后，由窗口更正其中一件。</p>")
    }

    private func duplicate(_ item: DeskQueue.Item) -> HTML {
        guard let other = CaseID(bytes: item.entry.subject) else { return .empty }
        let pair = CasePair(id, other)
        return .card(
            "疑似重复", aside: "<span class=\"push\">\(HTML.state("疑似重复", "wait"))</span>",
            "<p>与另一办件可能是同一新生儿。<a class=\"button\" href=\"/desk/duplicates/\(pair.first)/\(pair.second)\">并排核对</a></p>"
        )
    }

    // MARK: What was decided

    /// What central settled and can still be taken back.
    var decided: HTML? {
        let settled = state.registers.keys.sorted().compactMap { group -> (GroupID, Decided)? in
            guard dictionary[group]?.name != "deskAssignee" else { return nil }
            return Decided(group, changes, state).map { (group, $0) }
        }
        if settled.isEmpty { return nil }
        let lines = settled.map { group, act -> HTML in
            """
            <form method="post" action="/desk/cases/\(id)/undo" class="row">\(FormToken.field(viewer.formToken))\
            \(HTML.hidden("group", "\(group.rawValue)"))\(HTML.hidden("dot", act.dot.description))\
            <span class="line"><span>\(words(group).label)</span><b>\(act.values.map(words(group).line).joined(separator: " / "))</b>\
            <small class="soft">　\(names.people[act.write.author.user]) \(times(act.write.time.milliseconds))　\(act.write.reason ?? "")</small></span>\
            \(HTML.input("reason", "撤销的理由"))<button>撤销</button></form>
            """
        }
        return .card("已核定，可以撤销", id: "decided", HTML(lines))
    }
}
