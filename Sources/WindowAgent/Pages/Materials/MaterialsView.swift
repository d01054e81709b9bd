import Accounts
import Casework
import Cryptography
import Pages
import SyncProtocol

/// The page of a case's materials: a slot for each, what lacks beside them.
struct MaterialsView: Sendable {
    let caseID: CaseID
    let heading: HTML
    let slots: MaterialSlots
    /// How each file stands at this window.
    let standings: [[UInt8]: AttachmentDesk.Standing]
    let hasSiblings: Bool
    /// Makes the hidden fields of each form; nil where the viewer may change nothing.
    let hidden: (@Sendable () -> HTML)?

    private var address: String { "/cases/\(caseID)/materials" }

    var html: HTML {
        """
        \(heading)<div class="materials" data-upload="\(address)"><div>\(shown.map(slot))\(rest)\(strangers)</div>
        <aside class="sticky" id="lacks" aria-live="polite">\(lacks)</aside></div>
        \(camera)
        """
    }

    private var shown: [MaterialSlots.Slot] {
        slots.slots.filter { $0.need != .none && $0.need != .produced }
    }

    // MARK: What lacks

    private var lacks: HTML {
        let wanted = slots.slots.filter { $0.need == .now }
        let complete = wanted.count(where: \.isComplete)
        let lines = wanted.filter { !$0.isComplete }.flatMap { slot in
            slot.gaps.map { "<li><a href=\"#m-\(slot.material.code)\">\($0)</a></li>" as HTML }
        }
        let body: HTML =
            lines.isEmpty
            ? "<p>\(HTML.state("齐全", "good")) 申请材料已齐。</p>" : "<ul class=\"plain\">\(lines)</ul>"
        let waiting = standings.values.count { $0 == .waiting }
        let note: HTML? = waiting == 0 ? nil : "<p class=\"small soft\">\(waiting) 页尚未送达中心，联网后自动发送。</p>"
        return .card(
            "还缺什么", aside: "<span class=\"push soft\">\(complete) / \(wanted.count)</span>", "\(body)\(note)")
    }

    // MARK: Slots

    private func slot(_ slot: MaterialSlots.Slot) -> HTML {
        let material = slot.material
        let state: HTML =
            switch slot.need {
            case .now: slot.isComplete ? .state("齐全", "good") : .state("缺页", "wait")
            case .verified: .state(slot.need.chinese, "good")
            default: .state(slot.need.chinese, "")
            }
        let signature: HTML? = material.signature.map { "<p class=\"small soft\">须签字：\($0)</p>" }
        let body: HTML = """
            \(signature)<ol class="parts">\(slot.parts.map { part(slot, $0) })</ol>\(whole(slot))
            """
        return """
            <section class="card slot" id="m-\(material.code)"><header><h2>\(material.name)</h2>\
            <span class="small soft">\(material.code)</span><span class="push">\(state)</span></header>\
            <div class="body">\(body)</div></section>

            """
    }

    private func part(_ slot: MaterialSlots.Slot, _ part: MaterialSlots.Part) -> HTML {
        let pages = part.pages.map { page(slot, $0) }
        let seen: HTML? = part.isSeen ? self.seen(slot, part) : nil
        let none: HTML? = part.pages.isEmpty && !part.isSeen ? "<span class=\"soft small\">还没有</span>" : nil
        return """
            <li class="part"><b>\(part.name.isEmpty ? slot.material.name : part.name)</b>\
            <div class="thumbs">\(pages)\(seen)\(none)</div>\(adding(slot, part))</li>
            """
    }

    private func page(_ slot: MaterialSlots.Slot, _ page: CasePage) -> HTML {
        let name = page.hash.hexadecimal
        let standing = standings[page.hash] ?? .central
        let picture: HTML =
            page.format == .pdf || standing == .central || standing == .damaged
            ? "<span class=\"file\">\(page.format == .pdf ? "PDF" : "未取回")</span>"
            : "<img src=\"pages/\(name)\" alt=\"\" loading=\"lazy\" width=\"72\" height=\"72\">"
        return """
            <a class="thumb" href="materials/\(name)" aria-label="查看\(slot.material.name)\(page.part)">\(picture)\
            <small>\(standing.word)</small></a>
            """
    }

