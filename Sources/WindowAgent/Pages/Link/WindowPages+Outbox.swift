import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// What waits to be sent, and what could not be taken.
extension WindowPages {
    /// Lines of the outbox on a page.
    static let outboxLinesMax = 200

    func addOutboxPage(to router: inout Router) {
        page(&router, "/outbox", .readStatus, showOutbox)
    }

    @Sendable private func showOutbox(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let (figures, _, sync, link) = try await api.standing()
        let entries = try await api.store.outbox(limit: Self.outboxLinesMax)
        let names = viewer.may(.readCase) ? try await names(inOutbox: entries.count) : nil
        let rows = entries.map { entry -> HTML in
            let what: HTML =
                names.map { names in
                    names[entry.caseID].map {
                        "<a class=\"name\" href=\"/cases/\(entry.caseID)\">\($0)</a>" as HTML
                    }
                        ?? "本院记录"
                } ?? "办件 …\(String(entry.caseID.description.suffix(6)))"
            let state: HTML =
                entry.tries == 0 ? .state("等待发送", "live") : .state("已试 \(entry.tries) 次", "wait")
            return """
                <tr><td>\(what)</td><td>\(times(entry.queuedAt))</td><td class="num">\(SyncWatch.size(UInt64(entry.bytes)))</td>\
                <td>\(state)</td><td>\(entry.triedAt.map { times($0) } ?? "")</td></tr>
                """
        }
        let more = figures.outbox > entries.count ? "只显示最早的 \(entries.count) 项。" : ""
        let content: HTML = """
            <div class="title"><h1>待发送</h1><span class="soft">内容都已保存在本机；联网后自动送达中心，可以放心关机</span>\
            <div class="push">\(sendNowButton(viewer))</div></div><div id="outbox">\(condition(sync, link))\
            <div class="figures">\(HTML.figure("\(figures.outbox)", "项变更待发送", figures.outbox > 0 ? "wait" : ""))\
            \(HTML.figure("\(link.photos)", "张照片待发送", link.photos > 0 ? "wait" : ""))\
            \(HTML.figure(SyncWatch.size(link.outboxBytes + link.photoBytes), "共计"))\
            \(HTML.figure("\(figures.confirmed)", "项已送达中心"))</div>\
            \(HTML.listCard("待发送的变更", aside: "<span class=\"soft\">\(more)</span>", .list(["办件", "保存时间", "大小", "状态", "上次尝试"], rows, ifEmpty: "没有待发送的变更。")))\
            \(try await refused())\(try await left(viewer))</div>
            """
        return Page("待发送", under: "/outbox", script: .watch, content: content)
    }

    /// The newborns of the cases that wait; the hospital's own record has none.
    private func names(inOutbox count: Int) async throws -> [CaseID: String] {
        let record = try await api.store.loadEnrolment()?.hospital.record
        let cases = try await api.store.casesInOutbox(limit: count).filter { $0.id != record }
        return Dictionary(
            cases.map { ($0.id, $0.summary.childName ?? "（未命名）") }, uniquingKeysWith: { first, _ in first })
    }

    private func sendNowButton(_ viewer: Viewer) -> HTML? {
        guard viewer.may(.sendNow) else { return nil }
        return """
            <form method="post" action="/send">\(FormToken.field(viewer.formToken))\
            <button class="main" data-key="s">立即发送 <kbd>S</kbd></button></form>
            """
    }

    /// How it stands, with the reason of the last failure and what can be done.
    func condition(_ sync: SyncStatus, _ link: LinkStatus) -> HTML {
        guard sync.failures > 0 else { return .note("good", [link.sentence + "。"]) }
        let next = sync.nextTry > api.environment.milliseconds() ? "下次自动尝试：\(times(sync.nextTry))。" : "正在重试。"
        let technical: HTML? = sync.lastError.map {
            "<details class=\"small\"><summary>供技术人员</summary><p lang=\"en\">\($0)</p></details>"
        }
        return """
            <div class="note" data-state="wait"><p><b>\(link.sentence)</b></p><p>\(sync.lastReason ?? "") 已连续失败 \(sync.failures) 次，\(next)</p>\
            <p>可以继续受理：保存的内容不会丢失。长时间不能联网时，可用 U 盘送交（见<a href="/link#stick">网络与备份</a>）。</p>\(technical)</div>
            """
    }

    /// What central could not take of this window, or this window of others.
    private func refused() async throws -> HTML? {
        let refusals = try await api.store.refusals(limit: Self.outboxLinesMax)
        if refusals.isEmpty { return nil }
        let rows = refusals.map { refusal -> HTML in
            """
            <tr><td><code>\(refusal.replica.description)·\(String(refusal.sequence))</code></td>\
            <td>\(Self.words(ofRefusal: refusal.reason, api.dictionary))</td><td>\(times(refusal.toldAt))</td></tr>
            """
        }
        return .listCard("没有被采用的变更", .list(["变更", "原因和办法", "告知时间"], rows, ifEmpty: ""))
    }

    static func words(ofRefusal reason: String, _ dictionary: FieldDictionary) -> String {
        switch reason {
        case "fork": "本机数据曾被复制或还原，中心已保全两边的记录。请技术人员核对“系统”页。"
        case WindowStore.notYourReplica: "另一台电脑用了本机的编号写入。请联系技术人员：本机数据可能被复制过。"
        default: AsideReason(reason).chinese(dictionary) + "请与中心联系核实；需要的内容请重新填写并保存。"
        }
    }

    private func left(_ viewer: Viewer) async throws -> HTML? {
        guard viewer.may(.readCase) else { return nil }
        let cases = try await api.store.casesWithAsides(limit: Self.outboxLinesMax)
        if cases.isEmpty { return nil }
        let lines = cases.map { line -> HTML in
            "<li><a href=\"/differences?case=\(line.id)\">\(line.summary.childName ?? "（未命名）")</a> \(line.asides) 项</li>"
        }
        return .card("被搁置的变更", "<p class=\"soft\">中心没有采用，但仍保留；原因见各办件。</p><ul class=\"plain\">\(lines)</ul>")
    }
}
