package import Cryptography
import SyncProtocol
import Web

/// The way of photos from central. Real over HTTP, simulated in tests.
package protocol DownloadLink: Sendable {
    /// Some bytes of an attachment from an offset on.
    func fetch(_ hash: Digest, from offset: Int, bytesMax: Int) async throws(DownloadError) -> DownloadPiece
}

/// Bytes of an attachment, and how many the whole has.
package struct DownloadPiece: Hashable, Sendable {
    package let bytes: [UInt8]
    package let byteCount: Int

    package init(bytes: [UInt8], byteCount: Int) { (self.bytes, self.byteCount) = (bytes, byteCount) }
}

/// Why no bytes came.
package enum DownloadError: Error, Hashable, Sendable {
    /// The network failed, or central is busy: later.
    case network
    /// Central has no such attachment for this window.
    case absent
}

/// Ranges over HTTP, signed as exchanges are, on a connection of its own: a photo that goes slowly keeps no exchange waiting.
struct HTTPDownloadLink: DownloadLink {
    private let central: HTTPCentralLink

    /// - Parameter central: not the one that exchanges go by.
    init(central: HTTPCentralLink) { self.central = central }

    func fetch(_ hash: Digest, from offset: Int, bytesMax: Int) async throws(DownloadError) -> DownloadPiece {
        let answer: ClientResponse
        do throws(LinkError) {
            answer = try await central.get(
                "/attachments/\(hash.bytes.hexadecimal)",
                headers: ["Range": "bytes=\(offset)-\(offset + bytesMax - 1)"])
        } catch { throw .network }
        // What central says of a name; a page of somebody else's is no answer.
        if answer.status == 404, answer.mediaType == Problem.mediaType { throw .absent }
        guard answer.status == 206, let range = answer.headers["Content-Range"],
            let count = range.split(separator: "/").last.flatMap({ Int($0) }), !answer.body.isEmpty,
            range == "bytes \(offset)-\(offset + answer.body.count - 1)/\(count)",
            (1...AttachmentLane.byteCountMax).contains(count)
        else { throw .network }
        return DownloadPiece(bytes: answer.body, byteCount: count)
    }
}
