import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// `/desk`: all that waits for a person, and settling much of it at once.
extension CentralPages {
    func addDesk(to router: inout Router) {
        page(&router, "/desk", .settle, .cases, showQueue)
        form(&router, "/desk/selection", .settle, .form, select)
        page(&router, "/desk/batch", .settle, .form, previewBatch)
        form(&router, "/desk/batch", .settle, .form, settleBatch)
        page(&router, "/desk/decisions", .settle, .query, listDecisions)
        addDeskCases(to: &router)
        addStrays(to: &router)
    }

    // MARK: The queue

    @Sendable private func showQueue(_ request: Request, _ viewer: Viewer) async throws -> Page {
        var address = Address("/desk", request.query)
        if address["policy"] == nil, let own = viewer.policies?.min() {
            address = address.with("policy", own)
        }
        if let asked = address["policy"], !viewer.applies(policy: asked) {
            throw CentralError.refused(.unknownPolicy)
        }
        var plain = request
        // "Nobody's" is an empty name for the queue, and a word in an address.
        plain.target = address.with("done", nil).with("settled", nil).with("refused", nil).text
        var query = try plain.deskQuery(now: api.environment.now(), dictionary)
        if query.filter.assignee == Self.nobody { query.filter.assignee = "" }
        query.countMax = min(query.countMax, Self.selectionMax)
        let items = try await deskQueue.page(query).filter {
            $0.entry.policy.isEmpty || viewer.applies(policy: $0.entry.policy)
        }
        let view = DeskQueueView(
            items: items, isFull: items.count == query.countMax, address: address, names: try await names(),
            counts: try await deskCounts(for: viewer), viewer: viewer, dictionary: dictionary, times: times,
            policies: policyTitles.filter { viewer.applies(policy: $0.id) })
        return Page(
            "合并台", under: "/desk", content: "\(view.title)\(try await outcome(request, viewer))\(view.body)")
    }

    /// The word for what nobody works on, in an address.
    static let nobody = "-"

    /// What was just done, with the way to take it back.
    private func outcome(_ request: Request, _ viewer: Viewer) async throws -> HTML? {
        if let settled = request.query["settled"].flatMap({ Int($0) }) {
            let refused = request.query["refused"].flatMap { Int($0) } ?? 0
            let more = refused > 0 ? ["\(refused) 项没有核定：内容已有变化，或没有符合条件的唯一内容，仍在队列中，请逐件核对。"] : []
            return """
                <div class="note" data-state="\(refused > 0 ? "wait" : "good")" role="status"><p>已核定 \(settled) 项。\
                <a href="/desk/decisions">查看或撤销</a></p>\(more.map { "<p>\($0)</p>" as HTML })</div>
                """
        }
        guard let done = request.query["done"]?.split(separator: "."), done.count == 2,
            let id = CaseID(String(done[0])), let group = UInt32(done[1]).map(GroupID.init(rawValue:))
        else { return nil }
        do { try await api.check([id], for: viewer) } catch { return nil }
        return try await undoNote(on: id, group, viewer)
    }

    // MARK: Many at once

    /// Values that a batch may take, in words.
    static let batchChoices: [(value: String, text: String)] = [
        ("later", "后填写的内容"), ("window", "窗口填写的内容"), ("department", "部门填写的内容"), ("central", "中心填写的内容"),
    ]

    @Sendable private func select(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let chosen = fields.all("case")
        guard 1...Self.selectionMax ~= chosen.count else {
            throw Web.Problem(
                status: 422, title: "请先勾选要处理的条目", detail: "一次 1 至 \(Self.selectionMax) 项。", remedy: "请返回队列勾选。"
            )
        }
        if fields["do"] == "assign" || fields["do"] == "mine" {
            let name = fields["do"] == "mine" ? viewer.name : (fields["assignee"] ?? "")
            for id in Set(chosen.compactMap { CaseID(String($0.prefix(36))) }) {
                _ = try await api.mergeDesk.assign(
                    id, to: name.isEmpty ? nil : name, by: request.operatorName)
            }
            return SeeOther.back(request, otherwise: "/desk")
        }
        let choice = fields["choice"] ?? "later"
        let places = chosen.map { "case=" + PercentCoding.encode($0) }.joined(separator: "&")
        return .seeOther("/desk/batch?choice=\(PercentCoding.encode(choice))&\(places)")
    }

