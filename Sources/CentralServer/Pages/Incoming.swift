import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// `/`: what came in, and what waits for whom.
extension CentralPages {
    /// Cases of one page.
    private static let casesPerPage = 30

    func addIncoming(to router: inout Router) {
        gate.page(
            &router, "/", .signedIn, recorded: AuditKind.read.rawValue, confined(.cases), showIncoming)
    }

    @Sendable private func showIncoming(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let names = try await names()
        let roles = (viewer.account?.roles ?? []).map(\.chinese).sorted().joined(separator: "、")
        let cases = viewer.may(.listCases) ? try await incoming(request, viewer, names) : nil
        return Page(
            "首页", under: "/", script: nil,
            content: """
                <div class="title"><h1>首页</h1><span class="soft">\(viewer.displayName)　\(roles)\(limits(viewer, names))</span></div>\
                \(try await figures(viewer))\(cases)
                """)
    }

    /// To what the account is limited, in words.
    private func limits(_ viewer: Viewer, _ names: Names) -> String {
        let hospitals = (viewer.hospitals ?? []).sorted().map(names.hospital)
        let department = viewer.account?.department.map(names.department)
        let all = hospitals + (viewer.policies ?? []).sorted() + [department].compactMap(\.self)
        return all.isEmpty ? "" : "　限：" + all.joined(separator: "、")
    }

    // MARK: What waits

    private func figures(_ viewer: Viewer) async throws -> HTML {
        var figures: [HTML] = []
        if viewer.may(.settle) {
            let counts = try await deskCounts(for: viewer)
            let asides = counts[[.aside, .stray, .unreadable]]
            figures += [
                .linkedFigure(counts[[.conflict, .result]], "项内容不一致待核定", "/desk?kind=conflict", "wait"),
                .linkedFigure(counts[[.duplicate]], "件疑似重复", "/desk/duplicates", "wait"),
                .linkedFigure(counts[[.collision]], "件编号重复", "/desk?kind=collision", "bad"),
                .linkedFigure(asides, "项变更已搁置", "/desk?kind=aside", "wait"),
            ]
        }
        if viewer.may(.answerTasks) { figures += try await taskFigures(viewer) }
        if viewer.may(.readStatistics) { figures += try await lateFigures(viewer) }
        if viewer.may(.readFleet) { figures += try await fleetFigures(viewer) }
        return figures.isEmpty ? .empty : "<nav class=\"figures\" aria-label=\"待办\">\(figures)</nav>"
    }

    private func taskFigures(_ viewer: Viewer) async throws -> [HTML] {
        let departments = try await answered(by: viewer)
        // Who answers for all of them sees the sum; what each has to do stands on their own page.
        guard departments.count == 1, let own = departments.first else {
            return [.linkedFigure(departments.map(\.ready).reduce(0, +), "件待部门办理", "/departments")]
        }
        return [.linkedFigure(own.ready, "件待\(own.name)办理", "/departments/\(own.code)", "wait")]
    }

    private func lateFigures(_ viewer: Viewer) async throws -> [HTML] {
        let counts = try await api.statisticsDesk.overdue(StatisticsDesk.OverdueQuestion(countMax: 0)).counts
            .filter { viewer.serves(hospital: $0.hospitalCode) }
        return [.linkedFigure(counts.map(\.late).reduce(0, +), "件事项超期", "/overdue", "bad")]
    }

    private func fleetFigures(_ viewer: Viewer) async throws -> [HTML] {
        let lines = try await fleetLines().filter { viewer.serves(hospital: $0.standing.hospital.code) }
        let ill = lines.count { [.alarm, .failing].contains($0.state) }
        let low = lines.count { line in line.findings.contains { $0.rule == .stockLow } }
        return [
            .linkedFigure(lines.count { $0.state == .silent }, "家医院失联", "/fleet?state=silent", "bad"),
            .linkedFigure(ill, "家医院异常", "/fleet?state=failing", "bad"),
            .linkedFigure(low, "家医院证件不足", "/fleet?rule=stockLow", "wait"),
        ]
    }

