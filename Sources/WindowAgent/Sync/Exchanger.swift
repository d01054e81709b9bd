import SyncProtocol

/// Keeps a window in step with central: does what ``SyncSchedule`` decides, for as long as it runs.
package actor Exchanger {
    let store: WindowStore
    private let link: any CentralLink
    let environment: WindowStore.Environment
    /// In which version of the protocol to ask.
    nonisolated let talk: VersionTalk
    /// What photos wait, and who hears of the tokens for them; nil without.
    let lane: AttachmentLane?
    /// What photos are fetched; nil without.
    let downloads: DownloadLane?
    /// The copy on another medium, of which central is told; nil without.
    let secondCopy: JournalWriter?
    var telling = ConditionTelling()
    /// How it last said that it stands, and since when it is being asked.
    var copy: SecondCopyStatus?
    var copyAsked: UInt64?
    var schedule: SyncSchedule
    var events = SyncEvents()
    private(set) var activity = LinkActivity.resting
    private var status = SyncStatus()
    private var burst = SyncReport()
    private var askers: [CheckedContinuation<SyncReport, Never>] = []
    /// Tells each time that the scope's sum is not central's and nobody has looked why.
    package nonisolated let mismatches: AsyncStream<Void>
    private let tellMismatch: AsyncStream<Void>.Continuation
    /// ``run()`` has returned: nobody exchanges any more.
    private var hasEnded = false
    /// Tells whenever the last exchange succeeded and nothing is left to do. Only the newest is kept for its one reader.
    package nonisolated let rests: AsyncStream<Void>
    private let rest: AsyncStream<Void>.Continuation

    package init(
        store: WindowStore, link: any CentralLink, environment: WindowStore.Environment,
        schedule: SyncSchedule = SyncSchedule(), lane: AttachmentLane? = nil,
        downloads: DownloadLane? = nil, secondCopy: JournalWriter? = nil,
        versions: ClosedRange<UInt64> = ExchangeRequest.versions
    ) {
        talk = VersionTalk(store: store, environment: environment, spoken: versions)
        (self.lane, self.downloads, self.secondCopy) = (lane, downloads, secondCopy)
        self.store = store
        self.link = link
        self.environment = environment
        self.schedule = schedule
        (mismatches, tellMismatch) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (rests, rest) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs until the task is cancelled.
    package func run() async {
        hasEnded = false
        await restore()
        var action = schedule.handle(.started, now: environment.milliseconds(), random: environment.random())
        while !Task.isCancelled {
            let event: SyncSchedule.Event
            switch action {
            case .exchange(let bytesMax): event = await exchange(bytesMax: bytesMax)
            case .poll(let seconds):
                answerAskers()
                rest.yield()
                event = await poll(seconds: seconds)
            case .wait(let until):
                answerAskers()
                if schedule.failures == 0 { rest.yield() }
                event = await next(before: until)
            case .rest:
                answerAskers()
                if schedule.failures == 0 { rest.yield() }
                event = await next(before: .max)
            }
            activity = .resting
            action = schedule.handle(event, now: environment.milliseconds(), random: environment.random())
        }
        hasEnded = true
        burst.error = burst.error ?? Self.endedReason
        for asker in askers { asker.resume(returning: burst) }
        askers = []
    }

    private static let endedReason = "The agent is stopping."

    /// Tells that something was saved.
    package func noteSaved() async {
        events.post(.saved)
        await lane?.post(.caseData(isWaiting: true))
    }

    /// Tells that central may be reached now: the link came back, or this window was enrolled.
    package func noteReachable() { events.post(.asked) }

    /// Exchanges at once, and tells what came of it when nothing is left to do or an exchange failed.
    ///
    /// ``run()`` must be running, or about to; once it has ended the answer says so.
    package func exchangeNow() async -> SyncReport {
        if hasEnded {
            var report = SyncReport()
            report.error = Self.endedReason
            return report
        }
        return await withCheckedContinuation { asker in
            askers.append(asker)
            events.post(.asked)
        }
    }

    /// How it goes, for `status` and the pages.
    package var current: SyncStatus {
        var status = status
        status.failures = schedule.failures
        status.nextTry = schedule.nextTry
        return status
    }

    /// Whether this clock is in doubt, by what central told or because it was set back. A store that cannot say so is in doubt.
    package var isClockDoubtful: Bool {
        get async { (try? await store.isClockDoubtful()) ?? true }
    }

    /// How many wait for an answer.
    var askerCount: Int { askers.count }

    private func answerAskers() {
        guard !events.isAsked else { return }
        for asker in askers { asker.resume(returning: burst) }
        askers = []
        burst = SyncReport()
    }

    private func next(before until: UInt64) async -> SyncSchedule.Event {
        let now = environment.milliseconds()
        let wait = events.waits + 1
        let timer = Task { [self] in
            // Cancelled when something else happened before.
            try? await Task.sleep(for: .milliseconds(Int64(until > now ? min(until - now, Self.waitMax) : 0)))
            timeHasPassed(wait)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { events.wait($0) }
        } onCancel: {
            timer.cancel()
        }
    }

    /// Milliseconds that anything is waited for at most: some hundred years.
    private static let waitMax: UInt64 = 1 << 42

    /// Waits at central. Whatever happens here meanwhile comes first: the poll is abandoned, and has ended, before that is told.
    private func poll(seconds: UInt64) async -> SyncSchedule.Event {
        let wait = events.waits + 1
        let poll = Task {
            let event = await exchange(bytesMax: 0, waitSeconds: seconds)
            timeHasPassed(wait)
            return event
        }
        activity = .waiting
        let event = await withTaskCancellationHandler {
            await withCheckedContinuation { events.wait($0) }
        } onCancel: {
            poll.cancel()
        }
        if event == .timePassed { return await poll.value }
        poll.cancel()
        // It may have ended just then, with news of which there is more.
        if case .succeeded(let progress) = await poll.value, progress.hasMore { events.post(.asked) }
        return event
    }

    private func timeHasPassed(_ wait: Int) {
        if wait == events.waits { events.post(.timePassed) }
    }

    private func exchange(bytesMax: Int, waitSeconds: UInt64? = nil) async -> SyncSchedule.Event {
        let began = environment.milliseconds()
        if waitSeconds == nil { activity = .exchanging }
        var bytesUp = 0
        do {
            let outgoing = try await store.compose(
                bytesMax: bytesMax, budget: UInt64(schedule.entryBytes), waitSeconds: waitSeconds)
            bytesUp = outgoing.request.pushes.reduce(0) { $0 + $1.bodyBytes }
            let (taken, answer) = try await carry(outgoing)
            let now = environment.milliseconds()
            note(taken, at: now)
            // Central may have sent other settings.
            if taken.received > 0 { try await noteSettings() }
            return .succeeded(
                SyncSchedule.Progress(
                    hasMore: taken.hasMore, bytes: answer.bytesUp + answer.bytesDown,
                    milliseconds: now > began ? now - began : 0, bytesDown: answer.bytesDown,
                    isNews: taken.passed > 0))
        } catch StoreError.notEnrolled {
            // There is nobody to exchange with yet: that is no failure to be retried ever more slowly.
            burst.error = "This window is not enrolled at central yet."
            return .succeeded(SyncSchedule.Progress(hasMore: false, bytes: 0, milliseconds: 0))
        } catch {
            guard !Task.isCancelled else { return .failed }
            burst.error = "\(error)"
            status.lastError = burst.error
            status.lastReason = LinkReason.chinese(of: error)
            return (error as? LinkError)?.mayHaveArrived == true ? .lost(bytes: bytesUp) : .failed
        }
    }

    private func carry(_ outgoing: Outgoing) async throws -> (Taken, LinkAnswer) {
        var request = outgoing.request
        if request.waitSeconds == nil {
            request.offers = await lane?.offers() ?? []
            if !request.isRepair { request.backupQuestions = await lane?.nextBackupQuestions() ?? [] }
        }
        let standing = await standingToTell()
        (request.condition, request.policies) = (standing?.condition, standing?.policies ?? [])
        do {
            let answer = try await ask(request)
            burst.exchanges += 1
            burst.bytesUp += answer.bytesUp
            burst.bytesDown += answer.bytesDown
            let response = try Self.decode(answer.response)
            let taken = try await store.take(response, for: outgoing)
            await store.noteAuditTold(request.audit)
            await lane?.noteAsked(request.backupQuestions)
            if let standing, !response.isRepairNeeded {
                telling.noteTold(standing, now: environment.milliseconds())
            }
            await lane?.note(response, hasOffered: !request.offers.isEmpty, caseDataWaits: taken.hasMore)
            return (taken, answer)
        } catch {
            if standing != nil { telling.noteFailed() }
            // An exchange that was broken off, to stop the agent or for another, says nothing about the link.
            if !Task.isCancelled, request.waitSeconds == nil {
                try await store.noteFailure(outgoing, "\(error)")
                await lane?.post(.caseData(isWaiting: true))
            }
            throw error
        }
    }

    /// Asks central, in a version of the protocol that it speaks, and counts what that cost.
    private func ask(_ asked: ExchangeRequest) async throws -> LinkAnswer {
        let link = link
        do {
            let answer = try await talk.carry { version in
                var request = asked
                request.version = version
                guard let seconds = request.waitSeconds else {
                    return try await link.exchange(request.encoded)
                }
                return try await link.wait(request.encoded, seconds: seconds)
            }
            await noteExchanged(answer.bytesUp + answer.bytesDown)
            return answer
        } catch let error as LinkError {
            // How much of it went is not known: all of it counts.
            if error.mayHaveArrived { await noteExchanged(asked.encoded.count) }
            throw error
        }
    }

    private static func decode(_ bytes: [UInt8]) throws(LinkError) -> ExchangeResponse {
        do throws(CBORError) { return try ExchangeResponse(decoding: bytes) } catch {
            throw .malformed(error.description)
        }
    }

    private func note(_ taken: Taken, at now: UInt64) {
        burst.confirmed += taken.confirmed
        burst.received += taken.received
        burst.error = nil
        (status.lastError, status.lastReason) = (nil, nil)
        status.lastContact = now
        status.clockOffset = taken.clockOffset
        status.isRepairing = taken.isRepairing
        if taken.isRepairing { status.lastRepair = now }
        if taken.needsVerify { tellMismatch.yield() }
    }
}

/// What a burst of exchanges came to.
package struct SyncReport: Hashable, Sendable, Codable {
    package var exchanges = 0
    /// Own changes that central confirmed.
    package var confirmed = 0
    /// Changes of others that came in.
    package var received = 0
    package var bytesUp = 0
    package var bytesDown = 0
    /// Why it ended early; nil if nothing was left to do.
    package var error: String?

    package init() {}
}

/// How the exchanges with central go.
package struct SyncStatus: Hashable, Sendable, Codable {
    /// When central last answered, milliseconds since 1970.
    package var lastContact: UInt64?
    package var lastError: String?
    /// The same in a clerk's words.
    package var lastReason: String?
    package var failures = 0
    package var nextTry: UInt64 = 0
    /// Central's clock less this one's, in milliseconds.
    package var clockOffset: Int64?
    package var isRepairing = false
    /// When central was last brought what it lacked, milliseconds since 1970; nil if it was not since this process began.
    package var lastRepair: UInt64?

    package init() {}
}
