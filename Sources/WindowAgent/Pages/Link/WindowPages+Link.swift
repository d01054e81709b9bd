import Accounts
import Bundles
import Casework
import Pages
import Persistence
import SyncProtocol
import Web

/// The way to central, the second copy, and sticks.
extension WindowPages {
    func addLinkPages(to router: inout Router) {
        page(&router, "/link", .readStatus, showLink)
        form(&router, "/link", .setLink, setLink)
        form(&router, "/link/copy", .keepSecondCopy, recorded: AuditKind.export.rawValue) { _, fields, _ in
            let path = (fields["path"] ?? "").trimmingBlanks
            try await api.chooseCopy(
                JournalSetting(path: path, allowsSameDisk: fields["allowsSameDisk"] == "yes"))
            return .seeOther("/link#copy")
        }
        form(&router, "/link/copy/removal", .keepSecondCopy) { _, _, _ in
            try await api.chooseCopy(nil)
            return .seeOther("/link#copy")
        }
        form(&router, "/link/sheet", .keepSecondCopy, printSheet)
        addSticks(to: &router)
    }

    @Sendable private func showLink(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let (_, enrolment, sync, link) = try await api.standing()
        let mayMetre = viewer.may(.setLink)
        let way: [(String, HTML)] = [
            ("中心", "\(enrolment?.central ?? "尚未登记")"),
            ("上次联系", "\(sync.lastContact.map { times($0) } ?? "启动以来还没有")"),
            ("速度", "\(link.bytesPerSecond.map { "每秒 \(SyncWatch.size(UInt64($0)))" } ?? "尚未测得")"),
            (
                "今天已用流量",
                "\(SyncWatch.size(link.exchangeBytesToday + link.photoBytesToday))（照片 \(SyncWatch.size(link.photoBytesToday))）"
            ),
            (
                "每天流量上限",
                "\(link.bytesPerDayMax.map { SyncWatch.size($0) } ?? "不限")\(if: link.isBudgetSpent, " <span class=\"late\">今天已用完</span>")"
            ),
            ("计费方式", "\(link.isMetered ? "按流量计费" : "不计流量")"),
        ]
        let content: HTML = """
            <div class="title"><h1>网络与备份</h1></div><div class="halves"><div><div id="link">\(condition(sync, link))\
            \(HTML.card("与中心的连接", aside: "<span class=\"push\">\(small(viewer))</span>", .pairs(way)))</div>\
            \(mayMetre ? try await settings(viewer) : .empty)</div>\
            <div>\(try await copy(viewer))\(try await sticks(viewer))</div></div>
            """
        return Page("网络与备份", under: "/link", script: .watch, content: content)
    }

    private func small(_ viewer: Viewer) -> HTML? {
        guard viewer.may(.sendNow) else { return nil }
        return """
            <form method="post" action="/send">\(FormToken.field(viewer.formToken))<button data-key="s">立即发送 <kbd>S</kbd></button></form>
            """
    }

    // MARK: Settings

    /// What can be set of the link, in a technician's words, with the form in which it is written.
    private static let settingWords: [(name: WindowSettings.Name, label: String, hint: String)] = [
        (.metered, "按流量计费", "yes 或 no"), (.photos, "照片发送时间", "如 22:00-06:00；always 随时，never 不发送"),
        (.budget, "每天流量上限", "如 5MB；none 不限"), (.schedule, "定时交换（分钟）", "5 至 1440；none 不定时"),
    ]

    private func settings(_ viewer: Viewer) async throws -> HTML {
        let sources = try await api.store.settingSources()
        let inputs = Self.settingWords.map { name, label, hint -> HTML in
            let line = sources.line(name)
            let own = sources.here.values[name] ?? ""
            let from =
                ["here": "本机设置", "hospital": "中心为本院设置", "all": "中心统一设置", "usual": "默认"][line.from.rawValue]
                ?? ""
            let input: HTML =
                name == .metered
                ? .select(name.rawValue, label, [("", "按中心的设置"), ("yes", "是"), ("no", "否")], chosen: own)
                : .input(name.rawValue, label, value: own, hint: hint, isRequired: false, longest: 32)
            return """
                <div class="setting">\(input)<p class="small soft">现在：\(Self.words(of: line.value, name))（\(from)）</p></div>
                """
        }
        return .card(
            "连接设置",
            """
            <form method="post" action="/link">\(hidden(viewer))\(inputs)<button class="main">保存设置</button>\
            <p class="small soft">不填则按中心的设置或默认值。保存后立即生效。</p></form>
            """)
    }

    private static func words(of value: String, _ name: WindowSettings.Name) -> String {
        switch value {
        case "yes": "是"
        case "no": "否"
        case "always": "随时"
        case "never": "不发送"
        case "none": name == .budget ? "不限" : "不定时"
        default: value
        }
    }

    @Sendable private func setLink(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        var settings = try await api.store.settingSources().here
        for (name, label, hint) in Self.settingWords {
            guard let value = fields[name.rawValue]?.trimmingBlanks else { continue }
            do throws(WindowSettingError) {
                try settings.set(name, to: value.isEmpty ? WindowSettings.auto : value)
            } catch {
                throw Web.Problem(
                    status: 422, title: "设置有误，未保存", detail: "“\(label)”应为：\(hint)。", remedy: error.description
                )
            }
        }
        try await api.store.save(settings)
        try await api.exchanger.noteSettings()
        return .seeOther("/link")
    }

    // MARK: The second copy

    private func copy(_ viewer: Viewer) async throws -> HTML {
        guard let status = try await api.secondCopy?.status() else { return .empty }
        let state = status.level == .green ? "good" : status.level == .amber ? "wait" : "bad"
        let facts: [(String, HTML)] = [
            ("位置", "\(status.place ?? "没有设置")"),
            (
                "最后一次写全",
                "\(status.ageSeconds.map { $0 == 0 ? "刚刚" : "\(times.since(times.now - $0 * 1000))前" } ?? "还没有")"
            ),
            ("尚未写入", "\(status.lackingChanges) 项变更，\(status.lackingAttachments) 张照片"),
            ("恢复凭条", "\(status.sheetMadeAt.map { "\(times($0))打印" } ?? "还没有打印")"),
        ]
        let forms: HTML = viewer.may(.keepSecondCopy) ? copyForms(status, viewer) : .empty
        return .card(
            "第二份备份", id: "copy",
            "\(HTML.note(state, [status.chinese]))\(HTML.pairs(facts))\(forms)")
    }

    private func copyForms(_ status: SecondCopyStatus, _ viewer: Viewer) -> HTML {
        let removal: HTML? =
            status.place == nil
            ? nil
            : """
            <form method="post" action="/link/copy/removal">\(hidden(viewer))<button class="grave">停用第二份备份</button></form>
            """
        return """
            <form method="post" action="/link/copy">\(hidden(viewer))\
            \(HTML.input("path", "备份位置", value: status.place ?? "", hint: "如 /media/backup（U 盘、第二块硬盘或网络共享上的目录）", longest: WindowAPI.journalPathBytesMax))\
            <label class="small"><input type="checkbox" name="allowsSameDisk" value="yes"> 允许与数据库在同一磁盘（仅供试用）</label>\
            <p><button class="main">保存备份位置</button></p></form>\
            <div class="row"><form method="post" action="/link/sheet" target="_blank">\(hidden(viewer))<button>打印恢复凭条</button></form>\(removal)</div>\
            <p class="small soft">恢复凭条上的恢复码只显示一次，请打印后密封保管。停用后已写入的备份仍在原处。</p>
            """
    }

    /// The sheet with a new code: it is in no list and no log, and cannot be shown again.
    @Sendable private func printSheet(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let code = try await api.copyWriter().makeSheet()
        let enrolment = try await api.store.loadEnrolment()
        let sheet = RecoverySheet(
            hospital: enrolment?.code ?? "", hospitalName: enrolment?.name ?? "",
            date: CalendarDate(milliseconds: api.environment.milliseconds()).description, code: code.text)
        var response = Response.html(sheet.html)
        // It stands alone, with its own style.
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return response
    }
}

extension String {
    /// Without blanks around it.
    var trimmingBlanks: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
