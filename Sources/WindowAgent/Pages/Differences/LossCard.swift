import Casework
import Pages
import SyncProtocol

/// A value of this hospital's that central has put aside: what it was, what stands now, who decided and why, and how a clerk can write it
/// again or say that it was seen.
struct LossCard: Sendable {
    let caseID: CaseID
    let loss: Loss
    /// What stands in the group now, with its dots.
    let standing: [Standing]
    let words: ValueWords
    let people: People
    let isEntered: Bool
    /// The hidden fields of each form; nil where the viewer may change nothing.
    let hidden: HTML?

    var html: HTML {
        let reason = loss.decision.reason.map { "理由：\($0)" } ?? "没有写明理由。"
        let body: HTML = """
            <div class="versus"><div class="value" data-state="base"><span class="small soft">本院填写，未采用</span>\
            \(words.html(loss.lost.value, beside: standing.map(\.value)))\(words.author(loss.lost))</div>\
            \(standing.map(present))</div>\
            <p><b>\(people[loss.decision.author.user])</b>（中心）\(words.times(loss.decision.time.milliseconds)) 核定。\(reason)</p>\(forms)
            """
        return .card(
            words.label, id: "loss-\(loss.group.rawValue)-\(loss.lost.dot.description)",
            aside:
                "<span class=\"push\">\(loss.isSeen ? HTML.state("已看过", "") : HTML.state("未采用本院内容", "wait"))</span>",
            body)
    }

    private func present(_ value: Standing) -> HTML {
        """
        <div class="value" data-state="chosen"><span class="small soft">现在采用</span>\
        \(words.html(value.value, beside: [loss.lost.value]))</div>
        """
    }

    private var forms: HTML? {
        guard let hidden else { return nil }
        let group = HTML.hidden("group", "\(loss.group.rawValue)")
        let restore: HTML =
            isEntered
            ? """
            <form method="post" action="/cases/\(caseID)/losses/restoration" class="row">\(hidden)\(group)\
            \(HTML.hidden("dot", loss.lost.dot.description))\(standing.map { HTML.hidden("seen", $0.dot.description) })\
            \(HTML.input("reason", "恢复的理由", hint: "如：已再次与原件核对"))<button>恢复我填写的内容</button></form>
            """ : "<p class=\"soft\">这项内容由办理步骤产生，请按步骤重新办理。</p>"
        let seen: HTML? =
            loss.isSeen
            ? nil as HTML?
            : """
            <form method="post" action="/cases/\(caseID)/losses/seen" class="row">\(hidden)\(group)<button>知道了，不恢复</button></form>
            """
        return "\(restore)\(seen)"
    }
}
