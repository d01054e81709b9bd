import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// The sections of a case as on the paper form: shown, kept while one types, saved as one change.
extension WindowPages {
    /// `GET /cases/{id}/sections/{number}`: what is kept of an earlier, unsaved filling lies over what stands.
    @Sendable func showSection(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let shown = try await shownCase(request, viewer)
        var sheet = try sheet(request, shown)
        let kept = try await api.store.draft(SectionDraft.id(shown.id, sheet.index)).flatMap {
            SectionDraft($0)
        }
        if let kept { try sheet.lay(kept.form, isKept: true) }
        return sectionPage(sheet, shown, isRestored: !sheet.touched.isEmpty)
    }

    /// `POST …/draft`: keeps what was typed, on this machine, and answers with what is to be said about it.
    @Sendable func keepSection(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let shown = try await shownCase(request, viewer)
        var sheet = try sheet(request, shown)
        try sheet.lay(fields, isKept: true)
        let id = SectionDraft.id(shown.id, sheet.index)
        if sheet.touched.isEmpty {
            try await api.store.dropDraft(id)
        } else {
            try await api.store.keepDraft(id, try SectionDraft(sheet.draft(of: fields)).bytes)
        }
        let page = sectionPage(sheet, shown, kept: Moment(milliseconds: api.environment.milliseconds()))
        return page.response(in: try await frame(for: viewer, request))
    }

    /// `POST …/draft/removal`: the case stands as it was saved last.
    @Sendable func dropSection(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let shown = try await shownCase(request, viewer)
        let index = try sheet(request, shown).index
        try await api.store.dropDraft(SectionDraft.id(shown.id, index))
        return .seeOther("\(shown.path)/sections/\(index + 1)")
    }

    /// `POST …/sections/{number}`: one change with everything that was typed. What cannot be taken is shown again with the reasons, and
    /// stays kept.
    @Sendable func saveSection(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let shown = try await shownCase(request, viewer)
        var sheet = try sheet(request, shown)
        try sheet.lay(fields)
        let draft = SectionDraft.id(shown.id, sheet.index)
        do {
            _ = try await api.edit(
                shown.id, sheet.typed, seen: sheet.seenOfTyped, alsoLinked: fields["alsoLinked"] != nil,
                try await saving(viewer, fields))
        } catch is CaseFileError {
            try await api.store.keepDraft(draft, try SectionDraft(sheet.draft(of: fields)).bytes)
            let page = sectionPage(sheet, shown, isRefused: true)
            return page.response(in: try await frame(for: viewer, request), status: 422)
        }
        try await api.store.dropDraft(draft)
        let isLast = sheet.index + 1 >= sheet.policy.sections.count
        let next = fields["then"] == "next" && !isLast ? sheet.index + 2 : sheet.index + 1
        return .seeOther(fields["then"] == "next" && isLast ? shown.path : "\(shown.path)/sections/\(next)")
    }

    private func sheet(_ request: Request, _ shown: ShownCase) throws -> SectionSheet {
        guard let policy = shown.life.policy else {
            throw Web.Problem(status: 409, title: "本机没有适用于本件的政策包", remedy: "请先与中心同步。")
        }
        guard let number = request.parameters["number"].flatMap({ Int($0) }),
            policy.sections.indices.contains(number - 1)
        else { throw Web.Problem(status: 404, title: "表单没有这一部分", remedy: "请从办件概况打开。") }
        return SectionSheet(policy, number - 1, of: shown.state, shown.changes, dictionary: api.dictionary)
    }

    private func sectionPage(
        _ sheet: SectionSheet, _ shown: ShownCase, isRestored: Bool = false, isRefused: Bool = false,
        kept: Moment? = nil
    ) -> Page {
        let wording = times
        let faults = sheet.faults(today: today)
        let view = SectionView(
            sheet: sheet, path: "\(shown.path)/sections/\(sheet.index + 1)", hidden: hidden(shown.viewer),
            formToken: shown.viewer.formToken, faults: faults, wording: wording, isRestored: isRestored,
            isRefused: isRefused, kept: kept, lastSaved: shown.changes.compactMap(\.content).last,
            news: "\(shown.path)/news?since=\(shown.changes.count)", people: shown.people,
            isShared: shown.newborns.count > 1, isFixed: !shown.isOpen || !shown.viewer.may(.editCase))
        let aside = CaseAside(
            shown: shown, sheet: (faults, sheet.unanswered, sheet.index), wording: wording)
        let title = "\(SectionTitle.short(sheet.section.title)) · \(shown.name)"
        return Page(
            title, under: "/", script: .form,
            content: CaseChrome(shown: shown, place: .section(sheet.index)).html(view.html, aside: aside.html)
        )
    }
}
