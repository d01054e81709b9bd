import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// `/desk/cases/{id}`: what waits in one case, and deciding on it.
extension CentralPages {
    func addDeskCases(to router: inout Router) {
        page(&router, "/desk/cases/{id}", .settle, .case, showDeskCase)
        form(&router, "/desk/cases/{id}/settlement", .settle, .case, settleOne)
        form(&router, "/desk/cases/{id}/undo", .settle, .case, undoOne)
        form(&router, "/desk/cases/{id}/verdict", .setAside, .case, judgeOne)
        form(&router, "/desk/cases/{id}/assignee", .settle, .case, assignOne)
    }

    @Sendable private func showDeskCase(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let id = try request.caseID()
        let (items, view) = (try await deskQueue.items(of: id), try await api.caseDesk.view(id))
        let changes = try await changes(of: id)
        let names = try await names()
        let view1 = DeskCaseView(
            id: id, items: items, state: view.state, changes: changes, names: names, viewer: viewer,
            casebook: api.books.casebook, times: times)
        let done = request.query["done"].flatMap { UInt32($0) }.map(GroupID.init(rawValue:))
        var note: HTML?
        if let done { note = try await undoNote(on: id, done, viewer) }
        let hospitals = view.hospitals.map(\.name).joined(separator: "、")
        let assignee = view.state.text("deskAssignee", in: dictionary)
        let waiting: HTML =
            items.isEmpty
            ? .card("没有待处理的内容", "<p>这个办件的内容都已处理。<a href=\"/desk\" data-key=\"j\">返回队列</a></p>") : view1.cards
        return Page(
            view.state.title(dictionary), under: "/desk",
            content: """
                <div class="title"><h1>\(view.state.title(dictionary))</h1>\
                <span class="soft">\(view.state.text("caseNumber", in: dictionary) ?? "尚无编号")　\(hospitals)</span>\
                <span class="push"><a class="button" href="/cases/\(id)">办件全貌</a><a class="button" href="/desk">返回队列</a></span></div>\
                \(note)\(assignment(id, assignee, viewer))\(waiting)\(view1.decided)
                """)
    }

    func changes(of id: CaseID) async throws(CentralError) -> [Change] {
        try await api.store.read { transaction throws(CentralError) in
            try transaction.changes(of: id).map(\.change)
        }
    }

    private func assignment(_ id: CaseID, _ assignee: String?, _ viewer: Viewer) -> HTML {
        let isMine = assignee == viewer.name
        let words = assignee.map { isMine ? "由我办理" : "\($0) 正在办理" } ?? "还没有人办理"
        return """
            <form method="post" action="/desk/cases/\(id)/assignee" class="row bar">\(hidden(viewer))<span class="soft">\(words)</span>\
            \(if: !isMine, "<button name=\"do\" value=\"mine\" data-key=\"m\">由我办理 <kbd>M</kbd></button>")\
            \(if: assignee != nil, "<button name=\"do\" value=\"none\">不再指定</button>")\
            <label class="line"><span>交给（账号）</span><input type="text" name="assignee" maxlength="32" autocomplete="off"></label><button name="do" value="assign">交办</button></form>
            """
    }

    // MARK: Deciding

    @Sendable private func settleOne(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try request.caseID()
        guard let group = fields["group"].flatMap({ UInt32($0) }).map(GroupID.init(rawValue:)) else {
            throw CentralError.refused(.malformed("The form names no group."))
        }
        let choice: DeskChoice
        if let dot = fields["dot"] {
            choice = .standing(try Dot(reading: dot))
        } else {
            choice = .value(try typed(fields, in: group))
        }
        try await api.mergeDesk.settle(
            MergeDesk.Settlement(
                caseID: id, group: group, seen: try Dot.list(fields.all("seen")), choice: choice,
                reason: try reason(fields, "依据"), user: request.operatorName))
        let rest = try await deskQueue.items(of: id)
        return .seeOther(
            rest.isEmpty
                ? "/desk?done=\(id.description).\(group.rawValue)"
                : "/desk/cases/\(id.description)?done=\(group.rawValue)")
    }

