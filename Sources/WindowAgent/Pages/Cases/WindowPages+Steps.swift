import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// What takes a case further: handing in, deciding, issuing, handing out, ending.
extension WindowPages {
    /// `GET /cases/{id}/steps`
    @Sendable func showSteps(_ request: Request, _ viewer: Viewer) async throws -> Page {
        try await stepsPage(try await shownCase(request, viewer))
    }

    /// `POST /cases/{id}/steps`: one step, but for what only an issuer may do.
    @Sendable func takeStep(_ request: Request, _ fields: FormFields, _ viewer: Viewer) async throws
        -> Response
    {
        guard let step = fields["step"].flatMap(CaseStep.init(rawValue:)), step != .issue else {
            throw Web.Problem(status: 422, title: "没有这个步骤", remedy: "请从“审核与办理”页面办理。")
        }
        return try await take(step, request, fields, viewer)
    }

    /// `POST /cases/{id}/certificate`: the number on the paper in hand, typed twice.
    @Sendable func issueCertificate(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let typed = ["number", "again"].map { Self.narrow(fields[$0] ?? "").uppercased() }
        guard typed[0] == typed[1] else {
            let shown = try await shownCase(request, viewer)
            let reason = "两次填写的编号不一致，请照着手中的纸质证件重新填写。"
            let page = try await stepsPage(shown, refused: (.issue, [reason]))
            return page.response(in: try await frame(for: viewer, request), status: 422)
        }
        return try await take(.issue, request, fields, viewer)
    }

    /// Takes it, or shows the page again with everything that speaks against it.
    private func take(
        _ step: CaseStep, _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try api.caseID(request)
        let seen = try fields["seen"].map { try SeenDots.all($0) }
        let order = StepOrder(step, try input(fields), seen: seen)
        do {
            let saved = try await api.store.take(
                order, on: id, by: roles(of: viewer), try await saving(viewer, fields))
            await api.exchanger.noteSaved()
            let hasPaper = saved.cases.contains { $0.notice != nil }
            return .seeOther("/cases/\(id)/\(hasPaper ? "papers" : "steps")")
        } catch let refusal as StepRefusal {
            return try await refused(step, refusal.reasons.map(\.text), request, viewer)
        } catch StoreError.certificate(let refusal) {
            return try await refused(step, [refusal.chinese], request, viewer)
        }
    }

    private func refused(
        _ step: CaseStep, _ reasons: [String], _ request: Request, _ viewer: Viewer
    ) async throws -> Response {
        let page = try await stepsPage(try await shownCase(request, viewer), refused: (step, reasons))
        return page.response(in: try await frame(for: viewer, request), status: 422)
    }

    private func input(_ fields: FormFields) throws -> StepInput {
        var input = StepInput()
        input.date = try date(fields["date"])
        input.vaccinated = try date(fields["vaccinated"])
        input.reasons = (fields["reasons"] ?? "").split(whereSeparator: \.isNewline).map(String.init)
            .filter { !$0.allSatisfy(\.isWhitespace) }
        input.artefact = fields["artefact"].flatMap(Artefact.init(rawValue:))
        input.item = fields["item"].flatMap { $0.isEmpty ? nil : $0 }
        let number = Self.narrow(fields["number"] ?? "").uppercased()
        input.number = number.isEmpty ? nil : number
        input.collector = fields["collector"].flatMap { $0.isEmpty ? nil : $0 }
        input.originals = fields.all("originals")
        input.isMailed = fields["mailed"] != nil
        input.progress = fields["progress"].flatMap { $0.isEmpty ? nil : $0 }
        input.evaluation = fields["evaluation"].flatMap { $0.isEmpty ? nil : $0 }
        return input
    }

    /// A day as people type it; nil for an empty input.
    private func date(_ text: String?) throws -> CalendarDate? {
        guard let text, !text.isEmpty, let field = api.dictionary.field("applyDate") else { return nil }
        var values = FormValues()
        values[field.key] = [text]
        guard case .text(let plain) = values.json(of: field), let date = CalendarDate(plain) else {
            throw Web.Problem(status: 422, title: "日期有误", remedy: "请按 年-月-日 填写，例如 2026-11-21。")
        }
        return date
    }

    /// Without the spaces with which numbers are read, and with narrow digits.
    private static func narrow(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.compactMap { scalar in
                    if scalar.properties.isWhitespace { return nil }
                    return 0xFF01...0xFF5E ~= scalar.value ? Unicode.Scalar(scalar.value - 0xFEE0) : scalar
                }))
    }

    /// What somebody is, as far as steps depend on it.
    private func roles(of viewer: Viewer) -> Set<CaseRole> {
        var roles: Set<CaseRole> = viewer.may(.decideCase) ? [.clerk] : []
        if viewer.may(.issueCertificate) { roles.insert(.issuer) }
        if viewer.may(.manageClerks) { roles.insert(.supervisor) }
        return roles
    }

    private func stepsPage(
        _ shown: ShownCase, refused: (step: CaseStep, reasons: [String])? = nil
    ) async throws -> Page {
        let stock = try await api.store.stock()
        let view = StepsView(
            shown: shown, roles: roles(of: shown.viewer), refused: refused, next: stock.next?.description,
            fields: { hidden(shown.viewer) }, wording: times)
        let aside = CaseAside(shown: shown, wording: times)
        return Page(
            "审核与办理 · \(shown.name)", under: "/",
            content: CaseChrome(shown: shown, place: .steps).html(view.html, aside: aside.html))
    }
}
