import Casework
import Pages
import SyncProtocol

/// A case at a glance: what comes next, its items with their answers, what must be looked at.
struct OverviewView {
    let shown: ShownCase
    let lookalikes: [Lookalike]
    /// What waits for a person: conflicts, changes that were left out, values of this window that central has put aside.
    let differences: HTML
    let wording: TimeWords

    private var life: CaseLife { shown.life }

    var html: HTML { "\(next)\(differences)\(alike)\(decided)\(items)\(facts)" }

    private var next: HTML {
        let (words, detail, target) = nextStep
        let link: HTML? = target.map { path, title in
            "<a class=\"button main\" href=\"\(shown.path)\(path)\">\(title)</a>"
        }
        return """
            <section class="card next"><header><h2>下一步</h2></header><div class="body"><div><b>\(words)</b>\
            <p class="soft">\(detail)</p></div>\(link)</div></section>
            """
    }

    private var nextStep: (words: String, detail: String, target: (path: String, title: String)?) {
        if let lack = shown.life.policy == nil ? CaseRules.lacking : nil { return (lack, "请先与中心同步。", nil) }
        let blank = shown.unanswered.values.reduce(0) { $0 + $1.count }
        let gaps = life.judgement?.gaps.count ?? 0
        switch life.stage {
        case .draft, .correcting:
            if let first = shown.unanswered.keys.min() {
                return ("继续填写", "还有 \(blank) 项未填、\(gaps) 项材料未齐。", ("/sections/\(first + 1)", "继续填写"))
            }
            if gaps > 0 { return ("收齐材料", "表单已填齐，还有 \(gaps) 项材料未齐。", ("/materials", "材料")) }
            return ("提交申请", "表单和材料已齐，可以提交审核。", ("/steps", "提交"))
        case .submitted: return ("审核并作出决定", judged, ("/steps", "审核决定"))
        case .accepted: return ("等待各部门办理", "各事项的进度见下表；出生医学证明、预防接种证在窗口办理。", ("/steps", "办理"))
        case .delivering: return ("送达证件", "全部事项已答复，请将证件交给领取人并登记。", ("/steps", "送达"))
        case .disputed: return ("等待中心核对", "有不一致的记录，核对前不能作出决定。", nil)
        case .blocked, .refusedReturning, .refused, .offline:
            return (life.word, "条件有变化时可以再次提交。", ("/steps", "查看"))
        case .erased: return (life.word, "应申请，本件内容已在各处删除，只留下编号和变更的次序，不能恢复。", nil)
        case .delivered, .evaluated, .closed, .withdrawn, .merged: return (life.word, "本件没有待办的工作。", nil)
        }
    }

    private var judged: String {
        guard let judgement = life.judgement else { return "" }
        let title = life.policy?.decision(judgement.decision)?.title ?? ""
        return "按本地区规定，本件应为“\(title)”。"
    }

    private var alike: HTML? {
        guard !lookalikes.isEmpty else { return nil }
        let lines = lookalikes.map { other -> HTML in
            let reasons = other.likeness.codes.map { DuplicateRules.standard.text(of: $0) }.joined()
            return """
                <p><a href="/cases/\(other.caseID.description)">办件 \(other.number ?? other.caseID.description)</a>\
                （相似度 \(other.likeness.score)）：\(reasons)</p>
                """
        }
        return """
            <div class="note" data-state="wait"><p><b>可能是同一新生儿，请核对</b>\
            <a href="\(shown.path)/duplicates">并排比较</a></p>\(lines)</div>
            """
    }

    private var decided: HTML? {
        guard let decision = life.decision else { return nil }
        let title = life.policy?.decision(decision.kind)?.title ?? decision.kind.rawValue
        let day = decision.date.map { wording.day($0) } ?? ""
        let reasons = decision.reasons.map { "<li>\($0.text)</li>" as HTML }
        let list: HTML? = reasons.isEmpty ? nil : "<ul>\(reasons)</ul>"
        return """
            <section class="card"><header><h2>决定：\(title)</h2><span class="push soft small">\(day)</span></header>\
            \(if: list != nil, "<div class=\"body\">\(list)</div>")</section>
            """
    }

    private var items: HTML? {
        guard !life.items.isEmpty else { return nil }
        let rows = life.items.map { item -> HTML in
            let department =
                life.policy?.departments[item.status.item.department] ?? item.status.item.department
            let answer = [
                item.answered.map { "\(wording.day($0))答复" }, item.number.map { "编号 \($0)" },
                item.result?.note,
            ].compactMap(\.self).joined(separator: "，")
            let reasons = item.outcome == nil ? item.status.reasons.joined() : ""
            return """
                <tr><td>\(item.status.item.name)<small>\(department)</small></td>\
                <td>\(CaseAside.state(ItemMark.mark(item.status.word), ItemMark.word(item.status.word)))</td>\
                \(due(item))<td>\(answer)<small>\(reasons)</small></td></tr>
                """
        }
        return """
            <section class="card" id="items" data-live><header><h2>事项</h2></header><table class="list">\
            <caption class="hidden">事项</caption><thead><tr><th scope="col">事项</th><th scope="col">状态</th>\
            <th scope="col">期限</th><th scope="col">答复</th></tr></thead><tbody>\(rows)</tbody></table></section>
            """
    }

    private func due(_ item: LifeItem) -> HTML {
        if let day = item.due {
            let (words, urgency) = wording.due(day)
            return "<td class=\"\(urgency)\">\(words)</td>"
        }
        return "<td class=\"soft\">\(item.outcome == nil ? item.deadline?.shown ?? "" : "")</td>"
    }

    /// What people at the counter ask for most.
    private var facts: HTML {
        let text = AnswerText(life.answers, isMasked: true, dictionary: shown.dictionary)
        let keys = [
            "childName", "childSex", "birthDate", "birthTime", "birthWeightGrams", "motherName", "motherIdNo",
            "motherPhone", "fatherName", "fatherIdNo", "fatherPhone", "birthCertNo",
        ]
        let pairs = keys.compactMap { key -> HTML? in
            guard let words = text(key), let field = shown.dictionary.field(key) else { return nil }
            return "<dt>\(field.label)</dt><dd>\(words)</dd>"
        }
        let windows = (life.judgement?.countdowns ?? []).map { countdown -> HTML in
            "<dt>\(countdown.label)</dt><dd>\(countdown.chinese(at: life.now))</dd>"
        }
        return """
            <section class="card"><header><h2>登记内容</h2></header><dl class="pairs body">\(pairs)\(windows)</dl></section>
            """
    }
}

extension CaseRules {
    /// What is said where no rules are at hand.
    fileprivate static let lacking = "本机没有适用于本件的政策包"
}
