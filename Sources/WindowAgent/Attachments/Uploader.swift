package import Casework
package import Cryptography
package import SyncProtocol

/// Decides which attachment goes next, from which byte, and when: tell it what happened, do what it answers.
///
/// It has no clock, no randomness, no disk and no network. Case data goes first: while any waits no photo begins, and
/// pieces are small enough that the next decision is never far. The oldest attachment goes first; one at a time.
/// Retries and the size of pieces are those of ``SyncSchedule``.
package struct Uploader: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        /// This attachment waits to be sent.
        case added(AttachmentOffer)
        /// An exchange brought these tokens, and the names of what central has.
        case answered(grants: [AttachmentGrant], held: [Digest])
        /// An exchange ended: whether case data still waits to go.
        case caseData(isWaiting: Bool)
        case ruled(PhotoRules)
        /// So many bytes went today, those of this program's earlier runs and of exchanges included.
        case counted(DayTraffic)
        /// Central told where an upload ends.
        case located(offset: UInt64)
        /// A piece arrived; where the upload ends now, and how many bytes and milliseconds it took.
        case sent(offset: UInt64, bytes: Int, milliseconds: UInt64)
        /// The connection failed; bytes that went nevertheless count against the budget.
        case failed(bytes: Int)
        /// Central declined.
        case declined(Reason)
        /// An exchange was asked for, as this wished.
        case asking
        /// It is noted that central has this one.
        case noted(Digest)
        /// A person asked, or the link came back.
        case asked
        case timePassed
    }

    /// Why central declined, as far as something else is to be done.
    package enum Reason: Hashable, Sendable {
        /// The token is not good any more.
        case token
        /// The upload is not there, or ends elsewhere.
        case place
        /// The bytes arrived and are not those of the name.
        case content
        /// This attachment will not be taken.
        case refused
    }

    /// What to do next: it stands, however often something else happens, until an event says that it was done.
    package enum Action: Hashable, Sendable {
        /// Make the upload, or find it, and ask where it ends.
        case locate(AttachmentOffer, token: String)
        /// Send bytes from an offset.
        case send(AttachmentOffer, token: String, offset: UInt64, bytesMax: Int)
        /// Central has this one: note it, and tell ``Event/noted(_:)``.
        case noteSent(Digest)
        /// Tell ``Event/asking``, exchange, so that tokens come, and wait for what happens.
        case exchange
        /// Do nothing until this time, milliseconds since 1970, unless something happens before.
        case wait(until: UInt64)
        /// Do nothing until something happens.
        case rest
    }

    /// An attachment whose bytes turned out wrong so often is not sent again by itself.
    package static let wrongContentMax = 3
    /// Bytes of a piece at most, so that case data does not wait long behind a photo.
    package static let pieceBytesMax = 256 * 1024
    /// A token that ends so soon is not used any more.
    static let tokenMarginMilliseconds: UInt64 = 60_000

    private struct Entry: Hashable {
        let offer: AttachmentOffer
        var grant: AttachmentGrant?
        /// Where it ends at central; nil if that must be asked.
        var offset: UInt64?
        /// The furthest that it was ever told to end.
        var reached: UInt64 = 0
        var wrongCount = 0
    }

    private var entries: [Entry] = []
    private var sent: [Digest] = []
    private var rules: PhotoRules
    private var schedule = SyncSchedule()
    private var isCaseDataWaiting = true
    private var isAsking = false
    private var retry: UInt64 = 0
    private var day: Int64 = 0
    /// Bytes of photos that went today.
    package private(set) var sentToday: UInt64 = 0
    /// Bytes of exchanges that went today; they count against the budget too.
    private var exchangedToday: UInt64 = 0
    /// Attachments that central will not take: a person has to look.
    package private(set) var stuck: Set<Digest> = []

    package init(rules: PhotoRules = PhotoRules()) { self.rules = rules }

    /// What waits, for the status.
    package var waitingCount: Int { entries.count }

    /// What waits and can go by itself: how many, and their bytes as far as is known.
    package var moving: (count: Int, bytes: UInt64) {
        entries.filter { !stuck.contains($0.offer.hash) }.reduce((0, 0)) { sum, entry in
            (sum.0 + 1, sum.1 + entry.offer.byteCount - min(entry.offset ?? 0, entry.offer.byteCount))
        }
    }

    /// Until when the rules let no photo go; nil: they may go.
    package func opening(now: UInt64) -> UInt64? {
        let isToday = day == rules.day(of: now).number
        return rules.opening(now: now, sentToday: isToday ? sentToday + exchangedToday : 0)
    }

    /// What the next exchange offers: what has no token that is good.
    package func offers(now: UInt64) -> [AttachmentOffer] {
        let lacking = entries.filter { !isGood($0.grant, now: now) && !stuck.contains($0.offer.hash) }
        return Array(lacking.prefix(Limits.offersMax).map(\.offer))
    }

    /// - Parameters:
    ///   - now: milliseconds since 1970, from a clock that may jump.
    ///   - random: any 64 bits, for the jitter.
    package mutating func handle(_ event: Event, now: UInt64, random: UInt64) -> Action {
        note(event, now: now, random: random)
        return next(now: now)
    }

    private mutating func note(_ event: Event, now: UInt64, random: UInt64) {
        switch event {
        case .added(let offer): add(offer)
        case .answered(let grants, let held):
            take(grants, held)
            // An exchange that brought no token, because central is older or will not have it: not at once again.
            if let current, !isGood(entries[current].grant, now: now) { retryLater(now: now, random: random) }
        case .caseData(let isWaiting): isCaseDataWaiting = isWaiting
        case .ruled(let rules): self.rules = rules
        case .counted(let traffic): take(traffic)
        case .located(let offset):
            isAsking = false
            // A piece that was cut off brought it forward all the same: a link that often breaks is not waited for ever longer.
            if let current, offset > entries[current].reached {
                let progress = SyncSchedule.Progress(hasMore: true, bytes: 0, milliseconds: 1)
                _ = schedule.handle(.succeeded(progress), now: now, random: random)
            }
            place(offset)
        case .sent(let offset, let bytes, let milliseconds):
            isAsking = false
            count(bytes, now: now)
            place(offset)
            retry = 0
            let progress = SyncSchedule.Progress(hasMore: true, bytes: bytes, milliseconds: milliseconds)
            _ = schedule.handle(.succeeded(progress), now: now, random: random)
        case .failed(let bytes):
            count(bytes, now: now)
            retryLater(now: now, random: random)
        case .declined(let reason): decline(reason, now: now, random: random)
        case .asking: isAsking = true
        case .noted(let hash): sent.removeAll { $0 == hash }
        case .asked: (retry, isAsking) = (0, false)
        case .timePassed: isAsking = false
        }
    }

    private mutating func add(_ offer: AttachmentOffer) {
        guard !entries.contains(where: { $0.offer.hash == offer.hash }) else { return }
        entries.append(Entry(offer: offer))
        isAsking = false
    }

    private mutating func take(_ grants: [AttachmentGrant], _ held: [Digest]) {
        isAsking = false
        for grant in grants {
            guard let index = entries.firstIndex(where: { $0.offer.hash == grant.hash }) else { continue }
            entries[index].grant = grant
        }
        for hash in held { finish(hash) }
    }

    private mutating func finish(_ hash: Digest) {
        guard entries.contains(where: { $0.offer.hash == hash }) else { return }
        entries.removeAll { $0.offer.hash == hash }
        stuck.remove(hash)
        sent.append(hash)
    }

    /// The attachment in hand: the oldest that is not stuck.
    private var current: Int? { entries.firstIndex { !stuck.contains($0.offer.hash) } }

    private mutating func place(_ offset: UInt64) {
        guard let current else { return }
        entries[current].reached = max(entries[current].reached, offset)
        if offset >= entries[current].offer.byteCount {
            finish(entries[current].offer.hash)
        } else {
            entries[current].offset = offset
        }
    }

    private mutating func count(_ bytes: Int, now: UInt64) {
        turnDay(now: now)
        sentToday += UInt64(max(0, bytes))
    }

    private mutating func turnDay(now: UInt64) {
        let today = rules.day(of: now).number
        if today != day { (day, sentToday, exchangedToday) = (today, 0, 0) }
    }

    /// What was counted may lag behind what was sent here since.
    private mutating func take(_ traffic: DayTraffic) {
        if traffic.day != day { (day, sentToday) = (traffic.day, 0) }
        (sentToday, exchangedToday) = (max(sentToday, traffic.photos), traffic.exchanges)
    }

    private mutating func decline(_ reason: Reason, now: UInt64, random: UInt64) {
        guard let current else { return }
        switch reason {
        case .token: entries[current].grant = nil
        case .place: break
        case .content:
            entries[current].wrongCount += 1
            if entries[current].wrongCount >= Self.wrongContentMax {
                stuck.insert(entries[current].offer.hash)
            }
        case .refused: stuck.insert(entries[current].offer.hash)
        }
        retryLater(now: now, random: random)
    }

    private mutating func retryLater(now: UInt64, random: UInt64) {
        isAsking = false
        if let current { entries[current].offset = nil }
        _ = schedule.handle(.failed, now: now, random: random)
        retry = schedule.nextTry
    }

    private func isGood(_ grant: AttachmentGrant?, now: UInt64) -> Bool {
        grant.map { $0.expires > now + Self.tokenMarginMilliseconds } ?? false
    }

    private mutating func next(now: UInt64) -> Action {
        if let hash = sent.last { return .noteSent(hash) }
        turnDay(now: now)
        guard let current, !isCaseDataWaiting else { return .rest }
        if let opening = opening(now: now) { return .wait(until: opening) }
        // A clock that was set back must not make anybody wait longer than the longest retry.
        retry = min(retry, now + SyncSchedule.retrySecondsMax * 1000)
        if retry > now { return .wait(until: retry) }
        let entry = entries[current]
        guard let grant = entry.grant, isGood(grant, now: now) else {
            return isAsking ? .rest : .exchange
        }
        guard let offset = entry.offset else { return .locate(entry.offer, token: grant.token) }
        return .send(entry.offer, token: grant.token, offset: offset, bytesMax: pieceBytes)
    }

    /// Bytes of the next piece: as the link carries, and no more than the budget of a metered one leaves.
    private var pieceBytes: Int {
        let affordable = min(schedule.batchBytes, Self.pieceBytesMax)
        guard rules.isMetered, let bytesPerDayMax = rules.bytesPerDayMax else { return affordable }
        let spent = min(sentToday + exchangedToday, bytesPerDayMax)
        return Int(min(UInt64(affordable), bytesPerDayMax - spent))
    }
}
