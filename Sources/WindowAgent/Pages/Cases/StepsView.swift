import Casework
import Pages
import SyncProtocol

/// The steps that can be taken with a case now, each with what it needs; and of those that the rules forbid, why.
struct StepsView {
    let shown: ShownCase
    let roles: Set<CaseRole>
    /// A step that was refused just now.
    let refused: (step: CaseStep, reasons: [String])?
    /// The next unused certificate of the stock.
    let next: String?
    /// Hidden fields that name the session and one save; other ones for each form.
    let fields: () -> HTML
    let wording: TimeWords

    private var life: CaseLife { shown.life }

    var html: HTML {
        let steps = CaseStep.allCases.filter { $0.stages.contains(life.stage) && isOffered($0) }
        let (main, further) = (steps.filter { !Self.rare.contains($0) }, steps.filter(Self.rare.contains))
        // What can be done stands first.
        let ordered =
            main.filter { life.hindrances(of: $0, by: roles).isEmpty }
            + main.filter { !life.hindrances(of: $0, by: roles).isEmpty }
        let rest: HTML? =
            further.isEmpty || !shown.isOpen
            ? nil
            : "<details class=\"card\" \(if: opensRare, "open")><summary>其他办理：\(further.map(Self.title).joined(separator: "、"))</summary>\(further.map(card))</details>"
        let nothing: HTML =
            "<section class=\"card\"><p class=\"body\">本件目前为“\(life.word)”，没有可以办理的步骤。</p></section>"
        return """
            \(refusal)\(clock)\(judgement)\(if: shown.isOpen, "\(ordered.map(card))")\
            \(if: main.isEmpty || !shown.isOpen, nothing)\(rest)
            """
    }

    private static let rare: Set<CaseStep> = [.withdraw, .close, .reopen, .evaluate, .post]

    private var opensRare: Bool { refused.map { Self.rare.contains($0.step) } ?? false }

    /// What means nothing here is not offered.
    private func isOffered(_ step: CaseStep) -> Bool {
        let kinds = Set(life.hindrances(of: step, by: CaseRole.window).map(\.text))
        switch step {
        case .issue, .vaccinate:
            let artefact: Artefact = step == .issue ? .birthCert : .vaccCert
            return !kinds.contains { $0.contains("不在窗口办理") || $0.contains("未申请") }
                && !life.items.contains { $0.code == artefact.item && $0.outcome == .done }
        case .post, .resubmit, .evaluate, .handOver: return kinds.isEmpty
        case .correct: return life.policy?.decision(.correct) != nil
        default: return true
        }
    }

    private var refusal: HTML? {
        refused.map { step, reasons in
            let lines = reasons.map { "<p>\($0)</p>" as HTML }
            return
                "<div class=\"note\" data-state=\"bad\" role=\"alert\"><p><b>未能\(step.word)</b></p>\(lines)</div>"
        }
    }

    private var clock: HTML? {
        life.isClockDoubtful
            ? "<p class=\"note\" data-state=\"wait\">本机时钟有疑。办理前请对照日历，在“办理日期”中填写今天的日期；系统会记录。</p>"
            : nil
    }

