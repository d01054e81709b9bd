import Accounts
import Casework
import Cryptography
import Pages
import SyncProtocol
import Web

/// Pages of a case's materials: added, looked at, taken out.
extension WindowPages {
    /// Bytes of a form with one page: the file and the fields around it.
    static let uploadBytesMax = AttachmentLane.byteCountMax + (64 << 10)

    func addMaterialPages(to router: inout Router) {
        page(&router, "/cases/{id}/materials", .readCase, showMaterials)
        upload(&router, "/cases/{id}/materials", .editCase, bytesMax: Self.uploadBytesMax, takePage)
        form(&router, "/cases/{id}/materials/removal", .editCase, removePage)
        form(&router, "/cases/{id}/materials/seen", .editCase, noteOriginal)
        form(&router, "/cases/{id}/materials/verification", .editCase, noteVerification)
        page(&router, "/cases/{id}/materials/{hash}", .readCase, showPage)
        other(&router, .get, "/cases/{id}/pages/{hash}", .readCase) { request, _ in
            try await api.pageFile(try await api.namedHash(request), for: request.headers)
        }
        form(&router, "/cases/{id}/pages/{hash}/fetch", .readCase) { request, _, _ in
            let hash = try await api.namedHash(request)
            _ = try await api.attachmentDesk().downloads.want(hash, isAsked: true)
            return .seeOther("/cases/\(try api.caseID(request))/materials/\(hash.bytes.hexadecimal)")
        }
    }

    /// The way back from everything that changes materials.
    private func materials(of id: CaseID) -> Response { .seeOther("/cases/\(id)/materials") }

    @Sendable private func showMaterials(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let id = try api.caseID(request)
        let state = try await api.store.state(of: id)
        let policy = try await api.policy(of: state)
        let slots = MaterialSlots(policy, Answers(state: state, dictionary: api.dictionary))
        let view = MaterialsView(
            caseID: id, heading: heading(of: id, state, "材料"), slots: slots,
            standings: try await standings(of: slots.pages),
            hasSiblings: try await !api.store.siblings(of: id).isEmpty,
            hidden: try await formFields(on: id, for: viewer))
        return Page("材料", under: "/", script: .materials, content: view.html)
    }

    /// The child's name and the case's number over a part of a case, with the way back to it.
    func heading(of id: CaseID, _ state: CaseState, _ part: String) -> HTML {
        let view = CaseView(id: id, state: state, dictionary: api.dictionary)
        return """
            <div class="title"><h1>\(part)</h1><a href="/cases/\(id)"><b>\(view.text("childName") ?? "（未命名）")</b></a>\
            <span class="soft">办件编号 \(view.text("caseNumber") ?? "")</span>\
            <div class="push"><a class="button" href="/cases/\(id)" data-key="escape">返回办件</a></div></div>

            """
    }

    private func standings(of pages: [CasePage]) async throws -> [[UInt8]: AttachmentDesk.Standing] {
        guard let desk = api.attachments else { return [:] }
        var standings: [[UInt8]: AttachmentDesk.Standing] = [:]
        for page in pages {
            guard let hash = Digest(bytes: page.hash) else { continue }
            standings[page.hash] = try await desk.standing(of: hash)
        }
        return standings
    }

    @Sendable private func takePage(
        _ request: Request, _ form: MultipartForm, _ viewer: Viewer
    ) async throws -> Response {
        let (id, fields) = (try api.caseID(request), form.fields)
        guard let file = form.files.first, !file.bytes.isEmpty else {
            throw Web.Problem(status: 422, title: "请先选择文件", detail: "未保存任何内容。")
        }
        let place = try await place(fields, in: id)
        _ = try await api.keepPage(
            file.bytes, at: place, in: id, alsoLinked: fields["alsoLinked"] == "yes",
            try await saving(viewer, fields))
        return materials(of: id)
    }

    private func place(_ fields: FormFields, in id: CaseID) async throws -> WindowAPI.PagePlace {
        let page = fields["page"].flatMap { $0.isEmpty ? nil : $0 }
        return try await api.place(in: id, code: fields["material"] ?? "", page: page)
    }

    @Sendable private func showPage(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let (id, hash) = (try api.caseID(request), try await api.namedHash(request))
        let state = try await api.store.state(of: id)
        let policy = try await api.policy(of: state)
        let slots = MaterialSlots(policy, Answers(state: state, dictionary: api.dictionary))
        let pages = slots.pages
        guard let place = pages.firstIndex(where: { $0.hash == hash.bytes }) else {
            throw StoreError.unknownPage
        }
        let page = pages[place]
        let view = PageView(
            caseID: id, page: page, name: policy.material(page.material)?.name ?? page.material,
            standing: try await standings(of: [page])[page.hash] ?? .central,
            before: place > 0 ? pages[place - 1] : nil,
            after: place + 1 < pages.count ? pages[place + 1] : nil,
            hidden: try await formFields(on: id, for: viewer)?())
        return Page("\(view.name) \(page.part)", under: "/", content: view.html)
    }

    @Sendable private func removePage(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try api.caseID(request)
        guard let hash = [UInt8](hexadecimal: fields["hash"] ?? "").flatMap({ Digest(bytes: $0) }) else {
            throw StoreError.unknownPage
        }
        let reason = try reason(fields, for: "移除原因")
        _ = try await api.store.removePage(
            hash, from: fields["material"] ?? "", of: id, try await saving(viewer, fields, reason: reason))
        await api.exchanger.noteSaved()
        return materials(of: id)
    }

    /// Somebody has seen the original of a page, or takes that back.
    @Sendable private func noteOriginal(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try api.caseID(request)
        let place = try await place(fields, in: id)
        let saving = try await saving(viewer, fields)
        if fields["undo"] == "yes" {
            _ = try await api.store.forgetOriginal(of: place.code, place.parts, in: id, saving)
        } else {
            _ = try await api.store.noteOriginal(of: place.code, place.parts, in: id, saving)
        }
        await api.exchanger.noteSaved()
        return materials(of: id)
    }

    /// Shared data has verified a material, or somebody takes that back.
    @Sendable private func noteVerification(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let id = try api.caseID(request)
        let code = try await api.place(in: id, code: fields["material"] ?? "", page: "all").code
        let saving = try await saving(viewer, fields)
        if fields["undo"] == "yes" {
            _ = try await api.store.remove(.text(code), from: "sharedVerified", of: id, saving)
        } else {
            _ = try await api.store.add(["sharedVerified": .array([.text(code)])], to: [id], saving)
        }
        await api.exchanger.noteSaved()
        return materials(of: id)
    }
}
