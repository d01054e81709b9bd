import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// What differs: values that contradict each other, values that central has put aside, and changes that were left out.
extension WindowPages {
    /// Cases of one list of differences.
    static let differencesMax = 100

    func addDifferences(to router: inout Router) {
        page(&router, "/differences", .readCase, listDifferences)
        form(&router, "/cases/{id}/settlement", .editCase, settle)
        form(&router, "/cases/{id}/losses/restoration", .editCase, restoreLoss)
        form(&router, "/cases/{id}/losses/seen", .editCase, noteLossSeen)
    }

    // MARK: In a case

    /// The groups of a case that wait for a person, and the changes of it that were left out; empty if there are none.
    func conflicts(of id: CaseID, for viewer: Viewer) async throws -> HTML {
        let changes = try await api.store.changes(of: id)
        let state = CaseState(folding: changes)
        let groups = state.conflicts(by: api.dictionary.mergeRules)
        let asides = asides(of: state)
        if groups.isEmpty { return asides }
        let policies = try await api.store.rules().policies
        let hidden = try await formFields(on: id, for: viewer)
        let (hospital, people) = (try await hospitalCode(), try await people())
        let cards = groups.map { group in
            ConflictCard(
                caseID: id,
                report: ConflictReport(
                    group, in: changes, state, policies: policies, dictionary: api.dictionary),
                words: words(group, hospital, people), dictionary: api.dictionary, hidden: hidden?()
            ).html
        }
        return "\(cards)\(asides)"
    }

    /// The values of this hospital's in a case that central has put aside.
    ///
    /// - Parameter all: also those that a clerk has seen.
    func losses(of id: CaseID, all: Bool = false, for viewer: Viewer) async throws -> HTML {
        let (losses, state) = try await api.store.losses(of: id)
        let shown = losses.filter { all || !$0.isSeen }
        if shown.isEmpty { return .empty }
        let hidden = try await formFields(on: id, for: viewer)
        let (hospital, people) = (try await hospitalCode(), try await people())
        return HTML(
            shown.map { loss in
                LossCard(
                    caseID: id, loss: loss, standing: state.registers[loss.group]?.standing ?? [],
                    words: words(loss.group, hospital, people), people: people,
                    isEntered: api.dictionary[loss.group]?.isEntered ?? false,
                    hidden: hidden?()
                ).html
            })
    }

    /// Makes the hidden fields of each form on a case that the viewer may change; nil for any other.
    func formFields(on id: CaseID, for viewer: Viewer) async throws -> (@Sendable () -> HTML)? {
        guard viewer.may(.editCase), try await api.store.departure(of: id) == nil else { return nil }
        return { hidden(viewer) }
    }

    private func words(_ group: GroupID, _ hospital: String, _ people: People) -> ValueWords {
        ValueWords(group, api.dictionary, times: times) { author in
            let place =
                switch author.role {
                case .window: author.unit == hospital ? "本院" : "\(author.unit) 窗口"
                case .central: "中心"
                case .department: "部门 \(author.unit)"
                }
            return "\(place) \(people[author.user])"
        }
    }

    private func hospitalCode() async throws -> String { try await api.store.loadEnrolment()?.code ?? "" }

    private func asides(of state: CaseState) -> HTML {
        let asides = state.asides.filter(\.value.isAside).sorted { $0.key < $1.key }
        if asides.isEmpty { return .empty }
        let lines = asides.map { id, verdicts -> HTML in
            let sentences = verdicts.reasons.map { AsideReason($0).chinese(api.dictionary) }
            return """
                <li>\(HTML.state("已搁置", "wait")) 变更 <code>\(String(id.description.prefix(12)))</code>：\(sentences.joined(separator: " "))</li>
                """
        }
        return .card(
            "搁置的变更",
            """
            <ul class="plain">\(lines)</ul><p class="small soft">搁置的内容没有丢失，也不影响其他办理。如有疑问，请与中心联系；确需填写的，请重新填写并保存。</p>
            """)
    }

    // MARK: Of all cases

