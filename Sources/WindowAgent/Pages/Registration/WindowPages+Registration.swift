import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// A birth that is being registered: a draft on this machine, until its first section is saved and makes it a case.
extension WindowPages {
    /// Newborns of one delivery that are registered together.
    static let newbornsMax = 4

    /// `GET /register`: by which region's rules, and how many newborns.
    @Sendable func choosePolicy(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let rules = try await api.store.rules()
        // The one by which somebody registered last comes first.
        let last = try await api.store.workPage(WorkQuery(today: today)).lines.first?.summary.policy
        let offered = try await offeredPolicies()
        let own = offered.filter { $0.id == last } + offered.filter { $0.id != last }
        let ids = Set(own.map(\.id))
        let others = rules.policies.policies.filter {
            rules.policies[$0.id]?.version == $0.version && !ids.contains($0.id)
        }
        return Page(
            "新登记", under: "/register",
            content: RegistrationChoice(own: own, others: others, formToken: viewer.formToken).html)
    }

    /// `POST /register`: begins one.
    @Sendable func beginRegistration(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let policy = try await api.policy(named: fields["policy"] ?? "")
        let newborns = fields["newborns"].flatMap { Int($0) } ?? 1
        guard 1...Self.newbornsMax ~= newborns else {
            throw Web.Problem(status: 422, title: "新生儿人数有误", remedy: "请选择 1 到 \(Self.newbornsMax)。")
        }
        let id = String(api.environment.random(), radix: 16) + String(api.environment.random(), radix: 16)
        try await api.store.keepDraft(
            SectionDraft.newPrefix + id,
            try SectionDraft(FormFields([]), policy: policy.id, newborns: newborns).bytes)
        return .seeOther("/register/\(id)")
    }

    /// `GET /register/{draft}`
    @Sendable func showRegistration(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let (id, draft) = try await registration(request, FormFields([]))
        return try await registrationPage(id, draft, viewer)
    }

    /// `POST …/draft`: keeps what was typed.
    @Sendable func keepRegistration(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let (id, draft) = try await registration(request, fields)
        try await api.store.keepDraft(SectionDraft.newPrefix + id, try draft.bytes)
        let page = try await registrationPage(
            id, draft, viewer, kept: Moment(milliseconds: api.environment.milliseconds()))
        return page.response(in: try await frame(for: viewer, request))
    }

    /// `POST …/removal`
    @Sendable func dropRegistration(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        try await api.store.dropDraft(SectionDraft.newPrefix + (request.parameters["draft"] ?? ""))
        return .seeOther("/")
    }

    /// `POST /register/{draft}`: makes the case, and one for each further newborn with all that siblings have in common. One registration
    /// never makes two: its name is the save's.
    @Sendable func register(_ request: Request, _ fields: FormFields, _ viewer: Viewer) async throws
        -> Response
    {
        let (id, draft) = try await registration(request, fields)
        let sheet = try await registrationSheet(draft)
        let name = SectionDraft.newPrefix + id
        do {
            let changes = try sheet.changes(to: Answers(), today: today)
            var first = Answers(changes.values)
            if let newborns = draft.newborns, newborns > 1, first["plurality"] == nil {
                first["plurality"] = .text(newborns == 2 ? "twin" : "multiple")
            }
            let common = Answers(
                first.values.filter { api.dictionary.place(of: $0.key)?.group.isSharedBySiblings ?? false })
            let further = [Answers](repeating: common, count: max(0, (draft.newborns ?? 1) - 1))
            let saving = Saving(
                user: viewer.name, saveID: name, isDoubtful: await api.exchanger.isClockDoubtful)
            let saved = try await api.store.newCases([first] + further, policy: sheet.policy, saving)
            await api.exchanger.noteSaved()
            try await api.store.dropDraft(name)
            return .seeOther(
                "/cases/\(saved.cases.first?.id ?? "")/sections/\(min(2, sheet.policy.sections.count))")
        } catch is CaseFileError {
            try await api.store.keepDraft(name, try draft.bytes)
            let page = try await registrationPage(id, draft, viewer, isRefused: true)
            return page.response(in: try await frame(for: viewer, request), status: 422)
        }
    }

