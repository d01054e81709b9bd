import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// The machine, for its technician: what it runs, by which rules it works, how its records stand, and what can be done about them.
extension WindowPages {
    /// Bytes of a calendar file with its form.
    static let calendarBytesMax = 1 << 20

    func addSystemPages(to router: inout Router) {
        page(&router, "/system", .readStatus, showSystem)
        form(&router, "/system/check", .resync, check)
        form(&router, "/system/resync", .resync, resync)
        upload(&router, "/system/calendars", .importCalendar, bytesMax: Self.calendarBytesMax, takeCalendar)
    }

    @Sendable private func showSystem(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let status = try await api.status()
        let rules = try await api.store.rules()
        let content: HTML = """
            <div class="title"><h1>系统</h1><span class="soft">供技术员查看和维护</span></div>\(troubles(status))\
            <div class="halves"><div>\(machine(status))\(records(status))\(orders(status))\(upkeep(viewer))</div>\
            <div>\(policies(rules))\(calendars(rules, viewer))</div></div>
            """
        return Page("系统", under: "/system", content: content)
    }

    private func troubles(_ status: WindowStatus) -> HTML {
        var sentences: [String] = []
        if let damage = status.damage { sentences.append("数据库已损坏（\(damage)）：停止录入，从第二份备份恢复。") }
        if let repair = status.repair { sentences.append("正在与中心逐件核对补送（\(repair)），可以照常工作。") }
        if let damaged = status.attachments?.damaged, damaged > 0 {
            sentences.append("\(damaged) 张照片在本机已损坏，中心有的会自动取回。")
        }
        if let stuck = status.attachments?.stuck, stuck > 0 { sentences.append("\(stuck) 张照片中心没有接受，请联系中心。") }
        if status.refused > 0 { sentences.append("\(status.refused) 项变更没有被采用，见“待发送”页。") }
        return sentences.isEmpty ? .empty : .note(status.damage == nil ? "wait" : "bad", sentences)
    }

    private func machine(_ status: WindowStatus) -> HTML {
        .card(
            "本机",
            .pairs([
                ("程序版本", "\(status.version)"),
                ("医院", "\(status.hospitalName ?? "尚未登记") \(status.hospital ?? "")"),
                ("中心", "\(status.central ?? "—")"),
                ("本机时钟", clock(status)),
                (
                    "登记到医院",
                    "\(if: status.hospital == nil, "<code>birthwindow enroll --central URL --token TOKEN</code>")\(if: status.hospital != nil, "已登记")"
                ),
            ]))
    }

    private func clock(_ status: WindowStatus) -> HTML {
        guard let offset = status.sync.clockOffset else { return "\(times.day)（尚未与中心核对）" }
        let seconds = offset.magnitude / 1000
        let words = seconds < 2 ? "与中心一致" : "比中心\(offset > 0 ? "慢" : "快") \(seconds) 秒"
        return "\(times.day)，\(words) \(if: status.isClockDoubtful, HTML.state("有疑", "wait"))"
    }

    private func records(_ status: WindowStatus) -> HTML {
        .card(
            "记录",
            .pairs([
                ("办件", "\(status.cases)"), ("变更", "\(status.changes)"),
                ("本机写入", "\(status.saved)"), ("中心已收到", "\(status.acknowledged)"),
                ("已在中心的备份中", "\(status.backedUp)"), ("待发送", "\(status.outbox)"),
                ("收到中心的第", "\(String(status.cursor)) 条"),
                ("指纹", "<code>\(String(status.fingerprint.prefix(16)))</code>"),
                ("与中心不一致", mismatch(status)),
            ]))
    }

    private func mismatch(_ status: WindowStatus) -> HTML {
        guard let at = status.mismatchAt else { return "没有发生过" }
        return "\(times(at)) 发现，\(status.mendedAt.map { "\(times($0)) 已恢复一致" } ?? "尚未恢复")"
    }

    private func orders(_ status: WindowStatus) -> HTML? {
        let orders = [("正在执行", status.orderUnderWay), ("上次执行", status.orderEnded)]
        let lines = orders.compactMap { word, order -> (String, HTML)? in
            order.map {
                (word, "\($0.kind)，\(times($0.milliseconds))，<span lang=\"en\">\($0.figures.sentence)</span>")
            }
        }
        return lines.isEmpty ? nil : .card("中心要求的核对", .pairs(lines))
    }

    // MARK: Upkeep

    /// What a resync can do, in a technician's words.
    private static let resyncWords: [(kind: ResyncKind, word: String)] = [
        (.verify, "核对：与中心逐段比较，只补不同的办件"), (.push, "补送：把中心没有的全部送去"),
        (.pull, "重取：从头接收中心的全部记录"), (.rebuild, "重建：用本机记录重做列表和统计"),
    ]

    private func upkeep(_ viewer: Viewer) -> HTML? {
        guard viewer.may(.resync) else { return nil }
        let kinds = Self.resyncWords.map { (value: $0.kind.rawValue, text: $0.word) }
        return .card(
            "检查与核对",
            """
            <form method="post" action="/system/check" class="row">\(hidden(viewer))<button>检查本机数据库</button>\
            <span class="small soft">读出全部记录逐条校验，不影响办理</span></form>\
            <form method="post" action="/system/resync">\(hidden(viewer))\(HTML.select("kind", "与中心核对", kinds))\
            <p><label class="small"><input type="checkbox" name="dryRun" value="yes" checked> 只试算，不改动</label></p>\
            <button>执行</button><p class="small soft">任何一种都不会丢弃尚未送达的内容。</p></form>
            """)
    }