    /// Entries of one selection: as many as a page of the queue has.
    static let selectionMax = 50

    /// What each entry of a selection would become, before anything is.
    @Sendable private func previewBatch(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let query = request.target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let fields = try FormFields(body: Array(query.utf8))
        let word = fields["choice"] ?? "later"
        guard let choice = DeskChoice(word) else {
            throw Web.Problem(status: 422, title: "请选择采用哪一内容", remedy: "请返回队列重新选择。")
        }
        var rows: [HTML] = []
        var count = 0
        let names = try await names()
        for place in fields.all("case").prefix(Self.selectionMax).compactMap(DeskPlace.init) {
            let (row, isPossible) = try await previewRow(place, choice, request, names)
            rows.append(row)
            if isPossible { count += 1 }
        }
        let meaning =
            Self.batchChoices.first { $0.value == word }?.text ?? names.hospital(
                word.split(separator: ":").last.map(String.init)) + "填写的内容"
        let submit: HTML =
            count == 0
            ? .note("wait", ["所选条目都不能这样批量核定，请逐件核对。"])
            : """
            <div class="row">\(HTML.reasonInputs(Self.reasons))<button class="main">核定 \(count) 项</button></div>
            """
        return Page(
            "批量核定", under: "/desk",
            content: """
                <div class="title"><h1>批量核定</h1><span class="soft">采用\(meaning)；现在只是预览，还没有改动</span>\
                <span class="push"><a class="button" href="/desk">返回队列</a></span></div>\
                <form method="post" action="/desk/batch" class="card">\(hidden(viewer))\(HTML.hidden("choice", word))\
                \(HTML.list(["办件", "栏目", "现有内容", "核定后"], rows, ifEmpty: "没有选中的条目。"))<div class="body">\(submit)</div></form>
                """)
    }

    static let reasons = ["与材料照片核对一致", "电话核实", "与医院核实", "与部门核实"]

    private func previewRow(
        _ place: DeskPlace, _ choice: DeskChoice, _ request: Request, _ names: Names
    ) async throws -> (row: HTML, isPossible: Bool) {
        let view = try await api.caseDesk.view(place.caseID)
        let words = words(of: place.group, names)
        let register = view.state.registers[place.group] ?? Register()
        let standing = register.standing.map { "<div>\(words.line($0.value))</div>" as HTML }
        let head: HTML = """
            <tr><td><a class="name" href="/desk/cases/\(place.caseID)">\(view.state.title(dictionary))</a>\
            <small>\(view.state.text("caseNumber", in: dictionary) ?? "")</small></td><td>\(words.label)</td><td>\(standing)</td>
            """
        do throws(CentralError) {
            let settled = try await api.mergeDesk.settle(
                MergeDesk.Settlement(
                    caseID: place.caseID, group: place.group, seen: register.dots, choice: choice,
                    reason: "-",
                    user: request.operatorName), isDryRun: true)
            let kept = DeskPlace(caseID: place.caseID, group: place.group, seen: register.dots)
            let value = settled.values.first.map { words.line($0) } ?? ""
            return ("\(head)<td><b>\(value)</b>\(HTML.hidden("case", kept.text))</td></tr>", true)
        } catch {
            if case .store = error { throw error }
            let problem = Web.Problem(page: error)
            return (
                "\(head)<td>\(HTML.state("不能批量", "wait"))<small>\(problem.title)</small></td></tr>", false
            )
        }
    }

