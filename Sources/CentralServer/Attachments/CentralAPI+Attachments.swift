import Accounts
import Casework
import Cryptography
import Persistence
import SyncProtocol
import Web

extension CentralAPI {
    /// Where uploads are made, and an attachment is fetched.
    static let (uploadsPath, attachmentPath) = ("/attachments/uploads", "/attachments/{hash}")

    /// Adds the addresses of attachments: uploads by tus with a token, downloads for a computer or the staff.
    func addAttachments(to router: inout Router) {
        guard let attachments else { return }
        TusEndpoint(store: attachments, path: Self.uploadsPath)
            .add(to: &router, access: Permit.device.label)
        // A computer's fetching is no person's reading: nobody is known then, and no line is left.
        router.on(
            .get, Self.attachmentPath, access: Permit.device.label, recorded: AuditKind.read.rawValue
        ) { request in
            do throws(CentralError) { return try await attachment(request, in: attachments) } catch {
                return CentralProblem(error).response
            }
        }
        addStaff(.get, "/api/v1/cases/{id}/attachments", .readCase, .case, to: &router) {
            request throws(CentralError) in
            try await listAttachments(request, in: attachments)
        }
        guard let scrub else { return }
        addStaff(.post, "/api/v1/attachments/scrub", .backUp, to: &router) { _ throws(CentralError) in
            try json(await scrub.begin(), status: 202)
        }
        addStaff(.get, "/api/v1/attachments/scrub", .backUp, to: &router) { _ throws(CentralError) in
            try json(await scrub.report)
        }
    }

    /// `GET /attachments/{hash}`, signed by a computer or with the staff's token; `Range` of one range of bytes. To a computer
    /// only what its hospital's cases name, or named, exists.
    private func attachment(
        _ request: Request, in attachments: AttachmentStore
    ) async throws(CentralError) -> Response {
        let isByStaff = isStaff(request)
        if isByStaff {
            let name = request.headers["Operator"] ?? ""
            AuditNote.current?.know(Viewer(account: nil, name: name, site: .central, formToken: ""))
        }
        let hospital = isByStaff ? nil : try await gate.device(of: request).hospital
        guard let hash = [UInt8](hexadecimal: try request.parameter("hash")).flatMap({ Digest(bytes: $0) }),
            try await isReachable(hash, from: hospital)
        else { throw CentralError.refused(.unknownAttachment) }
        return try await resource(hash, in: attachments, type: "application/octet-stream", for: request)
    }

    /// An attachment's bytes, to whom it may be shown.
    func resource(
        _ hash: Digest, in attachments: AttachmentStore, type: String, for request: Request
    ) async throws(CentralError) -> Response {
        do throws(AttachmentError) {
            guard let count = try await attachments.byteCount(of: hash) else {
                throw AttachmentError.absent
            }
            let stream = ResponseStream(byteCount: count) { try await attachments.read(hash, $0) }
            return .resource(
                stream, type: type, tag: "\"\(hash.bytes.hexadecimal)\"",
                for: request.headers)
        } catch {
            if error == .absent { throw CentralError.refused(.unknownAttachment) }
            throw CentralError.store(
                StoreFailure(kind: .other, description: error.description))
        }
    }

    /// - Parameter hospital: nil for the staff.
    private func isReachable(_ hash: Digest, from hospital: HospitalID?) async throws(CentralError) -> Bool {
        guard let hospital else { return true }
        return try await store.read { transaction throws(CentralError) in
            try transaction.isNamed(hash, inScopeOf: hospital)
        }
    }

    private struct AttachmentShape: Encodable {
        let hash: String
        /// `here` or `lacking`.
        let state: String
        /// Where the case shows it; absent for what was taken back or set aside.
        var material: String?
        var page: String?
        var mediaType: String?
        var byteCount: Int?
    }

    /// `GET /api/v1/cases/{id}/attachments`: every file that a change of the case names, those that it shows first.
    private func listAttachments(
        _ request: Request, in attachments: AttachmentStore
    ) async throws(CentralError) -> Response {
        let caseID = try request.caseID()
        let state = try await caseDesk.view(caseID).state
        let named = try await store.read { transaction throws(CentralError) in
            try transaction.attachments(of: caseID)
        }
        let lacking = Set(await attachments.lacking(among: named))
        let word = { (hash: Digest) in lacking.contains(hash) ? "lacking" : "here" }
        var shapes: [AttachmentShape] = []
        var shown: Set<Digest> = []
        for page in CasePage.all(of: Answers(state: state, dictionary: books.casebook.dictionary)) {
            guard let hash = Digest(bytes: page.hash) else { continue }
            shown.insert(hash)
            shapes.append(
                AttachmentShape(
                    hash: hash.bytes.hexadecimal, state: word(hash), material: page.material, page: page.part,
                    mediaType: page.format.mediaType, byteCount: page.byteCount))
        }
        for hash in named where !shown.contains(hash) {
            shapes.append(AttachmentShape(hash: hash.bytes.hexadecimal, state: word(hash)))
        }
        return try json(["attachments": shapes])
    }
}
