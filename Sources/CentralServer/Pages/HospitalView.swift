import Accounts
import Casework
import Pages
import SyncProtocol

/// One hospital as a page: what is wrong, its computers, orders, certificates, and from when on something is told of it.
struct HospitalView {
    let line: FleetDesk.Line
    let samples: [LagSample]
    let orders: [OrderDesk.Line]
    let stock: StockDesk.Line?
    let portrait: Fleet.Portrait
    let settings: FleetDesk.Settings
    let viewer: Viewer
    let times: TimeWords
    let people: People

    private var standing: HospitalStanding { line.standing }
    private var path: String { "/fleet/\(standing.hospital.code)" }
    private var token: HTML { FormToken.field(viewer.formToken) }

    var html: HTML {
        """
        <div class="title"><h1>\(standing.hospital.name)</h1><span class="soft">\(standing.hospital.code)</span>\(HTML.state(line.state.word, line.state.mark))\
        \(portrait.closedOn.map { HTML.state("\($0) 停办", "") })\
        <span class="push"><a class="button" href="/?hospital=\(standing.hospital.code)">办件</a><a class="button" href="/fleet">返回列表</a></span></div>\
        \(findings)\(figures)<div class="halves"><div>\(computers)\(history)</div><div>\(orderCard)\(stockCard)\(policyCard)\(thresholds)</div></div>
        """
    }

    private var findings: HTML {
        guard !line.findings.isEmpty else { return .note("good", ["没有发现问题。"]) }
        let lines = line.findings.map { finding -> HTML in
            "<p>\(HTML.state(finding.state.word, finding.state.mark)) \(finding.chinese)</p>"
        }
        return "<div class=\"note\" data-state=\"\(line.state.mark)\">\(lines)</div>"
    }

    private var figures: HTML {
        let contact = standing.latest?.contact
        return """
            <div class="figures">\(HTML.figure(contact.map { times.since($0.milliseconds) + "前" } ?? "从未", "最近联系"))\
            \(HTML.figure(contact?.report.map { "\($0.outboxCount)" } ?? "—", "项变更待发"))\
            \(HTML.figure("\(standing.latest?.lag ?? 0)", "条中心记录未收"))\
            \(HTML.figure("\(standing.conflictCount)", "项不一致", standing.conflictCount > 0 ? "wait" : ""))\
            \(HTML.figure("\(standing.lateItems)", "件事项超期", standing.lateItems > 0 ? "bad" : ""))</div>
            """
    }

    private var computers: HTML {
        let rows = standing.computers.map { computer -> HTML in
            let (contact, told) = (computer.contact, computer.condition?.condition)
            let clock = contact.map { error in
                let seconds = error.clockErrorMilliseconds.magnitude / 1000
                return seconds < 2
                    ? "准"
                    : "\(error.clockErrorMilliseconds > 0 ? "快" : "慢") \(TimeWords.span(UInt64(seconds)))"
            }
            let revoke: HTML? =
                viewer.may(.manageDevices) && !computer.device.isRevoked
                ? """
                <details><summary class="small">停用</summary><form method="post" action="\(path)/revocation">\(token)\
                \(HTML.hidden("device", computer.device.id.description))<p class="small">这台电脑将不能再与中心交换。</p><button class="grave">确认停用</button></form></details>
                """ : nil
            return """
                <tr><td><code>\(String(computer.device.id.description.suffix(8)))</code><small>\(times(computer.device.enrolledMilliseconds)) 登记</small></td>\
                <td>\(computer.device.isRevoked ? HTML.state("已停用", "") : "\(contact.map { times.since($0.milliseconds) + "前" } ?? "从未联系")")</td>\
                <td>\(contact?.report?.softwareVersion ?? "—")</td><td>\(clock ?? "—")</td><td>\(told.map { Self.word($0.secondCopy) } ?? "—")</td>\
                <td class="num">\(told.map { "\($0.refused)" } ?? "—")</td><td>\(revoke)</td></tr>

                """
        }
        let issue: HTML? =
            viewer.may(.manageDevices) && portrait.closedOn == nil
            ? """
            <form method="post" action="\(path)/token" class="body row">\(token)<button>生成登记码</button><span class="small soft">登记一台新电脑用，一次有效</span></form>
            """ : nil
        return .listCard(
            "电脑",
            "\(HTML.list(["电脑", "最近联系", "程序", "时钟", "第二份备份", "拒收", ""], rows, ifEmpty: "还没有登记电脑。"))\(issue)")
    }

    private static func word(_ copy: ExchangeRequest.Condition.SecondCopy?) -> String {
        guard let copy else { return "不明" }
        return switch copy {
        case .none: "没有"
        case .whole: "完好"
        case .late: "稍滞后"
        case .stale: "滞后"
        case .failing: "中断"
        }
    }

    private var history: HTML {
        let outbox = samples.map { Int(clamping: $0.outbox) }
        let lag = samples.map { Int(clamping: $0.lag) }
        return .card(
            "近 31 天", aside: "<span class=\"soft small\">每小时记录一次</span>",
            .pairs([
                (
                    "待发变更",
                    "\(HTML.line(outbox, "最多 \(outbox.max() ?? 0) 项"))\(if: outbox.count > 1, "最多 \(outbox.max() ?? 0) 项")"
                ),
                (
                    "未收记录",
                    "\(HTML.line(lag, "最多 \(lag.max() ?? 0) 条"))\(if: lag.count > 1, "最多 \(lag.max() ?? 0) 条")"
                ),
            ]))
    }