    /// On the left the cases, on the right what differs in one of them.
    @Sendable private func listDifferences(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let disputed = try await api.store.disputedCases(limit: Self.differencesMax)
        let lost = try await api.store.unseenLossCases(limit: Self.differencesMax)
        let aside = try await api.store.casesWithAsides(limit: Self.differencesMax)
        let chosen = request.query["case"].flatMap { CaseID($0) }
        let all = disputed + lost + aside
        let first = all.first { $0.id == chosen } ?? all.first
        let list: HTML = """
            \(part("内容不一致", "conflict", disputed, first?.id))\(part("未采用本院内容", "loss", lost, first?.id))\
            \(part("有搁置的变更", "aside", aside, first?.id))
            """
        let content: HTML
        if let first {
            let (name, number) = (first.summary.childName ?? "（未命名）", first.summary.number ?? "")
            content = """
                <div class="title"><h2><a href="/cases/\(first.id)">\(name)</a></h2><span class="soft">\(number)</span></div>\
                \(try await conflicts(of: first.id, for: viewer))\(try await losses(of: first.id, for: viewer))
                """
        } else {
            content = .card("没有要处理的内容", "<p>各办件的内容一致，也没有未采用的本院内容。</p>")
        }
        return Page(
            "冲突与落选", under: "/differences",
            content: """
                <div class="title"><h1>冲突与落选</h1><span class="soft">两处填写不同，或中心没有采用本院填写内容的办件</span>\
                <div class="push"><a class="button" href="/returned">退回补正</a></div></div>\
                <div class="desk"><nav class="card" aria-label="办件" id="cases">\(list)</nav><div id="chosen">\(content)</div></div>
                """)
    }

    private func part(_ title: String, _ kind: String, _ cases: [ListedCase], _ chosen: CaseID?) -> HTML? {
        if cases.isEmpty { return nil }
        let rows = cases.map { line -> HTML in
            let name = line.summary.childName ?? "（未命名）"
            return """
                <li><a href="/differences?case=\(line.id)"\(if: line.id == chosen, " aria-current=\"true\"")><span>\
                <b>\(name)</b><small>\(line.summary.motherName ?? "") · \(times(line.changedAt))</small></span></a></li>
                """
        }
        return "<h3>\(title)（\(cases.count)）</h3><ul class=\"side\" data-kind=\"\(kind)\">\(rows)</ul>"
    }

    // MARK: Deciding

    private func group(_ fields: FormFields) throws -> GroupID {
        guard let number = fields["group"].flatMap({ UInt32($0) }) else {
            throw Web.Problem(status: 400, title: "页面内容不完整，未保存", detail: "请刷新页面后再办理。")
        }
        return GroupID(rawValue: number)
    }

    private func dot(_ fields: FormFields) throws -> Dot {
        guard let dot = fields["dot"].flatMap({ Dot($0) }) else {
            throw Web.Problem(status: 422, title: "请选定采用哪个内容", detail: "未保存。")
        }
        return dot
    }

    @Sendable private func settle(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try api.caseID(request)
        let reason = try reason(fields, for: "核对依据")
        _ = try await api.store.settle(
            id, try group(fields), by: try dot(fields), seen: try dots(fields),
            try await saving(viewer, fields, reason: reason))
        await api.exchanger.noteSaved()
        return SeeOther.back(request, otherwise: "/cases/\(id)")
    }

    @Sendable private func restoreLoss(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try api.caseID(request)
        let reason = try reason(fields, for: "恢复的理由")
        _ = try await api.store.writeAgain(
            id, try dot(fields), in: try group(fields), seen: try dots(fields),
            try await saving(viewer, fields, reason: reason))
        await api.exchanger.noteSaved()
        return SeeOther.back(request, otherwise: "/cases/\(id)")
    }

    @Sendable private func noteLossSeen(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try api.caseID(request)
        _ = try await api.store.acknowledge(id, group: try group(fields), try await saving(viewer, fields))
        await api.exchanger.noteSaved()
        return SeeOther.back(request, otherwise: "/cases/\(id)")
    }
}
