import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// `/fleet`: how the hospitals stand, the worst first; and one of them, with what a technician can order.
extension CentralPages {
    func addFleet(to router: inout Router) {
        page(&router, "/fleet", .readFleet, .hospitals, showFleet)
        page(&router, "/fleet/{code}", .readFleet, .hospital, showHospital)
        form(&router, "/fleet/{code}/orders", .orderResync, .hospital, orderResync)
        form(&router, "/fleet/{code}/orders/withdrawal", .orderResync, .hospital, withdrawOrder)
        form(&router, "/fleet/{code}/token", .manageDevices, .hospital, issueToken)
        form(&router, "/fleet/{code}/revocation", .manageDevices, .hospital, revoke)
        form(&router, "/fleet/{code}/settings", .manageHospitals, .hospital, setThreshold)
    }

    /// Hospitals of one page.
    private static let hospitalsPerPage = 60
    /// Hours that the small picture shows.
    private static let hoursShown = 48

    @Sendable private func showFleet(_ request: Request, _ viewer: Viewer) async throws -> Page {
        guard viewer.policies == nil else {
            throw Web.Problem(status: 403, title: "您的账号只限部分政策包", remedy: "请由不限政策包的同事查看。")
        }
        let address = Address("/fleet", request.query)
        let all = try await api.fleetDesk.lines().filter {
            viewer.serves(hospital: $0.standing.hospital.code)
        }
        let lines = all.filter { line in
            (address["state"].map { $0 == line.state.rawValue } ?? true)
                && (address["rule"].map { rule in line.findings.contains { $0.rule.rawValue == rule } }
                    ?? true)
        }
        let start = min(max(address["from"].flatMap { Int($0) } ?? 0, 0), lines.count)
        let shown = lines[start..<min(start + Self.hospitalsPerPage, lines.count)]
        let hour = Int(clamping: api.environment.now() / 3_600_000)
        let samples = try await api.store.read { transaction throws(CentralError) in
            try transaction.samples(from: hour - Self.hoursShown)
        }
        let rows = shown.map { fleetRow($0, samples[$0.standing.hospital.id] ?? []) }
        let states = FleetState.allCases.map { state -> HTML in
            let count = all.count { $0.state == state }
            return """
                <li><a href="\(address.with("state", state.rawValue).with("rule", nil).with("from", nil).text)"\(if: address["state"] == state.rawValue, " aria-current=\"page\"")>\
                \(state.word)<span class="count" data-state="\(count > 0 && state < .late ? "bad" : count > 0 && state == .late ? "wait" : "")">\(count)</span></a></li>
                """
        }
        let whole: HTML = """
            <li><a href="/fleet"\(if: address["state"] == nil, " aria-current=\"page\"")>全部<span class="count">\(all.count)</span></a></li>
            """
        let end = start + Self.hospitalsPerPage
        return Page(
            "医院", under: "/fleet",
            content: """
                <div class="title"><h1>医院</h1><span class="soft">情况差的在前；曲线是近两天未送达的变更</span>\
                <span class="push"><a class="button" href="/api/v1/fleet?format=csv" download="fleet.csv">下载表格（CSV）</a></span></div>\
                <div class="split"><nav class="card sticky" aria-label="按情况查看"><ul class="side">\(whole)\(states)</ul></nav>\
                <div><div class="card">\(HTML.list(["医院", "情况", "最近联系", "近两天待发", "待发", "冲突/搁置", "超期", "证件", "程序"], rows, ifEmpty: "没有这样的医院。"))</div>\
                \(HTML.more(end < lines.count ? address.with("from", "\(end)") : nil))</div></div>
                """)
    }

    private func fleetRow(_ line: FleetDesk.Line, _ samples: [LagSample]) -> HTML {
        let (standing, latest) = (line.standing, line.standing.latest)
        let contact = latest?.contact
        let outbox = contact?.report.map { "\($0.outboxCount)" } ?? "—"
        let stock: HTML =
            standing.stock.map { "<td class=\"num \($0.isLow ? "late" : "")\">\($0.remaining)</td>" }
            ?? "<td class=\"num soft\">—</td>"
        let values = samples.map { Int(clamping: $0.outbox) }
        return """
            <tr><td><a class="name" href="/fleet/\(standing.hospital.code)">\(standing.hospital.name)</a><small>\(standing.hospital.code)</small></td>\
            <td>\(HTML.state(line.state.word, line.state.mark))<small>\(line.findings.first?.chinese ?? "")\(if: line.findings.count > 1, "（另有 \(line.findings.count - 1) 项）")</small></td>\
            <td>\(contact.map { times.since($0.milliseconds) + "前" } ?? "从未")</td>\
            <td>\(HTML.line(values, "近两天最多 \(values.max() ?? 0) 项待发", isBad: line.state < .late))</td>\
            <td class="num">\(outbox)</td><td class="num">\(standing.conflictCount) / \(standing.asideCount)</td>\
            <td class="num \(standing.lateItems > 0 ? "late" : "")">\(standing.lateItems)</td>\(stock)\
            <td class="small">\(contact?.report?.softwareVersion ?? "—")</td></tr>

            """
    }

