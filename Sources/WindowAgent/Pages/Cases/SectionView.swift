import Casework
import Pages
import SyncProtocol

/// One section of the form as inputs, with what is to be said about them.
struct SectionView {
    let sheet: SectionSheet
    /// Where the form goes; its draft goes to `…/draft`.
    let path: String
    /// Hidden fields that name the session and the save.
    let hidden: HTML
    let formToken: String
    let faults: [Fault]
    let wording: TimeWords
    /// What is shown was typed earlier and not saved.
    var isRestored = false
    /// A save was refused because of ``faults``.
    var isRefused = false
    /// When the draft was kept just now.
    var kept: Moment?
    /// The last change of the case.
    var lastSaved: ChangeContent?
    /// Where the page asks whether somebody else has changed the case; nil before there is one.
    var news: String?
    var people = People()
    /// Siblings are there that share some of the answers.
    var isShared = false
    /// Nothing may be changed here.
    var isFixed = false
    /// What the last button does before there is a case.
    var isNew = false

    var html: HTML {
        """
        <section class="card"><header><h2>\(SectionTitle.short(sheet.section.title))</h2>\(status)</header>\
        <div class="body">\(told)\(isFixed ? form : editable)</div></section>\(discard)
        """
    }

    private var status: HTML {
        let words =
            if let kept, !sheet.touched.isEmpty {
                "已自动保存到本机草稿 \(kept.clockWithSeconds)"
            } else if let lastSaved {
                "最后保存：\(people[lastSaved.author.user]) \(wording(lastSaved.time.milliseconds))"
            } else { "" }
        return "<span class=\"push soft small\" id=\"kept\" data-live role=\"status\">\(words)</span>"
    }

    private var told: HTML {
        if isRefused {
            let wrong = faults.filter { !$0.isWarning }.map {
                "<p><a href=\"#\($0.key)\">\($0.chinese)</a></p>" as HTML
            }
            return """
                <div class="note" data-state="bad" role="alert"><p><b>本节未保存，请先改正以下各项</b>（已填写的内容留在本机草稿中）</p>\(wrong)</div>
                """
        }
        guard isRestored, !isNew else { return .empty }
        return "<p class=\"note\" data-state=\"wait\">已恢复上次未保存的填写。请核对后按“保存本节”，或放弃这些填写。</p>"
    }

    private var form: HTML {
        var form = SectionForm(sheet.section, values: sheet.values, dictionary: sheet.dictionary)
        form.required = sheet.required
        form.isFixed = isFixed
        for fault in faults {
            form.remarks[fault.key, default: []].append(.init(fault.isWarning ? .wait : .bad, fault.chinese))
        }
        for place in sheet.places where conflicts.contains(place.group.id) {
            guard
                !form.conflicts.keys.contains(where: {
                    sheet.dictionary.place(of: $0)?.group.id == place.group.id
                })
            else { continue }
            form.conflicts[place.field.key] =
                ConflictNote(
                    group: place.group, state: sheet.state, policy: sheet.policy,
                    dictionary: sheet.dictionary,
                    wording: wording, people: people
                ).html
        }
        return form.html
    }

    private var conflicts: Set<GroupID> { Set(sheet.state.conflicts(by: sheet.dictionary.mergeRules)) }

    private var editable: HTML {
        let seen = sheet.groups.map { group -> HTML in
            """
            <input type="hidden" id="seen-\(group.id.description)" name="\(SeenDots.name(group.id))" \
            value="\(SeenDots.text(sheet.seen[group.id] ?? []))">
            """
        }
        let news: HTML? = self.news.map { " data-news=\"\($0)\"" }
        return """
            <form method="post" action="\(path)" data-draft="\(path)/draft"\(news) autocomplete="off" novalidate>\
            \(hidden)\(seen)\(form)\(foot)</form>
            """
    }

    private var foot: HTML {
        let shared: HTML =
            isShared
            ? "<label class=\"check\"><input type=\"checkbox\" name=\"alsoLinked\" value=\"1\" checked>共同信息一并保存到同胎新生儿</label>"
            : ""
        let next: HTML =
            isNew ? "" : "<button name=\"then\" value=\"next\">保存并到下一节</button>"
        return """
            <div class="foot"><button class="main" name="then" value="stay" data-key="ctrl+s">\
            \(isNew ? "保存，建立办件" : "保存本节") <kbd>Ctrl S</kbd></button>\(next)\(shared)\
            <span class="soft small push">填写的内容随时保存在本机草稿中，关机也不会丢失</span></div>
            """
    }

    private var discard: HTML {
        guard isRestored || isNew, !isFixed else { return .empty }
        let (action, words) =
            isNew ? ("\(path)/removal", "放弃这份登记") : ("\(path)/draft/removal", "放弃未保存的填写")
        return """
            <form method="post" action="\(action)" class="discard">\(FormToken.field(formToken))\
            <button class="quiet">\(words)</button></form>
            """
    }
}