    /// The registration with what a form has sent of it; without a form, or where the form says less, what was kept.
    private func registration(
        _ request: Request, _ fields: FormFields
    ) async throws -> (id: String, draft: SectionDraft) {
        let id = request.parameters["draft"] ?? ""
        guard 1...32 ~= id.utf8.count, id.allSatisfy(\.isHexDigit) else { throw Self.noRegistration }
        if let policy = fields["policy"] {
            let newborns = min(Self.newbornsMax, max(1, fields["newborns"].flatMap { Int($0) } ?? 1))
            let empty = SectionDraft(FormFields([]), policy: policy, newborns: newborns)
            let form = try await registrationSheet(empty).draft(of: fields)
            return (id, SectionDraft(form, policy: policy, newborns: newborns))
        }
        guard let draft = try await api.store.draft(SectionDraft.newPrefix + id).flatMap({ SectionDraft($0) })
        else {
            throw Self.noRegistration
        }
        return (id, draft)
    }

    private static let noRegistration = Web.Problem(
        status: 404, title: "没有这份未完成的登记", detail: "它已保存为办件，或已被放弃。", remedy: "请在办件列表中查找。")

    private func registrationSheet(_ draft: SectionDraft) async throws -> SectionSheet {
        let policy = try await api.policy(named: draft.policy ?? "")
        var sheet = SectionSheet(policy, 0, dictionary: api.dictionary)
        // Nothing was seen of a case that is not there yet.
        let seen = sheet.groups.map { FormFields.Field(SeenDots.name($0.id), "") }
        try sheet.lay(FormFields(draft.form.fields.filter { !$0.name.hasPrefix("seen.") } + seen))
        return sheet
    }

    private func registrationPage(
        _ id: String, _ draft: SectionDraft, _ viewer: Viewer, isRefused: Bool = false, kept: Moment? = nil
    ) async throws -> Page {
        let sheet = try await registrationSheet(draft)
        let newborns = draft.newborns ?? 1
        let carried: HTML = """
            \(FormToken.field(viewer.formToken))<input type="hidden" name="policy" value="\(sheet.policy.id)">\
            <input type="hidden" name="newborns" value="\(newborns)">
            """
        let view = SectionView(
            sheet: sheet, path: "/register/\(id)", hidden: carried, formToken: viewer.formToken,
            faults: sheet.faults(today: today), wording: times,
            isRefused: isRefused, kept: kept, isNew: true)
        let twins: HTML? =
            newborns > 1
            ? "<p class=\"note\">本次分娩 \(newborns) 个新生儿：现在填写第 1 个，保存后为每个新生儿各建一件，父母等共同信息自动带入。</p>" : nil
        return Page(
            "新登记", under: "/register", script: .form,
            content: """
                <div class="title"><h1>新登记</h1><span class="soft">\(sheet.policy.title)</span></div>\(twins)\(view.html)
                """)
    }
}

/// By which region's rules a birth is registered, and how many newborns there are.
struct RegistrationChoice {
    /// The hospital's own, and those of other places.
    let own: [Policy]
    let others: [Policy]
    let formToken: String

    var html: HTML {
        let further: HTML? =
            others.isEmpty
            ? nil
            : "<details><summary>其他地区的办理规定</summary>\(others.map { option($0, isFirst: false) })</details>"
        let options = own.enumerated().map { option($0.element, isFirst: $0.offset == 0) }
        let counts = (1...WindowPages.newbornsMax).map { count -> HTML in
            """
            <label><input type="radio" name="newborns" value="\(count)"\(if: count == 1, " checked")>\(Self.words(count))</label>
            """
        }
        return """
            <div class="title"><h1>新登记</h1></div><section class="card narrow"><header><h2>按哪里的规定办理</h2></header>\
            <form class="body" method="post" action="/register">\(FormToken.field(formToken))\
            <fieldset class="options"><legend class="hidden">办理规定</legend>\(options)\(further)</fieldset>\
            <fieldset class="field w12"><legend>本次分娩的新生儿</legend><div class="choices">\(counts)</div></fieldset>\
            <div class="foot"><button class="main" data-key="ctrl+s" autofocus>开始登记 <kbd>Ctrl S</kbd></button>\
            <span class="soft small">填写第一部分并保存后才成为办件</span></div></form></section>
            """
    }

    private func option(_ policy: Policy, isFirst: Bool) -> HTML {
        """
        <label class="option"><input type="radio" name="policy" value="\(policy.id)"\(if: isFirst, " checked")>\
        <span><b>\(policy.title)</b><small class="soft">\(policy.place) · 第 \(policy.version) 版 · \
        \(policy.items.map(\.name).joined(separator: "、"))</small></span></label>
        """
    }

    private static func words(_ count: Int) -> String {
        switch count {
        case 1: "单胎"
        case 2: "双胞胎"
        case 3: "三胞胎"
        default: "\(count) 胞胎"
        }
    }
}
