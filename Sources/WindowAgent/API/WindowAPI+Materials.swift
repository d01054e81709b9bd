import Casework
import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Web

/// Pages of materials: taken in while they arrive, shown while they are read.
extension WindowAPI {
    /// Pages that may arrive at a time: each is held in memory until it is whole and its name is known.
    static let arrivingMax = 3

    func addMaterials(to router: inout Router) {
        onStream(&router, .post, "/api/v1/cases/{id}/materials/{code}/pages", .editCase, addPage)
        on(&router, .post, "/api/v1/cases/{id}/materials/{code}/pages/{hash}/removal", .editCase, removePage)
        on(&router, .get, "/api/v1/cases/{id}/attachments", .readCase, listPages)
        on(&router, .get, "/api/v1/cases/{id}/attachments/{hash}", .readCase, showPage)
        on(&router, .post, "/api/v1/cases/{id}/attachments/{hash}/fetch", .readCase, fetchPage)
        on(&router, .get, "/api/v1/cases/{id}/attachments/{hash}/fetch", .readCase, showFetch)
        on(&router, .post, "/api/v1/attachments/tidy", .wipeCase, tidyPages)
    }

    /// `POST /api/v1/cases/{id}/materials/{code}/pages?page=P&alsoLinked=true`: the file itself. P is the page's number or name
    /// in the policy, or `all`; a material of one page needs none.
    ///
    /// First the file is kept, then the change that names it: a crash in between leaves a file that nobody names, which goes
    /// after a day.
    @Sendable private func addPage(_ request: Request, _ body: RequestBody) async throws -> Response {
        let id = try caseID(request)
        let place = try await place(
            in: id, code: request.parameters["code"] ?? "", page: request.query["page"])
        let saving = try await saving(request)
        let bytes = try await arrival { try await arrivingPage(body) }
        let kept = try await keepPage(
            bytes, at: place, in: id, alsoLinked: request.query["alsoLinked"] == "true", saving)
        return try .json(PageAnswer(kept.saved, kept.hash, kept.pages), status: 201)
    }

    /// Where in a case a page belongs.
    typealias PagePlace = (code: String, parts: [String])

    /// Keeps a page that has arrived, and then writes the change that names it.
    func keepPage(
        _ bytes: [UInt8], at place: PagePlace, in id: CaseID, alsoLinked: Bool, _ saving: Saving
    ) async throws -> (saved: Saved, hash: Digest, pages: [CasePage]) {
        guard bytes.count <= AttachmentLane.byteCountMax else { throw Self.tooLarge }
        let (format, desk) = (try Self.format(of: bytes), try attachmentDesk())
        let hash = try await desk.uploads.keep(bytes)
        let pages = place.parts.map {
            CasePage(hash: hash.bytes, format: format, byteCount: bytes.count, material: place.code, part: $0)
        }
        let saved = try await store.addPages(pages, to: id, alsoLinked: alsoLinked, saving)
        try await desk.uploads.announce(hash, byteCount: bytes.count)
        await exchanger.noteSaved()
        return (saved, hash, pages)
    }

    /// Refuses before any byte was taken what cannot become a page.
    func place(in id: CaseID, code: String, page: String?) async throws -> PagePlace {
        let policy = try await policy(of: try await store.state(of: id))
        guard let material = policy.material(code) else {
            throw Web.Problem(
                status: 422, title: "没有这种材料",
                remedy: "Known: \(policy.materials.map(\.code).joined(separator: ", ")).")
        }
        guard let parts = material.parts(named: page) else {
            let known = material.parts.enumerated().map { "\($0 + 1) \($1)" }
            throw Web.Problem(
                status: 422, title: "请指明是哪一页",
                detail: "“\(material.name)”的页：\(known.joined(separator: "、"))。",
                remedy: "Name the page by its number, its name, or all: --page N")
        }
        return (code, parts)
    }

    /// Lets so many files arrive at a time, and no more: each is held in memory.
    func arrival<Result>(_ body: () async throws -> Result) async throws -> Result {
        let isFree = arriving.withLock { count in
            guard count < Self.arrivingMax else { return false }
            count += 1
            return true
        }
        guard isFree else {
            throw Web.Problem(status: 503, title: "正在保存其他材料，请稍候再试")
        }
        defer { arriving.withLock { $0 -= 1 } }
        return try await body()
    }

    private static let tooLarge = Web.Problem(
        status: 413, title: "文件过大，未保存", detail: "每页不超过 \(AttachmentLane.byteCountMax >> 20) MB。")

