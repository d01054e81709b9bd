import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// `/rules`: by which rules hospitals work, the certificates that they hold, and numbers that do not fit; and `/acts`.
extension CentralPages {
    func addRules(to router: inout Router) {
        page(&router, "/rules", .managePolicies, .everything, showRules)
        form(&router, "/rules/withdrawal", .managePolicies, .everything, withdrawPolicy)
        form(&router, "/rules/ranges", .assignStock, .form, assignRange)
        page(&router, "/acts", .readAudit, .query, listActs)
        addPublication(to: &router)
    }

    /// Collisions of each kind that are shown.
    private static let collisionsMax = 20

    @Sendable private func showRules(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let (policies, faults) = try await api.recordDesk.policies()
        let names = try await names()
        let calendars = try await api.recordDesk.record(of: nil).calendars.map {
            ($0.year, $0.holidays.count, $0.workdays.count)
        }
        let stock = viewer.may(.readStock) ? try await api.stockDesk.lines(of: nil) : []
        let collisions =
            viewer.may(.readStock) ? try await api.stockDesk.collisions(countMax: Self.collisionsMax) : []
        let years = calendars.map {
            "<tr><td>\($0.0) 年</td><td class=\"num\">\($0.1)</td><td class=\"num\">\($0.2)</td></tr>" as HTML
        }
        return Page(
            "规则与库存", under: "/rules",
            content: """
                <div class="title"><h1>规则与库存</h1><span class="soft">医院按这里发布的规则办理</span></div>\
                \(if: request.query["published"] != nil, HTML.note("good", ["已发布。各医院下次与中心联系时收到。"]))\
                \(if: !faults.isEmpty, HTML.note("bad", faults.map(\.description)))\
                <div class="halves"><div>\(policyCard(policies, names, viewer))\(publicationCard(names, viewer))\
                \(HTML.listCard("节假日安排", .list(["年份", "放假", "调休上班"], years, ifEmpty: "只有程序自带的年份。")))</div>\
                <div>\(stockCard(stock, names, viewer))\(collisionCard(collisions, names))</div></div>
                """)
    }

    private func policyCard(
        _ policies: [RecordDesk.ListedPolicy], _ names: Names, _ viewer: Viewer
    ) -> HTML {
        var newest: Set<String> = []
        let rows = policies.map { listed -> HTML in
            let policy = listed.policy
            let isNewest = !listed.isWithdrawn && newest.insert(policy.id).inserted
            let state: HTML =
                listed.isWithdrawn ? .state("已停用", "bad") : isNewest ? .state("现行", "good") : .state("旧版", "")
            let place =
                listed.isShipped
                ? "程序自带"
                : listed.isForAll ? "全部医院" : listed.hospitals.map(names.hospital).joined(separator: "、")
            let withdraw: HTML? =
                listed.isWithdrawn || listed.isShipped
                ? nil
                : """
                <details><summary class="small">停用</summary><form method="post" action="/rules/withdrawal">\(hidden(viewer))\
                \(HTML.hidden("id", policy.id))\(HTML.hidden("version", "\(policy.version)"))\(HTML.input("reason", "理由", longest: 200))<button class="grave">确认停用</button></form></details>
                """
            return """
                <tr><td>\(policy.title)<small>\(policy.id)　\(place)</small></td><td class="num">第 \(policy.version) 版</td>\
                <td>\(state)\(if: !listed.withdrawnAt.isEmpty, "<small>\(listed.withdrawnAt.map(names.hospital).joined(separator: "、")) 已停用</small>")</td>\
                <td class="num">\(listed.caseCount.grouped)</td><td>\(withdraw)</td></tr>

                """
        }
        return .listCard("办理规则", .list(["名称", "版本", "状态", "办件", ""], rows, ifEmpty: "没有规则。"))
    }

    private func stockCard(_ lines: [StockDesk.Line], _ names: Names, _ viewer: Viewer) -> HTML {
        let rows = lines.sorted { $0.stock.remainingCount < $1.stock.remainingCount }.map { line -> HTML in
            """
            <tr><td><a href="/fleet/\(line.hospital.code)">\(line.hospital.name)</a></td><td class="num">\(line.stock.assignedCount.grouped)</td>\
            <td class="num">\(line.stock.usedCount.grouped)</td><td class="num">\(line.stock.voidedCount.grouped)</td>\
            <td class="num \(line.isLow ? "late" : "")">\(line.stock.remainingCount.grouped)</td></tr>

            """
        }
        let form: HTML? =
            viewer.may(.assignStock)
            ? """
            <form method="post" action="/rules/ranges" class="body row">\(hidden(viewer))\(HTML.select("hospital", "分配给", names.hospitals.map { ($0.code, $0.name) }))\
            \(HTML.input("first", "起号", longest: 20))\(HTML.input("last", "止号", longest: 20))<button>分配号段</button></form>
            """ : nil
        return .listCard(
            "出生医学证明", "\(HTML.list(["医院", "已分配", "已用", "作废", "剩余"], rows, ifEmpty: "还没有分配过号段。"))\(form)")
    }

