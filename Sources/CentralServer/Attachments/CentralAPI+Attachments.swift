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
        TusEndpoint(store: attachments, path: Self.uploadsPath).add(to: &router)
        router.on(.get, Self.attachmentPath) { request in
            do throws(CentralError) { return try await attachment(request, in: attachments) } catch {
                return CentralProblem(error).response
            }
        }
    }

    /// `GET /attachments/{hash}`, signed by a computer or with the staff's token; `Range` of one range of bytes.
    private func attachment(
        _ request: Request, in attachments: AttachmentStore
    ) async throws(CentralError) -> Response {
        if !isStaff(request) { _ = try await gate.device(of: request) }
        guard let hash = [UInt8](hexadecimal: try request.parameter("hash")).flatMap({ Digest(bytes: $0) })
        else { throw CentralError.refused(.unknownAttachment) }
        do throws(AttachmentError) {
            guard let count = try await attachments.byteCount(of: hash) else {
                throw AttachmentError.absent
            }
            let piece = ByteRange.wanted(by: request.headers, of: count, tag: Self.tag(of: hash))
            guard let piece else { return Self.unsatisfiable(count) }
            guard let lease = attachments.lease(byteCount: piece.range.count) else { return Self.busy }
            let bytes = try await attachments.read(hash, piece.range)
            var response = Self.answer(bytes, piece, of: count, tag: Self.tag(of: hash))
            response.lease = lease
            return response
        } catch {
            if error == .absent { throw CentralError.refused(.unknownAttachment) }
            throw CentralError.store(
                StoreFailure(kind: .other, description: error.description))
        }
    }

    private static func tag(of hash: Digest) -> String { "\"\(hash.bytes.hexadecimal)\"" }

    private static func answer(_ bytes: [UInt8], _ piece: ByteRange, of count: Int, tag: String) -> Response {
        var response = Response.bytes(
            bytes, type: "application/octet-stream", status: piece.isWhole ? 200 : 206)
        response.headers["Accept-Ranges"] = "bytes"
        response.headers["ETag"] = tag
        if !piece.isWhole {
            response.headers["Content-Range"] =
                "bytes \(piece.range.lowerBound)-\(piece.range.upperBound - 1)/\(count)"
        }
        return response
    }

    private static var busy: Response { CentralProblem(.refused(.busy)).response }

    private static func unsatisfiable(_ count: Int) -> Response {
        var response = Web.Problem(status: 416, title: "The attachment has no such bytes").response
        response.headers["Content-Range"] = "bytes */\(count)"
        return response
    }
}
