package import Cryptography
package import Persistence
package import SyncProtocol

/// The window's attachments: keeps them, and brings them to central as ``Uploader`` decides, for as long as it runs.
package actor AttachmentLane {
    /// Bytes of an attachment at most, as central takes them.
    package static let byteCountMax = 20 << 20

    private let files: AttachmentFiles
    private let link: any UploadLink
    private let environment: WindowStore.Environment
    private let executor = QueueExecutor(label: "birthwindow.window.attachments")
    private var uploader: Uploader
    private var wish: (@Sendable () async -> Void)?
    private var action = Uploader.Action.rest
    private var waiter: CheckedContinuation<Void, Never>?
    private var hasNews = false
    /// Counts the waits, so that a timer that is late does not end the wait after its own.
    private var waits = 0

    nonisolated package var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens the window's attachments; what waited when it was last closed waits again.
    package init(
        directory: String, key: SecretBytes, link: any UploadLink, environment: WindowStore.Environment,
        rules: PhotoRules = PhotoRules()
    ) throws(AttachmentError) {
        files = try AttachmentFiles(directory: directory, key: key)
        (self.link, self.environment, uploader) = (link, environment, Uploader(rules: rules))
        _ = try files.sweep(now: .max)  // what a process that died was taking in, and had told nobody
        for waiting in try files.waitingAttachments() {
            let offer = AttachmentOffer(hash: waiting.hash, byteCount: UInt64(waiting.byteCount))
            _ = uploader.handle(.added(offer), now: 0, random: 0)
        }
    }

    /// Keeps an attachment, sealed and synced, and sends it when its turn comes; answers its name. The same bytes are kept
    /// once.
    package func put(_ content: [UInt8]) throws(AttachmentError) -> Digest {
        guard (1...Self.byteCountMax).contains(content.count) else { throw .tooLong }
        let hash = try files.put(content, now: environment.milliseconds())
        post(.added(AttachmentOffer(hash: hash, byteCount: UInt64(content.count))))
        return hash
    }

    /// Bytes of an attachment.
    package func read(_ hash: Digest, _ range: Range<Int>) throws(AttachmentError) -> [UInt8] {
        try files.read(hash, range)
    }

    package func byteCount(of hash: Digest) throws(AttachmentError) -> Int? { try files.byteCount(of: hash) }

    /// How many wait, and those that central does not take.
    package var status: (waiting: Int, stuck: Int) { (uploader.waitingCount, uploader.stuck.count) }

    /// Tells something that happened.
    package func post(_ event: Uploader.Event) {
        action = uploader.handle(event, now: environment.milliseconds(), random: environment.random())
        hasNews = true
        waiter?.resume()
        waiter = nil
    }

    /// Tells what an exchange brought.
    func note(_ response: ExchangeResponse, hasOffered: Bool, caseDataWaits: Bool) {
        if hasOffered { post(.answered(grants: response.grants, held: response.held)) }
        post(.caseData(isWaiting: caseDataWaits))
    }

    /// What waits, the oldest first.
    func waiting() throws(AttachmentError) -> [WaitingAttachment] { try files.waitingAttachments() }

    /// Notes what central has by another way than the network.
    func note(held: [Digest]) {
        guard !held.isEmpty else { return }
        // If a note stays, central is offered it again, and says that it has it.
        for hash in held { try? files.noteSent(hash) }
        post(.answered(grants: [], held: held))
    }

    /// What the next exchange offers.
    package func offers() -> [AttachmentOffer] { uploader.offers(now: environment.milliseconds()) }

    /// Runs until the task is cancelled.
    ///
    /// - Parameter exchange: asks for an exchange; it need not wait for its end.
    package func run(exchange: @escaping @Sendable () async -> Void) async {
        post(.timePassed)
        while !Task.isCancelled {
            hasNews = false
            if let event = await perform(action, exchange) { post(event) } else { await news(action) }
        }
    }

    private func perform(
        _ action: Uploader.Action, _ exchange: @Sendable () async -> Void
    ) async -> Uploader.Event? {
        switch action {
        case .locate(let offer, let token):
            return await event { () async throws(UploadError) in
                .located(offset: try await link.locate(offer, token: token))
            }
        case .send(let offer, let token, let offset, let bytesMax):
            return await send(offer, token, offset, bytesMax)
        case .noteSent(let hash):
            // If the note stays, central is offered it again after a restart, and says that it has it.
            try? files.noteSent(hash)
            return .timePassed
        case .exchange:
            await exchange()
            return nil
        case .wait, .rest: return nil
        }
    }

    private func send(
        _ offer: AttachmentOffer, _ token: String, _ offset: UInt64, _ bytesMax: Int
    ) async -> Uploader.Event {
        let end = min(offset + UInt64(bytesMax), offer.byteCount)
        let bytes: [UInt8]
        do throws(AttachmentError) {
            bytes = try files.read(offer.hash, Int(offset)..<Int(end))
        } catch {
            return .declined(.refused)  // it cannot be read here: a person has to look
        }
        let began = environment.milliseconds()
        return await event { () async throws(UploadError) in
            let offset = try await link.send(bytes, of: offer, token: token, at: offset)
            let now = environment.milliseconds()
            return .sent(offset: offset, bytes: bytes.count, milliseconds: now > began ? now - began : 0)
        }
    }

    private func event(
        _ body: () async throws(UploadError) -> Uploader.Event
    ) async -> Uploader.Event {
        do throws(UploadError) { return try await body() } catch {
            switch error {
            case .network(let bytes): return .failed(bytes: bytes)
            case .declined(let reason): return .declined(reason)
            }
        }
    }

    /// Waits for an event, or as long as the action says.
    private func news(_ action: Uploader.Action) async {
        if hasNews { return }
        var until: UInt64 = .max
        if case .wait(let time) = action { until = time }
        let now = environment.milliseconds()
        // A day at most: who waits longer asks again.
        let milliseconds = min(until > now ? until - now : 0, 86_400_000)
        waits += 1
        let wait = waits
        let timer = Task { [self] in
            // Cancelled when something else happened before, or everything ends.
            try? await Task.sleep(for: .milliseconds(Int64(milliseconds)))
            if wait == waits { post(.timePassed) }
        }
        defer {
            waits += 1
            timer.cancel()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if hasNews { waiter.resume() } else { self.waiter = waiter }
            }
        } onCancel: {
            timer.cancel()
        }
    }
}