    // MARK: One hospital

    @Sendable private func showHospital(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let code = try request.parameter("code")
        guard let line = try await api.fleetDesk.lines(of: code).first else {
            throw CentralError.refused(.unknownHospital)
        }
        let view = HospitalView(
            line: line, samples: try await api.fleetDesk.history(of: code),
            orders: try await api.orderDesk.list(of: code),
            stock: try await api.stockDesk.lines(of: code).first,
            portrait: try await api.fleet.portrait(of: code),
            settings: try await api.fleetDesk.settings(of: code),
            viewer: viewer, times: times, people: try await people())
        return Page(line.standing.hospital.name, under: "/fleet", content: view.html)
    }

    private func address(_ request: Request) throws(CentralError) -> String {
        "/fleet/" + PercentCoding.encode(try request.parameter("code"))
    }

    @Sendable private func orderResync(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        guard let kind = fields["kind"].flatMap({ ResyncKind(rawValue: $0) }) else {
            throw Web.Problem(status: 422, title: "请选择如何核对", detail: "没有下达。")
        }
        let reason = fields["reason"].orNil
        guard (reason?.count ?? 0) <= FieldType.textLongest else {
            throw Web.Problem(status: 422, title: "理由过长，没有下达", detail: "请缩短后再保存。")
        }
        _ = try await api.orderDesk.order(
            OrderDesk.Wish(kind: kind, isDryRun: fields["do"] != "real", reason: reason),
            for: try request.parameter("code"), by: request.operatorName)
        return .seeOther(try address(request) + "#orders")
    }

    @Sendable private func withdrawOrder(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let code = try request.parameter("code")
        let id = fields["order"] ?? ""
        guard try await api.orderDesk.list(of: code).contains(where: { $0.order.id == id }) else {
            throw CentralError.refused(.unknownOrder)
        }
        _ = try await api.orderDesk.withdraw(id, by: request.operatorName)
        return .seeOther(try address(request) + "#orders")
    }

    /// A token is in no address and no store: it is on this one answer, and nowhere afterwards.
    @Sendable private func issueToken(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let issued = try await api.fleet.issueToken(for: try request.parameter("code"))
        let back = try address(request)
        let content: HTML = """
            <div class="entry"><div class="card"><div class="body"><h1>登记码</h1>\
            <p>请告知医院的技术员，在窗口电脑上输入一次。本页关闭后不再显示；有效至 \(times(issued.expiresMilliseconds))。</p>\
            <p><b class="secret">\(issued.token.text)</b></p><p><a class="button main" href="\(back)">返回</a></p></div></div></div>
            """
        return Page("登记码", under: "/fleet", content: content).response(
            in: try await frame(for: viewer, request))
    }

    @Sendable private func revoke(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let code = try request.parameter("code")
        let devices = try await api.fleet.devices(of: code).map(\.device.id)
        guard let id = fields["device"].flatMap({ DeviceID($0) }), devices.contains(id) else {
            throw CentralError.refused(.unknownDevice)
        }
        try await api.fleet.revoke(id)
        return .seeOther(try address(request))
    }

    @Sendable private func setThreshold(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let text = fields["value"].orNil
        let value = text.flatMap { Int($0) }
        guard text == nil || value != nil else {
            throw Web.Problem(status: 422, title: "请填写整数", detail: "没有保存。留空恢复为通用数值。")
        }
        try await api.fleetDesk.set(
            fields["name"] ?? "", to: value, of: try request.parameter("code"), by: request.operatorName)
        return .seeOther(try address(request) + "#settings")
    }
}

extension FleetState {
    /// How its word is coloured.
    var mark: String {
        switch self {
        case .alarm, .failing, .silent: "bad"
        case .late: "wait"
        case .ok: "good"
        }
    }
}