    /// What the rules say, with all sentences.
    private var judgement: HTML? {
        guard [.draft, .submitted, .correcting].contains(life.stage), let judgement = life.judgement else {
            return nil
        }
        let title = life.policy?.decision(judgement.decision)?.title ?? judgement.decision.rawValue
        let goesOn = life.policy?.decision(judgement.decision)?.goesOn ?? false
        let state =
            goesOn && judgement.unanswered.isEmpty
            ? "good" : judgement.decision == .correct || goesOn ? "wait" : "bad"
        let found = (judgement.reasons + judgement.gaps).map { finding -> HTML in
            "<li>\(finding.text)<span class=\"soft small code\">\(finding.code)</span></li>"
        }
        let blanks = judgement.unanswered.map { key -> HTML in
            let label = shown.dictionary.field(key)?.label ?? key
            let section = shown.section(asking: key).map { "/sections/\($0 + 1)#\(key)" } ?? ""
            return "<a href=\"\(shown.path)\(section)\">\(label)</a> "
        }
        let prompts = judgement.prompts.map { "<li>\($0.text)</li>" as HTML }
        let countdowns = judgement.countdowns.map { countdown -> HTML in
            "<li>\(countdown.label)：\(countdown.chinese(at: life.now))</li>"
        }
        let blankLine: HTML? = blanks.isEmpty ? nil : "<p>待填写：\(blanks)</p>"
        let list: HTML? = found.isEmpty ? nil : "<ul class=\"found\">\(found)</ul>"
        let tell: HTML? =
            prompts.isEmpty && countdowns.isEmpty ? nil : "<h3>请告知家属</h3><ul>\(prompts)\(countdowns)</ul>"
        return """
            <section class="card"><header><h2>按本地区规定</h2></header><div class="body">\
            <p>本件应为 \(CaseAside.state(state, title))</p>\(list)\(blankLine)\(tell)</div></section>
            """
    }

    private func card(_ step: CaseStep) -> HTML {
        let reasons = life.hindrances(of: step, by: roles)
        let action = step == .issue ? "\(shown.path)/certificate" : "\(shown.path)/steps"
        if !reasons.isEmpty {
            let lines = reasons.prefix(8).map { "<li>\($0.text)</li>" as HTML }
            return """
                <section class="card step" data-step="\(step.rawValue)"><header><h2>\(Self.title(step))</h2>\
                <span class="push">\(CaseAside.state("", "现在不能办理"))</span></header><ul class="body soft">\(lines)</ul></section>
                """
        }
        let isGrave = [.refuse, .withdraw].contains(step)
        return """
            <section class="card step" data-step="\(step.rawValue)"><header><h2>\(Self.title(step))</h2></header>\
            <form class="body" method="post" action="\(action)">\(fields())\
            <input type="hidden" name="step" value="\(step.rawValue)">\
            <input type="hidden" name="seen" value="\(SeenDots.text(of: shown.state))">\
            <div class="fields">\(StepFields(step: step, shown: shown, next: next).html)\(date(step))</div>\
            <p class="act"><button class="\(isGrave ? "grave" : "main")">\(Self.button(step))</button></p></form></section>
            """
    }

    /// Which day it is: today by the clock, or what a person says where the clock is in doubt.
    private func date(_ step: CaseStep) -> HTML {
        let id = "date-\(step.rawValue)"
        let value = life.isClockDoubtful ? "" : life.now.date.description
        let must: HTML = life.isClockDoubtful ? " required aria-required=\"true\"" : ""
        return """
            <div class="field w3"><label for="\(id)">办理日期</label>\
            <input type="text" id="\(id)" name="date" value="\(value)" inputmode="numeric" maxlength="20" placeholder="年-月-日"\(must)></div>
            """
    }

    static func title(_ step: CaseStep) -> String {
        switch step {
        case .refuse: "不予受理"
        case .resubmit: "再次报送退回的事项"
        case .post: "原件寄递进度"
        case .evaluate: "好差评"
        default: step.word
        }
    }

    private static func button(_ step: CaseStep) -> String {
        switch step {
        case .submit: "提交申请"
        case .accept: "受理，出具文书"
        case .correct: "一次性告知，出具补正清单"
        case .refuse: "作出决定，出具告知书"
        case .issue: "编号与证件一致，签发"
        case .handOver: "登记送达"
        default: step.word
        }
    }
}

/// What is asked of whoever takes a step.
struct StepFields {
    let step: CaseStep
    let shown: ShownCase
    let next: String?

    private var life: CaseLife { shown.life }