    private func arrivingPage(_ body: RequestBody) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await body.next() {
            bytes += piece
            guard bytes.count <= AttachmentLane.byteCountMax else { throw Self.tooLarge }
            if bytes.count >= PageFormat.magicByteCount { _ = try Self.format(of: bytes) }
        }
        return bytes
    }

    private static func format(of bytes: [UInt8]) throws -> PageFormat {
        guard let format = PageFormat(beginning: bytes) else {
            throw Web.Problem(
                status: 415, title: "文件格式不符，未保存", detail: "支持 JPEG、PNG 图片和 PDF 文件。",
                remedy: "The file's first bytes decide, not its name.")
        }
        return format
    }

    private struct Removal: Decodable { let reason: String }

    /// `POST /api/v1/cases/{id}/materials/{code}/pages/{hash}/removal`: `{"reason": text}`. The file stays, in the history.
    @Sendable private func removePage(_ request: Request) async throws -> Response {
        let removal = try decode(Removal.self, request)
        guard !removal.reason.isEmpty else {
            throw Web.Problem(status: 422, title: "请填写移除原因", remedy: "Say why: --reason TEXT")
        }
        let saved = try await store.removePage(
            try hash(request), from: request.parameters["code"] ?? "", of: try caseID(request),
            try await saving(request, reason: removal.reason))
        await exchanger.noteSaved()
        return try .json(SaveAnswer(saved, warnings: []))
    }

    /// `GET /api/v1/cases/{id}/attachments`: the pages that the case shows, each with how its file stands.
    @Sendable private func listPages(_ request: Request) async throws -> Response {
        let (state, desk) = (try await store.state(of: try caseID(request)), try attachmentDesk())
        let policies = try await store.rules().policies
        let policy = CaseRules(state, policies: policies, dictionary: dictionary).policy
        var lines: [PageLine] = []
        for page in CasePage.all(of: Answers(state: state, dictionary: dictionary)) {
            guard let hash = Digest(bytes: page.hash) else { continue }
            let standing = try await desk.standing(of: hash)
            lines.append(PageLine(page, policy?.material(page.material)?.name, standing))
        }
        return try .json(["attachments": lines])
    }

    /// `GET /api/v1/cases/{id}/attachments/{hash}`: the file, or a range of it; only if the case names it.
    @Sendable private func showPage(_ request: Request) async throws -> Response {
        try await pageFile(try await namedHash(request), for: request.headers)
    }

    /// The file of a page, or a range of it, unsealed while it is sent.
    func pageFile(_ hash: Digest, for headers: Headers) async throws -> Response {
        let desk = try attachmentDesk()
        guard let stream = try await desk.stream(of: hash) else { throw Self.notHere }
        let first = try await desk.read(hash, 0..<min(PageFormat.magicByteCount, stream.byteCount))
        let format = PageFormat(beginning: first)
        let tag = "\"\(hash.bytes.hexadecimal)\""
        var response = Response.resource(
            stream, type: format?.mediaType ?? "application/octet-stream", tag: tag, for: headers)
        let name = "\(hash.bytes.prefix(6).hexadecimal).\(format?.rawValue ?? "bin")"
        response.headers["Content-Disposition"] = "inline; filename=\"\(name)\""
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        return response
    }

    private static let notHere = Web.Problem(
        status: 404, title: "该页还不在本机", detail: "请先从中心取回。",
        remedy: "Fetch it first: POST …/fetch, or birthwindow material show")

    /// `POST /api/v1/cases/{id}/attachments/{hash}/fetch`: a person wants the file here, whatever the link costs.
    @Sendable private func fetchPage(_ request: Request) async throws -> Response {
        let hash = try await namedHash(request)
        let standing = try await attachmentDesk().downloads.want(hash, isAsked: true)
        return try .json(["state": standing.rawValue], status: standing == .here ? 200 : 202)
    }

    /// `GET /api/v1/cases/{id}/attachments/{hash}/fetch`: how that stands.
    @Sendable private func showFetch(_ request: Request) async throws -> Response {
        let hash = try await namedHash(request)
        return try .json(["state": try await attachmentDesk().downloads.standing(of: hash).rawValue])
    }

    func attachmentDesk() throws -> AttachmentDesk {
        guard let attachments else { throw Web.Problem(status: 503, title: "There are no attachments here") }
        return attachments
    }

    func hash(_ request: Request) throws -> Digest {
        guard let hash = [UInt8](hexadecimal: request.parameters["hash"] ?? "").flatMap({ Digest(bytes: $0) })
        else { throw StoreError.unknownPage }
        return hash
    }

    /// A case that does not name a file is as one that does not exist.
    func namedHash(_ request: Request) async throws -> Digest {
        let (id, hash) = (try caseID(request), try hash(request))
        guard try await store.names(hash, in: id) else { throw StoreError.unknownPage }
        return hash
    }
}

/// What adding a page answers.
private struct PageAnswer: Encodable {
    let cases: [Saved.Case]
    let hash: String
    let mediaType: String
    let byteCount: Int
    let pages: [String]

    init(_ saved: Saved, _ hash: Digest, _ pages: [CasePage]) {
        cases = saved.cases
        self.hash = hash.bytes.hexadecimal
        (mediaType, byteCount) = (pages[0].format.mediaType, pages[0].byteCount)
        self.pages = pages.map(\.part)
    }
}

private struct PageLine: Encodable {
    let hash: String
    let material: String
    let name: String?
    let page: String
    let mediaType: String
    let byteCount: Int
    let state: String

    init(_ page: CasePage, _ name: String?, _ standing: AttachmentDesk.Standing) {
        hash = page.hash.hexadecimal
        (material, self.name, self.page) = (page.material, name, page.part)
        (mediaType, byteCount, state) = (page.format.mediaType, page.byteCount, standing.rawValue)
    }
}