    @Sendable private func settleBatch(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        guard let choice = fields["choice"].flatMap({ DeskChoice($0) }) else {
            throw Web.Problem(status: 422, title: "请选择采用哪一内容", remedy: "请返回队列重新选择。")
        }
        let reason = try reason(fields, "依据")
        var (settled, refused) = (0, 0)
        for place in fields.all("case").prefix(Self.selectionMax).compactMap(DeskPlace.init) {
            do throws(CentralError) {
                try await api.mergeDesk.settle(
                    MergeDesk.Settlement(
                        caseID: place.caseID, group: place.group, seen: place.seen, choice: choice,
                        reason: reason, user: request.operatorName))
                settled += 1
            } catch {
                if case .store = error { throw error }
                refused += 1
            }
        }
        return .seeOther("/desk?settled=\(settled)&refused=\(refused)")
    }

    // MARK: What was decided

    /// The last settlements, each with the way to where it is taken back.
    @Sendable private func listDecisions(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let names = try await names()
        let acts = try await ActDesk(store: api.store, books: api.books).acts(
            before: request.query["before"].flatMap { Int64($0) }.map(ChangeNumber.init(rawValue:)),
            of: .settlement, in: request.query["hospital"], countMax: 50)
        let rows = acts.acts.map { act -> HTML in
            let groups = act.change.content?.writes.keys.sorted() ?? []
            let label = groups.compactMap { dictionary[$0]?.label }.joined(separator: "、")
            let state: HTML? = act.author.user == viewer.name ? " \(HTML.state("本人", "live"))" : nil
            return """
                <tr><td>\(times(act.milliseconds))</td><td><a class="name" href="/desk/cases/\(act.change.caseID)#decided">\(label)</a></td>\
                <td>\(act.hospitals.map(names.hospital).joined(separator: "、"))</td><td>\(names.people[act.author.user])\(state)</td><td>\(act.reason ?? "")</td></tr>

                """
        }
        let address = Address("/desk/decisions", request.query)
        return Page(
            "核定记录", under: "/desk",
            content: """
                <div class="title"><h1>核定记录</h1><span class="soft">最近的在前；打开办件可以撤销</span>\
                <span class="push"><a class="button" href="/desk">返回队列</a></span></div>\
                <div class="card">\(HTML.list(["时间", "栏目", "医院", "核定人", "依据"], rows, ifEmpty: "还没有核定过的内容。"))</div>\
                \(HTML.more(acts.next.map { address.with("before", "\($0.rawValue)") }))
                """)
    }

    /// The values of a group in words.
    func words(of group: GroupID, _ names: Names) -> ValueWords {
        ValueWords(group, dictionary, times: times) { names.author($0) }
    }
}

/// One group of a case as a form names it: `CASE GROUP DOT,DOT`, without the dots before they are looked at.
struct DeskPlace: Hashable, Sendable {
    let caseID: CaseID
    let group: GroupID
    let seen: [Dot]

    init(caseID: CaseID, group: GroupID, seen: [Dot] = []) {
        (self.caseID, self.group, self.seen) = (caseID, group, seen)
    }

    init?(_ text: String) {
        let parts = text.split(separator: " ").map(String.init)
        guard 2...3 ~= parts.count, let id = CaseID(parts[0]), let group = UInt32(parts[1]) else {
            return nil
        }
        let dots = parts.count < 3 ? [] : parts[2].split(separator: ",").map { Dot(String($0)) }
        guard dots.count <= SyncProtocol.Limits.dotsPerGroupMax, !dots.contains(nil) else { return nil }
        self.init(caseID: id, group: GroupID(rawValue: group), seen: dots.compactMap(\.self))
    }

    var text: String {
        let dots = seen.map(\.description).joined(separator: ",")
        return "\(caseID.description) \(group.rawValue)" + (dots.isEmpty ? "" : " " + dots)
    }
}

extension ValueWords {
    /// A value in one line, with numbers that identify somebody hidden.
    func line(_ value: [CBOR]) -> String {
        let text = texts(value, isMasked: true).compactMap(\.self).joined(separator: " ")
        return text.isEmpty ? "（未填）" : text.count > 60 ? text.prefix(60) + "…" : text
    }
}