    /// A value of the person's own, from the inputs of its fields.
    private func typed(_ fields: FormFields, in group: GroupID) throws -> [CBOR] {
        let values = FormValues(fields)
        let members = dictionary[group]?.members ?? []
        var coded: [CBOR] = []
        var faults: [String] = []
        for field in members {
            do throws(ValueError) { coded.append(try field.type.cbor(from: values.json(of: field))) } catch {
                faults.append(Fault(key: field.key, label: field.label, problem: error.problem).chinese)
            }
        }
        guard faults.isEmpty, !members.isEmpty, coded.contains(where: { $0 != .null }) else {
            throw Web.Problem(
                status: 422, title: "填写的内容不能采用",
                detail: faults.isEmpty ? "没有填写内容。" : faults.joined(separator: "\n"),
                remedy: "请返回上一页改正。")
        }
        return coded
    }

    @Sendable private func undoOne(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try request.caseID()
        guard let group = fields["group"].flatMap({ UInt32($0) }).map(GroupID.init(rawValue:)),
            let dot = fields["dot"]
        else { throw CentralError.refused(.malformed("The form names no settlement.")) }
        try await api.mergeDesk.undo(
            MergeDesk.Undo(
                caseID: id, group: group, dot: try Dot(reading: dot), reason: try reason(fields),
                user: request.operatorName))
        return .seeOther("/desk/cases/\(id.description)")
    }

    @Sendable private func judgeOne(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try request.caseID()
        try await api.mergeDesk.give(
            MergeDesk.Verdict(
                caseID: id, target: try ContentID(reading: fields["change"] ?? ""),
                isTakenUp: fields["verdict"] == "take-up", seen: try Dot.list(fields.all("seen")),
                reason: try reason(fields), user: request.operatorName))
        let rest = try await deskQueue.items(of: id)
        return .seeOther(rest.isEmpty ? "/desk" : "/desk/cases/\(id.description)")
    }

    @Sendable private func assignOne(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let name =
            fields["do"] == "mine" ? viewer.name : fields["do"] == "none" ? "" : fields["assignee"] ?? ""
        let id = try request.caseID()
        _ = try await api.mergeDesk.assign(id, to: name.isEmpty ? nil : name, by: request.operatorName)
        return .seeOther("/desk/cases/\(id.description)")
    }

    /// Says what was settled just now, with the button that takes it back; nil if others have written since.
    func undoNote(on id: CaseID, _ group: GroupID, _ viewer: Viewer) async throws -> HTML? {
        let changes = try await changes(of: id)
        let state = CaseState(folding: changes)
        guard let act = Decided(group, changes, state) else { return nil }
        let words = words(of: group, try await names())
        return """
            <form method="post" action="/desk/cases/\(id)/undo" class="note row" data-state="good" role="status">\(hidden(viewer))\
            \(HTML.hidden("group", "\(group.rawValue)"))\(HTML.hidden("dot", act.dot.description))\(HTML.hidden("reason", "刚才选错"))\
            <span>已核定 \(state.title(dictionary)) 的“\(words.label)”：<b>\(act.values.map(words.line).joined(separator: " / "))</b></span>\
            <button data-key="u">撤销 <kbd>U</kbd></button></form>
            """
    }
}

/// What central decided last on a group, if that stands and can be taken back.
struct Decided {
    let dot: Dot
    let values: [[CBOR]]
    let write: GroupHistory.Write

    init?(_ group: GroupID, _ changes: [Change], _ state: CaseState) {
        let live = state.registers[group]?.dots ?? []
        guard let dot = live.first else { return nil }
        let history = GroupHistory(of: group, in: changes, state)
        let act = history.act(of: dot)
        guard act.map(\.dot).sorted() == live, let first = act.first,
            history.values(before: act).count > 1 || act.count > 1
        else { return nil }
        (self.dot, values, write) = (dot, act.map(\.value), first)
    }
}