    // MARK: Orders

    private static let kinds: [(value: String, text: String)] = [
        ("verify", "核对：逐段比较，只补不同的办件"), ("push", "补送：把中心没有的全部送来"), ("pull", "重取：从头接收中心的全部记录"),
        ("rebuild", "重建：用本机记录重做列表"),
    ]

    private var orderCard: HTML {
        let rows = orders.suffix(12).reversed().map { order -> HTML in
            let kind = Self.kinds.first { $0.value == order.order.kind }?.text.prefix { $0 != "：" } ?? "核对"
            let state: HTML =
                order.order.isWithdrawn
                ? .state("已撤回", "") : order.isOver ? .state("已完成", "good") : .state("等待执行", "wait")
            let stages = order.windows.map { window in Self.word(window) }.joined(separator: "；")
            let withdraw: HTML? =
                viewer.may(.orderResync) && !order.isOver && !order.order.isWithdrawn
                ? """
                <form method="post" action="\(path)/orders/withdrawal">\(token)\(HTML.hidden("order", order.order.id))<button class="quiet">撤回</button></form>
                """ : nil
            return """
                <tr><td>\(String(kind))\(if: order.order.isDryRun, "（试算）")<small>\(times(order.order.milliseconds)) \(people[order.order.user])</small></td>\
                <td>\(state)<small>\(stages)</small></td><td>\(order.order.reason ?? "")</td><td>\(withdraw)</td></tr>

                """
        }
        let form: HTML? =
            viewer.may(.orderResync)
            ? """
            <form method="post" action="\(path)/orders" class="body">\(token)\(HTML.select("kind", "要求窗口", Self.kinds))\
            \(HTML.input("reason", "理由", isRequired: false))<div class="row"><button name="do" value="dry" class="main">先试算，不改动</button>\
            <button name="do" value="real">直接执行</button></div><p class="small soft">任何一种都不会丢弃尚未送达的内容；窗口下次联系时开始。</p></form>
            """ : nil
        return .listCard(
            "核对与补送", id: "orders", "\(form)\(HTML.list(["要求", "进展", "理由", ""], rows, ifEmpty: "没有要求过。"))")
    }

    private static func word(_ window: OrderDesk.Line.Window) -> String {
        guard let report = window.report else { return "尚未收到" }
        return switch report.stage.rawValue {
        case "seen": "已收到"
        case "underWay": "正在执行"
        case "done": "已完成"
        case "failed": "未成功"
        default: report.stage.rawValue
        }
    }

    // MARK: Certificates, rules, thresholds

    private var stockCard: HTML? {
        guard let stock, stock.stock.isAssigned else { return nil }
        let rows = stock.stock.ranges.map { range -> HTML in
            """
            <tr><td>\(range.first.description) — \(range.last.description)</td><td class="num">\(range.count)</td>\
            <td>\(range.date?.inChinese ?? "")</td></tr>
            """
        }
        let left =
            "剩余 \(stock.stock.remainingCount) 份，已用 \(stock.stock.usedCount)，作废 \(stock.stock.voidedCount)"
        return .listCard(
            "出生医学证明", aside: "<span class=\"\(stock.isLow ? "late" : "soft")\">\(left)</span>",
            .list(["号段", "份数", "分配日期"], rows, ifEmpty: ""))
    }

    private var policyCard: HTML {
        let lines = standing.policies.map { policy -> (String, HTML) in
            let isOld = policy.inUse.map { $0 < policy.newest } ?? false
            let inUse = policy.inUse.map { "第 \($0) 版" } ?? "未报告"
            return (policy.id, "\(inUse)\(if: isOld, " \(HTML.state("最新第 \(policy.newest) 版", "wait"))")")
        }
        let offered = portrait.view.offered.sorted().joined(separator: "、")
        return .card("使用的规则", .pairs([("办理地区", "\(offered.isEmpty ? "全部" : offered)")] + lines))
    }

    private static let words: [(name: FleetThresholds.Name, text: String)] = [
        (.lateHours, "多少小时没有联系算滞后"), (.silentHours, "多少小时没有联系算失联"), (.outboxHours, "变更多少小时未送达算异常"),
        (.clockMinutes, "时钟偏差多少分钟算异常"), (.alarmDays, "告警保留多少天"), (.stockDays, "证件够用少于多少天提醒"),
        (.photoCount, "待传照片超过多少张提醒"),
    ]

    private var thresholds: HTML {
        let lines = Self.words.map { name, text -> HTML in
            let value = settings.inForce[name.rawValue].map { "\($0)" } ?? ""
            guard viewer.may(.manageHospitals) else { return "<li>\(text)　<b>\(value)</b></li>" }
            return """
                <li><form method="post" action="\(path)/settings" class="row">\(token)\(HTML.hidden("name", name.rawValue))\
                <label class="line"><span>\(text)\(if: settings.own[name.rawValue] != nil, "（本院单独设置）")</span>\
                <input type="text" name="value" value="\(value)" inputmode="numeric" maxlength="7" autocomplete="off"></label><button>保存</button></form></li>
                """
        }
        return """
            <details class="card" id="settings"><summary>什么情况算异常</summary><div class="body"><ul class="plain">\(lines)</ul>\
            <p class="small soft">留空恢复为通用数值。</p></div></details>
            """
    }
}