    /// How hospitals stood within the last minute: a count on a page need not read every hospital anew.
    func fleetLines() async throws -> [FleetDesk.Line] {
        let now = api.environment.now()
        if let known = api.fleetMemory.withLock({ $0 }), now < known.milliseconds + 60_000,
            now >= known.milliseconds
        {
            return known.lines
        }
        let lines = try await api.fleetDesk.lines()
        api.fleetMemory.withLock { $0 = (now, lines) }
        return lines
    }

    // MARK: Cases

    private func incoming(_ request: Request, _ viewer: Viewer, _ names: Names) async throws -> HTML {
        let query = request.query
        let (hospital, number) = (query["hospital"].orNil, query["number"].orNil?.uppercased())
        let address = Address("/", query)
        var (cases, next) = try await api.caseDesk.listed(
            before: query["before"].flatMap { CaseID($0) }, in: hospital, number: number,
            countMax: Self.casesPerPage)
        cases.removeAll { listed in
            !listed.state.texts("policyID", in: dictionary).allSatisfy { viewer.applies(policy: $0) }
                || !(viewer.hospitals.map { !$0.isDisjoint(with: listed.hospitals) } ?? true)
        }
        let today = try await arrivedToday(viewer)
        let offered = names.hospitals.filter { viewer.serves(hospital: $0.code) }
        let search: HTML = .filters(
            address, without: ["hospital", "number", "before"],
            """
            \(HTML.filter("hospital", "医院", any: "全部医院", offered.map { ($0.code, $0.name) }, chosen: hospital))\
            <label class="line"><span>办件编号</span><input type="search" name="number" value="\(number ?? "")" maxlength="64" autocomplete="off"></label>
            """)
        return """
            <div class="triple page"><section class="card" id="cases"><header><h2>最近办件</h2></header><div class="body">\(search)</div>\
            \(HTML.list(["新生儿", "编号", "医院", "状态", "最近变更"], cases.map { row($0, names) }, ifEmpty: number == nil ? "还没有办件。" : "没有这个编号的办件，请输入完整编号。"))</section>\
            \(HTML.listCard("今日登记", aside: "<span class=\"soft small\">\(today.map(\.count).reduce(0, +)) 件，按医院</span>", .list(["医院", "件数"], today.map { line in "<tr><td><a href=\"/?hospital=\(line.code)\">\(names.hospital(line.code))</a></td><td class=\"num\">\(line.count)</td></tr>" }, ifEmpty: "今天还没有登记的办件送达。")))\
            </div>\(HTML.more(next.map { address.with("before", $0.description) }, "更早的办件"))
            """
    }

    /// Cases that were registered today and are here, by hospital, the most first.
    private func arrivedToday(_ viewer: Viewer) async throws -> [(code: String, count: Int)] {
        let now = Moment(milliseconds: api.environment.now())
        let midnight = api.environment.now() - UInt64(now.seconds) * 1000
        let counts = try await api.store.read { transaction throws(CentralError) in
            let codes = Dictionary(
                try transaction.hospitals().map { ($0.id, $0.code) }, uniquingKeysWith: { first, _ in first })
            return try transaction.caseCounts(since: midnight).compactMap { hospital, count in
                codes[hospital].map { (code: $0, count: count) }
            }
        }
        return counts.filter { viewer.serves(hospital: $0.code) }.sorted {
            ($1.count, $0.code) < ($0.count, $1.code)
        }
    }

    private func row(_ listed: ListedCase, _ names: Names) -> HTML {
        let (state, casebook) = (listed.state, api.books.casebook)
        let stage = casebook.progress(of: state).stage
        let mother = state.text("motherName", in: dictionary) ?? ""
        let mark: HTML =
            listed.summary.conflictCount > 0
            ? .state("\(listed.summary.conflictCount) 项不一致", "bad") : .state(stage.listWord, stage.mark)
        return """
            <tr><td><a class="name" href="/cases/\(listed.summary.caseID)">\(state.title(dictionary))</a><small>母亲 \(mother)</small></td>\
            <td>\(state.text("caseNumber", in: dictionary) ?? "—")</td><td>\(listed.hospitals.map(names.hospital).joined(separator: "、"))</td>\
            <td>\(mark)</td><td class="small soft">\(times.ago(listed.summary.lastMilliseconds))</td></tr>

            """
    }
}

extension String? {
    /// Nil for what a form left empty.
    var orNil: String? { flatMap { $0.isEmpty ? nil : $0 } }
}