    @Sendable private func check(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let report = try await api.checkedStore()
        let findings =
            report.file + report.damagedChanges.map { "变更 \($0) 与保存时不同" }
            + report.brokenChains.map { "\($0) 的记录链断开" } + report.staleCaches.map { "办件 \($0) 的列表缓存过时" }
        return try await result(
            "检查本机数据库", report.isSound ? "good" : report.damage == nil ? "wait" : "bad",
            report.isSound
                ? ["没有发现问题：\(report.cases) 份档案，\(report.changes) 项变更全部完好。"]
                : findings + [report.damage == nil ? "可用“重建”恢复列表缓存。" : "请停止录入，从第二份备份恢复。"],
            request, viewer)
    }

    @Sendable private func resync(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        guard let kind = fields["kind"].flatMap({ ResyncKind(rawValue: $0) }) else {
            throw Web.Problem(status: 422, title: "请选择如何核对", detail: "没有执行。")
        }
        let isDryRun = fields["dryRun"] == "yes"
        let (state, sentences) =
            kind == .verify
            ? Self.words(of: try await api.verify(only: nil, isDryRun: isDryRun))
            : Self.words(of: try await api.resync(kind, only: nil, isDryRun: isDryRun))
        let title = Self.resyncWords.first { $0.kind == kind }?.word ?? kind.rawValue
        return try await result(title, state, sentences, request, viewer)
    }

    private static func words(of report: VerifyReport) -> (state: String, sentences: [String]) {
        if report.isEqual { return ("good", ["与中心完全一致：\(report.cases) 份档案。"]) }
        let found =
            "只在本机 \(report.onlyHere.count) 个，只在中心 \(report.onlyThere.count) 个，内容不同 \(report.differing.count) 个。"
        if report.isDryRun { return ("wait", [found, "这是试算，没有改动。"]) }
        return report.isMended == true
            ? ("good", [found, "已补齐，现在一致。"]) : ("wait", [found, "仍有 \(report.remaining.count) 个不同，请稍后再核对。"])
    }

    private static func words(of answer: ResyncAnswer) -> (state: String, sentences: [String]) {
        var sentences = ["涉及 \(answer.cases) 个办件；待发送 \(answer.unconfirmed) 项，一项也不会丢弃。"]
        if answer.isDryRun { return ("", sentences + ["这是试算，没有改动。"]) }
        if answer.exchange?.error != nil { sentences.append("与中心的联系中断，联网后自动继续。") }
        sentences.append(answer.isFinished ? "已完成。" : "正在进行，自动继续，可以照常工作。")
        return (answer.isFinished ? "good" : "wait", sentences)
    }

    /// What came of something that a technician asked for; it is shown once, and changes nothing when it is loaded again.
    private func result(
        _ title: String, _ state: String, _ sentences: [String], _ request: Request, _ viewer: Viewer
    ) async throws -> Response {
        let page = Page(
            title, under: "/system",
            content: """
                <div class="title"><h1>\(title)</h1></div>\(HTML.note(state, Array(sentences.prefix(200))))\
                <p><a class="button" href="/system">返回系统</a></p>
                """)
        return page.response(in: try await frame(for: viewer, request))
    }

    // MARK: Rules

    private func policies(_ rules: Rules) -> HTML {
        let rows = rules.policies.policies.map { policy -> HTML in
            let isNewest = rules.policies[policy.id]?.version == policy.version
            let withdrawn = rules.record.withdrawn[policy.name]
            let state: HTML =
                withdrawn != nil ? .state("已停用", "bad") : isNewest ? .state("现行", "good") : .state("旧版", "")
            let reason: HTML? = withdrawn.map { "<small>\($0)</small>" }
            return """
                <tr><td>\(policy.title)<small>\(policy.place)</small></td><td>\(policy.id)</td><td class="num">\(policy.version)</td>\
                <td>\(state)\(reason)</td></tr>
                """
        }
        let faults: HTML = rules.faults.isEmpty ? .empty : .note("wait", rules.faults)
        return .listCard("办理规定", "\(faults)\(HTML.list(["名称", "编号", "版本", "状态"], rows, ifEmpty: "没有办理规定。"))")
    }

    private func calendars(_ rules: Rules, _ viewer: Viewer) -> HTML {
        let rows = rules.calendarYears.map { year -> HTML in
            """
            <tr><td>\(year.year) 年</td><td class="num">\(year.holidays.count)</td><td class="num">\(year.workdays.count)</td><td>\(year.source)</td></tr>
            """
        }
        let form: HTML? =
            viewer.may(.importCalendar)
            ? """
            <form method="post" action="/system/calendars" enctype="multipart/form-data" class="body row">\(hidden(viewer))\
            <label class="line"><span>节假日文件</span><input type="file" name="file" accept=".json" required></label><button>导入</button></form>
            """ : nil
        return .listCard(
            "节假日安排", "\(HTML.list(["年份", "放假", "调休上班", "来源"], rows, ifEmpty: "只有程序自带的年份。"))\(form)")
    }

    @Sendable private func takeCalendar(
        _ request: Request, _ form: MultipartForm, _ viewer: Viewer
    ) async throws -> Response {
        guard let file = form.files.first else {
            throw Web.Problem(status: 422, title: "请先选择文件", detail: "未导入。")
        }
        _ = try await api.importCalendar(file.bytes, try await saving(viewer, form.fields))
        return .seeOther("/system")
    }
}
