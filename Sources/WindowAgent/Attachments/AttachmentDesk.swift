import Cryptography
import Persistence
import SyncProtocol
import Web

/// What the window's API asks of its attachments: keeping them, showing them, and how each of them stands.
package struct AttachmentDesk: Sendable {
    package let uploads: AttachmentLane
    package let downloads: DownloadLane

    package init(uploads: AttachmentLane, downloads: DownloadLane) {
        (self.uploads, self.downloads) = (uploads, downloads)
    }

    /// How an attachment stands at this window.
    package enum Standing: String, Hashable, Sendable, CaseIterable {
        /// It is here, and central may not have it yet.
        case waiting
        /// It is here and at central.
        case here
        /// It is at central, or on its way there from another window; here it can be fetched.
        case central
        /// Its file here could not be read any more. It is fetched again if central has it.
        case damaged
    }

    /// What `status` tells.
    package struct Figures: Hashable, Sendable, Codable {
        /// Kept here, and not at central yet.
        package let waiting: Int
        /// Those of them that central does not take: a person has to look.
        package let stuck: Int
        /// Files that could not be read any more and have no sound one in their place.
        package let damaged: Int
        /// Being fetched from central.
        package let coming: Int
    }

    func standing(of hash: Digest) async throws(AttachmentError) -> Standing {
        if let standing = try await uploads.standing(of: hash) { return standing }
        return .central
    }

    func figures() async throws(AttachmentError) -> Figures {
        let status = await uploads.status
        return Figures(
            waiting: status.waiting, stuck: status.stuck, damaged: try await uploads.damagedCount(),
            coming: await downloads.wantedCount)
    }

    /// The bytes of an attachment; nil if it is not here. One that turns out damaged is put aside and fetched again, unless the
    /// link is paid by the byte.
    func stream(of hash: Digest) async throws(AttachmentError) -> ResponseStream? {
        guard let count = try await uploads.byteCount(of: hash) else { return nil }
        return ResponseStream(byteCount: count) { [self] in try await read(hash, $0) }
    }

    /// Bytes of an attachment.
    func read(_ hash: Digest, _ range: Range<Int>) async throws(AttachmentError) -> [UInt8] {
        do throws(AttachmentError) { return try await uploads.read(hash, range) } catch {
            if error == .damaged { _ = try await downloads.want(hash, isAsked: false) }
            throw error
        }
    }
}
