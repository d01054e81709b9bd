import Casework
import Pages

/// What a file would change, and the button that publishes it.
struct PublicationView {
    let file: Publishable
    /// The file as the form carries it.
    let carried: String
    /// `all`, or a hospital's code.
    let to: String
    let place: String
    let library: PolicyLibrary
    /// The years that are published there.
    let known: [CalendarYear]
    let hidden: HTML

    var title: String {
        switch file {
        case .policy(let policy, _): "\(policy.title) 第 \(policy.version) 版"
        case .calendar(let calendar): "\(calendar.year) 年节假日安排"
        }
    }

    var html: HTML {
        """
        <div class="title"><h1>检查：\(title)</h1><span class="soft">发布给 \(place)</span>\
        <span class="push"><a class="button" href="/rules">不发布，返回</a></span></div>\(verdict)\(changes)\(button)
        """
    }

    /// The version that it would stand beside or replace.
    private var present: Policy? {
        guard case .policy(let policy, _) = file else { return nil }
        return library[policy.id]
    }

    /// Why it cannot be published; nil if it can.
    private var obstacle: String? {
        guard case .policy(let policy, let published) = file,
            let same = library[policy.id, version: policy.version], library.file(of: same) != published.file
        else { return nil }
        return "第 \(policy.version) 版已经发布，内容与这个文件不同。已发布的版本不能改动：请在文件中提高版本号（version），再检查一次。"
    }

    private var verdict: HTML {
        if let obstacle { return .note("bad", [obstacle]) }
        switch file {
        case .policy(let policy, _):
            guard let present else { return .note("good", ["新的办理规则：\(policy.place)，此前没有。"]) }
            if policy.version < present.version {
                return .note("wait", ["现行的是第 \(present.version) 版，比这一版新；这一版发布后不会成为现行版本。"])
            }
            return .note(
                "good",
                ["将取代现行的第 \(present.version) 版。新受理的办件按新版办理；已受理的办件仍按受理时的版本。"])
        case .calendar(let calendar):
            return .note(
                "good",
                [
                    "\(calendar.year) 年：放假 \(calendar.holidays.count) 天，调休上班 \(calendar.workdays.count) 天。期限按新的安排重新计算。"
                ])
        }
    }

    private var changes: HTML {
        let lines: [PolicyDifference.Line]
        var note: HTML?
        switch file {
        case .policy(_, let published):
            // Both were read as JSON before.
            let difference = try? PolicyDifference(
                from: present.map { library.file(of: $0) } ?? [], to: published.file)
            lines = difference?.lines ?? []
            if difference?.isCut ?? false {
                note = "<p class=\"body soft\">不同之处超过 \(PolicyDifference.linesMax) 处，其余未列出。</p>"
            }
        case .calendar(let calendar): lines = days(of: calendar)
        }
        let rows = lines.map { line -> HTML in
            let state: HTML =
                line.before == nil
                ? .state("新增", "good") : line.after == nil ? .state("删除", "bad") : .state("修改", "wait")
            return """
                <tr><th scope="row">\(line.path.joined(separator: " › "))</th><td>\(state)</td>\
                <td>\(line.before ?? "")</td><td>\(line.after ?? "")</td></tr>

                """
        }
        return .listCard(
            "有 \(rows.count) 处不同", "\(HTML.list(["位置", "变化", "现行", "新的"], rows, ifEmpty: "与现行的完全相同。"))\(note)"
        )
    }

    /// The days that are other ones than those published before.
    private func days(of calendar: CalendarYear) -> [PolicyDifference.Line] {
        let before = known.last { $0.year == calendar.year }
        let kinds = [
            ("放假", before?.holidays ?? [:], calendar.holidays),
            ("调休上班", before?.workdays ?? [:], calendar.workdays),
        ]
        return kinds.flatMap { word, old, new in
            Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map { day in
                PolicyDifference.Line(path: [word, day.inChinese], before: old[day], after: new[day])
            }
        }
    }

    private var button: HTML? {
        guard obstacle == nil else { return nil }
        return """
            <form method="post" action="/rules/publication" class="row">\(hidden)\(HTML.hidden("file", carried))\(HTML.hidden("to", to))\
            <button class="main">确认发布给 \(place)</button></form>
            """
    }
}