    var html: HTML {
        switch step {
        case .submit, .accept: .empty
        case .correct: reasons("另须补正的内容（可不填，每行一条）", isRequired: false)
        case .refuse: reasons("理由（规定要求不予受理的可不填，每行一条）", isRequired: false)
        case .withdraw, .reopen: reasons("理由", isRequired: true)
        case .close: reasons("理由（有未办结事项时必填）", isRequired: false)
        case .resubmit: "\(returned)\(reasons("说明（可不填）", isRequired: false))"
        case .issue: certificate
        case .vaccinate: vaccination
        case .handOver: handOver
        case .post: select("progress", "进度", OriginalsProgress.allCases.map { ($0.rawValue, $0.word) })
        case .evaluate:
            select("evaluation", "评价等级", CodeLists.standard["evaluation"].map { ($0.code, $0.label) })
        }
    }

    private func id(_ name: String) -> String { "\(name)-\(step.rawValue)" }

    private func reasons(_ label: String, isRequired: Bool) -> HTML {
        """
        <div class="field w8"><label for="\(id("reasons"))">\(label)</label>\
        <textarea id="\(id("reasons"))" name="reasons" rows="2" maxlength="2000"\(if: isRequired, " required")></textarea></div>
        """
    }

    private func text(_ name: String, _ label: String, value: String = "", note: HTML = .empty) -> HTML {
        """
        <div class="field w3"><label for="\(id(name))">\(label)</label><input type="text" id="\(id(name))" name="\(name)" \
        value="\(value)" maxlength="40" autocomplete="off">\(note)</div>
        """
    }

    private func select(_ name: String, _ label: String, _ choices: [(String, String)]) -> HTML {
        let options = choices.map { "<option value=\"\($0.0)\">\($0.1)</option>" as HTML }
        return """
            <div class="field w3"><label for="\(id(name))">\(label)</label>\
            <select id="\(id(name))" name="\(name)"><option value="">请选择</option>\(options)</select></div>
            """
    }

    private var returned: HTML {
        select("item", "事项", life.returned.map { ($0.code, $0.status.item.name) })
    }

    /// The number is read off the paper, twice; the stock's next is only told.
    private var certificate: HTML {
        let known = life.answers.text("birthCertNo")
        let told: HTML =
            if let known {
                "<p class=\"w12 field\">本件已填写的编号为 <b class=\"number\">\(known)</b>，须与手中的纸质证件一致。</p>"
            } else if let next {
                "<p class=\"w12 field\">库存中下一份未使用的证件为 <b class=\"number\">\(next)</b>。请取出该份纸质证件，照着证件填写编号。</p>"
            } else { "<p class=\"w12 field\">本机没有登记库存，请照着手中的纸质证件填写编号。</p>" }
        return "\(told)\(text("number", "纸质证件上的编号"))\(text("again", "再填一次"))"
    }

    private var vaccination: HTML {
        let day = life.answers.text("firstVaccinationDate") ?? ""
        return "\(text("vaccinated", "首次接种疫苗日期", value: day))\(text("number", "预防接种证编号（可不填）"))"
    }

    private var handOver: HTML {
        let open = life.artefacts.filter { $0.state == .ready || $0.state == .underWay }
        let originals = CodeLists.standard["shownOriginal"].map { code -> HTML in
            "<label><input type=\"checkbox\" name=\"originals\" value=\"\(code.code)\">\(code.label)</label>"
        }
        return """
            \(select("artefact", "证件", open.map { ($0.artefact.rawValue, $0.artefact.name) }))\
            \(select("collector", "领取人", CodeLists.standard["collector"].map { ($0.code, $0.label) }))\
            <fieldset class="field w6"><legend>出示的原件</legend><div class="choices">\(originals)</div></fieldset>\
            <fieldset class="field w6"><legend>邮寄送达（申请人选择邮寄的）</legend><div class="choices">\
            <label><input type="checkbox" name="mailed" value="1">邮寄</label>\
            <label><input type="radio" name="progress" value="delivering">已交寄</label>\
            <label><input type="radio" name="progress" value="delivered">已签收</label></div></fieldset>
            """
    }
}
