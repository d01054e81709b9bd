package import Casework
package import Cryptography
package import Persistence
import SyncProtocol

/// Fetches attachments that this window lacks, as ``AttachmentFetcher`` decides, for as long as it runs.
///
/// What has come is kept, sealed and synced, piece by piece: a cut or a restart costs the piece in hand.
package actor DownloadLane {
    /// How long what came of an attachment is kept, if nobody goes on with it.
    static let keptMilliseconds: UInt64 = 7 * 86_400_000
    /// Whose the unfinished ones are: not those of ``AttachmentFiles/put(_:now:)``.
    static let owner = [UInt8](repeating: 1, count: AttachmentFiles.ownerByteCount)

    private let files: AttachmentFiles
    private let link: any DownloadLink
    private let environment: WindowStore.Environment
    private let executor = QueueExecutor(label: "birthwindow.window.downloads")
    private var fetcher: AttachmentFetcher
    private var action = AttachmentFetcher.Action.rest
    private let bell = Doorbell()

    nonisolated package var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    package init(
        files: AttachmentFiles, link: any DownloadLink, environment: WindowStore.Environment,
        rules: PhotoRules = PhotoRules()
    ) {
        (self.files, self.link, self.environment) = (files, link, environment)
        fetcher = AttachmentFetcher(rules: rules)
    }

    /// How an attachment that is wanted stands.
    package enum Standing: String, Hashable, Sendable {
        case here
        /// It is being fetched, or will be when the link lets it.
        case coming
        /// Central does not have it either, as it last said.
        case absent
    }

    /// Wants an attachment, unless it is here.
    ///
    /// - Parameter isAsked: a person asks: then it is fetched over a link that is paid by the byte, too.
    package func want(_ hash: Digest, isAsked: Bool) throws(AttachmentError) -> Standing {
        if try files.byteCount(of: hash) != nil { return .here }
        post(.wanted(hash, isAsked: isAsked))
        return .coming
    }

    /// How an attachment stands that was wanted.
    package func standing(of hash: Digest) throws(AttachmentError) -> Standing {
        if try files.byteCount(of: hash) != nil { return .here }
        return fetcher.isWanted(hash) ? .coming : .absent
    }

    /// How many are wanted and not here.
    package var wantedCount: Int { fetcher.wantedCount }

    /// Tells something that happened.
    package func post(_ event: AttachmentFetcher.Event) {
        action = fetcher.handle(event, now: environment.milliseconds(), random: environment.random())
        bell.ring()
    }

    /// Runs until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            bell.silence()
            switch action {
            case .fetch(let hash, let bytesMax): post(await fetch(hash, bytesMax))
            case .wait(let until): await news(until: until)
            case .rest: await news(until: nil)
            }
        }
    }

    private func news(until: UInt64?) async {
        if await bell.wait(until: until, now: environment.milliseconds()) == .timePassed { post(.timePassed) }
    }

    private func fetch(_ hash: Digest, _ bytesMax: Int) async -> AttachmentFetcher.Event {
        do {
            if try files.byteCount(of: hash) != nil {
                return .fetched(bytes: 0, milliseconds: 0, isWhole: true)
            }
            let writer = try files.upload(of: hash, owner: Self.owner)
            if let writer, writer.offset == writer.upload.byteCount {
                try writer.finish()  // the process died behind the last piece
                return .fetched(bytes: 0, milliseconds: 0, isWhole: true)
            }
            let offset = writer?.offset ?? 0
            let began = environment.milliseconds()
            let piece = try await link.fetch(hash, from: offset, bytesMax: bytesMax)
            let now = environment.milliseconds()
            let isWhole = try keep(piece, of: hash, at: offset, now: now)
            return .fetched(
                bytes: piece.bytes.count, milliseconds: now > began ? now - began : 0, isWhole: isWhole)
        } catch DownloadError.absent {
            return .absent
        } catch AttachmentError.wrongContent {
            return .absent
        } catch { return .failed }
    }

    private func keep(
        _ piece: DownloadPiece, of hash: Digest, at offset: Int, now: UInt64
    ) throws(AttachmentError) -> Bool {
        let writer = try files.begin(
            hash, owner: Self.owner, byteCount: piece.byteCount, expires: now + Self.keptMilliseconds)
        // Of another size than the pieces before: begun anew.
        guard writer.offset == offset else { return false }
        try writer.append(piece.bytes)
        writer.keep(until: now + Self.keptMilliseconds)
        try writer.commit()
        guard writer.upload.offset == piece.byteCount else { return false }
        try writer.finish()
        return true
    }
}
