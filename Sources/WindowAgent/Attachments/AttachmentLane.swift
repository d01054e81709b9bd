package import Casework
package import Cryptography
package import Persistence
package import SyncProtocol

/// The window's attachments: keeps them, and brings them to central as ``Uploader`` decides, for as long as it runs.
package actor AttachmentLane {
    /// Bytes of an attachment at most, as central takes them.
    package static let byteCountMax = 20 << 20

    let files: AttachmentFiles
    private let link: any UploadLink
    private let environment: WindowStore.Environment
    private let isNamed: @Sendable (Digest) async throws -> Bool
    private let executor = QueueExecutor(label: "birthwindow.window.attachments")
    private var uploader: Uploader
    private var wish: (@Sendable () async -> Void)?
    private var action = Uploader.Action.rest
    private let bell = Doorbell()
    /// Attachments of which central is to be asked whether they are in a verified backup.
    var backupQuestions: [Digest] = []
    /// When it was last looked what waits.
    private var lookedAt: UInt64?

    /// How long a file is kept that no change names: a crash came between the two, and the clerk was told nothing.
    static let orphanMilliseconds: UInt64 = 86_400_000

    nonisolated package var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens the window's attachments.
    ///
    /// - Parameter isNamed: whether any change of this window's cases names an attachment.
    package init(
        files: AttachmentFiles, link: any UploadLink, environment: WindowStore.Environment,
        rules: PhotoRules = PhotoRules(), isNamed: @escaping @Sendable (Digest) async throws -> Bool
    ) throws(AttachmentError) {
        (self.files, self.link, self.environment) = (files, link, environment)
        (uploader, self.isNamed) = (Uploader(rules: rules), isNamed)
        // What a process that died was taking in, and had told nobody.
        _ = try files.sweep(now: environment.milliseconds())
    }

    /// Keeps an attachment, sealed and synced, and answers its name. The same bytes are kept once. It goes when it is
    /// announced.
    package func keep(_ content: [UInt8]) throws(AttachmentError) -> Digest {
        guard (1...Self.byteCountMax).contains(content.count) else { throw .tooLong }
        return try files.put(content, now: environment.milliseconds())
    }

    /// Sends an attachment that was kept when its turn comes: a change names it now. One that central has is not sent again.
    package func announce(_ hash: Digest, byteCount: Int) throws(AttachmentError) {
        guard try files.isWaiting(hash) else { return }
        post(.added(AttachmentOffer(hash: hash, byteCount: UInt64(byteCount))))
    }

    /// Sends again what central has lost, as far as it is here.
    func bring(_ wanted: [Digest]) {
        for hash in wanted {
            // One that cannot be read or noted is asked for again later.
            guard let count = (try? files.byteCount(of: hash)) ?? nil,
                (try? files.noteWaiting(hash, byteCount: count, now: environment.milliseconds())) != nil
            else { continue }
            post(.added(AttachmentOffer(hash: hash, byteCount: UInt64(count))))
        }
    }

    /// Looks what waits, at the start and once a day: what a change names is sent, and what none has named for a day goes.
    private func takeStock() async {
        let now = environment.milliseconds()
        lookedAt = now
        // A directory that cannot be read is told when something is kept; a store that cannot, by everything else.
        for waiting in (try? files.waitingAttachments()) ?? [] {
            guard let isNamed = try? await isNamed(waiting.hash) else { continue }
            if isNamed {
                let offer = AttachmentOffer(hash: waiting.hash, byteCount: UInt64(waiting.byteCount))
                post(.added(offer))
            } else if now >= waiting.added + Self.orphanMilliseconds {
                try? files.remove(waiting.hash)
                try? files.noteSent(waiting.hash)
            }
        }
    }

    /// Bytes of an attachment. A damaged one is put aside, so that a sound one can take its place.
    package func read(_ hash: Digest, _ range: Range<Int>) throws(AttachmentError) -> [UInt8] {
        do throws(AttachmentError) { return try files.read(hash, range) } catch {
            if error == .damaged { try files.setAside(hash) }
            throw error
        }
    }

    package func byteCount(of hash: Digest) throws(AttachmentError) -> Int? {
        do throws(AttachmentError) { return try files.byteCount(of: hash) } catch .damaged {
            try files.setAside(hash)
            return nil
        }
    }

    /// How an attachment stands that is or was here; nil for one that never was.
    func standing(of hash: Digest) throws(AttachmentError) -> AttachmentDesk.Standing? {
        if try byteCount(of: hash) != nil { return try files.isWaiting(hash) ? .waiting : .here }
        return try files.isSetAside(hash) ? .damaged : nil
    }

    /// How many could not be read any more and have no sound one in their place.
    func damagedCount() throws(AttachmentError) -> Int { try files.setAsideCount() }

    /// How many wait, and those that central does not take.
    package var status: (waiting: Int, stuck: Int) { (uploader.waitingCount, uploader.stuck.count) }

    /// Tells something that happened.
    package func post(_ event: Uploader.Event) {
        action = uploader.handle(event, now: environment.milliseconds(), random: environment.random())
        bell.ring()
    }

    /// Tells what an exchange brought.
    func note(_ response: ExchangeResponse, hasOffered: Bool, caseDataWaits: Bool) {
        if hasOffered { post(.answered(grants: response.grants, held: response.held)) }
        bring(response.wants)
        post(.caseData(isWaiting: caseDataWaits))
    }

    /// What waits, the oldest first.
    func waitingFiles() throws(AttachmentError) -> [WaitingAttachment] { try files.waitingAttachments() }

    /// Notes what central has by another way than the network.
    func note(held: [Digest]) {
        guard !held.isEmpty else { return }
        // If a note stays, central is offered it again, and says that it has it.
        for hash in held { try? files.noteSent(hash) }
        post(.answered(grants: [], held: held))
    }

    /// What the next exchange offers.
    package func offers() -> [AttachmentOffer] { uploader.offers(now: environment.milliseconds()) }

    /// How many wait, their bytes, and when the next may go; nil: as soon as case data has gone.
    var waiting: (count: Int, bytes: UInt64, from: UInt64?) {
        let (count, bytes) = uploader.moving
        return (count, bytes, count > 0 ? uploader.opening(now: environment.milliseconds()) : nil)
    }

    /// Runs until the task is cancelled.
    ///
    /// - Parameters:
    ///   - count: hears of bytes that went over the link, headers included.
    ///   - exchange: asks for an exchange; it need not wait for its end.
    package func run(
        count: @escaping @Sendable (Int) async -> Void = { _ in },
        exchange: @escaping @Sendable () async -> Void
    ) async {
        var counted = await link.byteCount
        post(.timePassed)
        while !Task.isCancelled {
            let now = environment.milliseconds()
            if lookedAt.map({ now < $0 || now - $0 >= Self.orphanMilliseconds }) ?? true { await takeStock() }
            bell.silence()
            guard let event = await perform(action, exchange) else {
                await news(action)
                continue
            }
            post(event)
            let bytes = await link.byteCount
            if bytes > counted { await count(bytes - counted) }
            counted = bytes
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
            return .noted(hash)
        case .exchange:
            post(.asking)
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
            bytes = try read(offer.hash, Int(offset)..<Int(end))
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
        var until: UInt64?
        if case .wait(let time) = action { until = time }
        if await bell.wait(until: until, now: environment.milliseconds()) == .timePassed { post(.timePassed) }
    }
}