    private static let collisionWords = [
        "certificate-twice": "证件用了两次", "case-number-twice": "办件编号重复", "notice-number-twice": "文书编号重复",
        "outside-range": "不在医院的号段内", "voided-and-used": "已作废又使用",
    ]

    private func collisionCard(_ collisions: [StockDesk.Collision], _ names: Names) -> HTML {
        let rows = collisions.map { collision -> HTML in
            let holders = collision.holders.map { holder -> HTML in
                "<div><a href=\"/cases/\(holder.caseID)\">\(holder.caseNumber ?? "办件")</a> <span class=\"soft small\">\(holder.hospitals.map(names.hospital).joined(separator: "、"))</span></div>"
            }
            return """
                <tr><td>\(collision.number)</td><td>\(HTML.state(Self.collisionWords[collision.kind.rawValue] ?? "", "bad"))</td><td>\(holders)</td></tr>

                """
        }
        return .listCard("号码不符", .list(["号码", "问题", "办件"], rows, ifEmpty: "没有发现号码重复或不符。"))
    }

    @Sendable private func withdrawPolicy(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        guard let version = fields["version"].flatMap({ Int($0) }), let id = fields["id"] else {
            throw CentralError.refused(.unknownPolicy)
        }
        _ = try await api.recordDesk.withdraw(
            RecordDesk.Withdrawal(policy: PolicyName(id: id, version: version), reason: try reason(fields)),
            from: .all, by: request.operatorName)
        return .seeOther("/rules")
    }

    @Sendable private func assignRange(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        // What is wrong with the numbers is the same to a person: they are read again from the paper.
        guard let first = CertificateNumber((fields["first"] ?? "").uppercased()),
            let last = CertificateNumber((fields["last"] ?? "").uppercased()),
            let range = try? CertificateRange(
                first: first, last: last, date: CalendarDate(milliseconds: api.environment.now()))
        else {
            throw Web.Problem(
                status: 422, title: "号段不对", detail: "起号和止号应为一个字母加九位数字，起号不大于止号。", remedy: "请返回改正。")
        }
        _ = try await api.stockDesk.assign(range, to: fields["hospital"] ?? "", by: request.operatorName)
        return .seeOther("/rules")
    }

    // MARK: What was done by whom

    @Sendable private func listActs(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let address = Address("/acts", request.query)
        let kind = address["kind"].flatMap(ActDesk.Kind.init(rawValue:))
        let acts = try await ActDesk(store: api.store, books: api.books).acts(
            before: address["before"].flatMap { Int64($0) }.map(ChangeNumber.init(rawValue:)), of: kind,
            in: address["hospital"], countMax: 60)
        let names = try await names()
        let rows = acts.acts.map { act -> HTML in
            let about = act.about.filter { $0.key != "groups" }.sorted { $0.key < $1.key }.map(\.value)
                .joined(separator: " ")
            return """
                <tr><td>\(times(act.milliseconds))</td><td>\(HTML.state(act.kind.chinese, ""))</td><td>\(names.people[act.author.user])</td>\
                <td>\(act.hospitals.map(names.hospital).joined(separator: "、"))</td><td>\(about)</td><td>\(act.reason ?? "")</td></tr>

                """
        }
        let hospitals = names.hospitals.filter { viewer.serves(hospital: $0.code) }
        return Page(
            "管理操作", under: "/audit",
            content: """
                <div class="title"><h1>管理操作</h1><span class="soft">中心工作人员所做的管理操作，最近的在前</span></div>\
                \(HTML.filters(address, without: ["kind", "hospital", "before"], """
                    \(HTML.filter("kind", "种类", any: "全部", ActDesk.Kind.allCases.map { ($0.rawValue, $0.chinese) }, chosen: address["kind"]))\
                    \(HTML.filter("hospital", "医院", any: "全部医院", hospitals.map { ($0.code, $0.name) }, chosen: address["hospital"]))
                    """))\
                <div class="card">\(HTML.list(["时间", "操作", "谁", "医院", "对象", "理由"], rows, ifEmpty: "没有这样的操作。"))</div>\
                \(HTML.more(acts.next.map { address.with("before", "\($0.rawValue)") }, "更早的操作"))
                """)
    }
}

extension ActDesk.Kind {
    /// For staff.
    var chinese: String {
        switch self {
        case .hospital: "医院"
        case .closing: "医院停办"
        case .settings: "设置"
        case .policy: "发布规则"
        case .withdrawal: "停用规则"
        case .calendar: "节假日"
        case .stock: "证件"
        case .order: "核对与补送"
        case .move: "移交办件"
        case .archive: "归档"
        case .aside: "搁置"
        case .takeUp: "恢复采用"
        case .settlement: "核定"
        case .edit: "修改"
        case .account: "账号"
        case .erasure: "删除办件"
        }
    }
}