    private func seen(_ slot: MaterialSlots.Slot, _ part: MaterialSlots.Part) -> HTML {
        let undo: HTML? = hidden.map { fields in
            """
            <form method="post" action="\(address)/seen">\(fields())\(HTML.hidden("material", slot.material.code))\
            \(HTML.hidden("page", part.name))\(HTML.hidden("undo", "yes"))<button class="quiet">撤销</button></form>
            """
        }
        return "<span class=\"seen\">\(HTML.state("已核验原件", "good"))\(undo)</span>"
    }

    /// How a page gets in: a file, or with a script the camera, or a file that is dropped there.
    private func adding(_ slot: MaterialSlots.Slot, _ part: MaterialSlots.Part) -> HTML? {
        guard let hidden, slot.need != .verified else { return nil }
        let place: HTML = "\(HTML.hidden("material", slot.material.code))\(HTML.hidden("page", part.name))"
        let accept = slot.material.endings.map { ".\($0)\($0 == "jpg" ? ",.jpeg" : "")" }.joined(
            separator: ",")
        let linked: HTML? =
            hasSiblings
            ? "<label class=\"small\"><input type=\"checkbox\" name=\"alsoLinked\" value=\"yes\" checked>同胞共用</label>"
            : nil
        let seen: HTML? =
            slot.mayBeSeen && !part.isSeen && part.pages.isEmpty
            ? """
            <form method="post" action="\(address)/seen">\(hidden())\(place)<button>已核验原件</button></form>
            """ : nil
        return """
            <div class="adding"><form method="post" action="\(address)" enctype="multipart/form-data" data-slot>\(hidden())\(place)\
            <label class="small"><span class="unseen">选择文件：\(slot.material.name)\(part.name)</span>\
            <input type="file" name="file" accept="\(accept)" required></label>\(linked)\
            <button class="send">上传</button><button type="button" class="shoot" hidden>拍照</button>\
            <button type="button" class="choose" hidden>选择文件</button></form>\(seen)</div>
            """
    }

    private func whole(_ slot: MaterialSlots.Slot) -> HTML? {
        guard let hidden, slot.material.shared, slot.need == .now || slot.need == .verified else {
            return nil
        }
        let isVerified = slot.need == .verified
        return """
            <form method="post" action="\(address)/verification" class="small">\(hidden())\
            \(HTML.hidden("material", slot.material.code))\(if: isVerified, HTML.hidden("undo", "yes"))\
            <button class="quiet">\(isVerified ? "撤销数据共享核验" : "已通过数据共享核验，免提交")</button></form>
            """
    }

    private var rest: HTML? {
        let names = slots.slots.filter { $0.need == .none || $0.need == .produced }
        if names.isEmpty { return nil }
        let lines = names.map {
            "<li>\($0.material.name) <span class=\"soft small\">\($0.need.chinese)</span></li>" as HTML
        }
        return """
            <details class="card"><summary class="body">无须提交的材料（\(names.count)）</summary><ul class="body plain">\(lines)</ul></details>

            """
    }

    private var strangers: HTML? {
        if slots.others.isEmpty { return nil }
        let pages = slots.others.map { page -> HTML in
            "<li><a href=\"materials/\(page.hash.hexadecimal)\">\(page.material) \(page.part)</a></li>"
        }
        return .card("其他材料", "<p class=\"soft\">现行办理规定没有这些材料，保留备查。</p><ul class=\"plain\">\(pages)</ul>")
    }

    // MARK: Camera

    /// Opened by the script alone.
    private var camera: HTML? {
        guard hidden != nil else { return nil }
        return """
            <dialog id="camera" aria-labelledby="camera-title"><h2 id="camera-title">拍照</h2>\
            <div class="finder"><video id="finder" autoplay muted playsinline></video><canvas id="still" hidden></canvas></div>\
            <p id="camera-say" role="status" aria-live="polite"></p>\
            <div class="row"><label class="line"><span>摄像头</span><select id="camera-choice"></select></label>\
            <button type="button" id="snap" class="main">拍下 <kbd>空格</kbd></button>\
            <button type="button" id="turn">旋转 <kbd>R</kbd></button>\
            <button type="button" id="again" hidden>重拍</button>\
            <button type="button" id="use" class="main" hidden>使用这张 <kbd>Enter</kbd></button>\
            <button type="button" id="close">关闭 <kbd>Esc</kbd></button></div></dialog>
            """
    }
}

extension AttachmentDesk.Standing {
    /// For a clerk, under a picture.
    var word: String {
        switch self {
        case .waiting: "待发送"
        case .here: "已送达"
        case .central: "在中心"
        case .damaged: "已损坏"
        }
    }
}
