package import Casework

/// Decides when to exchange with central and how much to send: tell it what happened, do what it answers.
///
/// It has no clock, no randomness and no network. Batches, both ways, grow with the measured throughput and halve on failure,
/// down to a single change. Retries wait 1, 2, 4 … seconds, jittered, never longer than ``retrySecondsMax``; a person who asks
/// and a link that comes back are served at once. What is saved goes at once, whatever else is going on; only on a day whose
/// bytes are spent it is gathered for ``gatherSeconds``.
package struct SyncSchedule: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        case started
        /// A change was saved.
        case saved
        /// A person asked, or the link came back.
        case asked
        /// As long as was said has been waited, by a clock that nobody sets.
        case timePassed
        case succeeded(Progress)
        /// Nothing of it can have arrived, or that does not matter.
        case failed
        /// No answer came to so many bytes of changes: they may have arrived.
        case lost(bytes: Int)
        case ruled(LinkRules)
    }

    /// What one exchange achieved.
    package struct Progress: Hashable, Sendable {
        /// Something is left to send or to fetch.
        package let hasMore: Bool
        /// Bytes both ways, headers included.
        package let bytes: Int
        /// Of them, those that came.
        package let bytesDown: Int
        package let milliseconds: UInt64
        /// Something came into the feed.
        package let isNews: Bool

        package init(
            hasMore: Bool, bytes: Int, milliseconds: UInt64, bytesDown: Int = 0, isNews: Bool = false
        ) {
            (self.hasMore, self.isNews) = (hasMore, isNews)
            (self.bytes, self.bytesDown, self.milliseconds) = (bytes, bytesDown, milliseconds)
        }
    }

    package enum Action: Hashable, Sendable {
        /// Exchange now. At least one change goes even if it is larger; with 0 none goes: that only asks what arrived.
        case exchange(bytesMax: Int)
        /// Have central hold the answer back for so long, unless something happens before, here or there.
        case poll(seconds: UInt64)
        /// Do nothing until this time, milliseconds since 1970, unless something happens before.
        case wait(until: UInt64)
        /// Do nothing until something happens.
        case rest
    }

    /// Bytes of changes in a first batch, and of entries in a first answer.
    package static let batchBytesFirst = 16 * 1024
    /// Below this a batch is a single change.
    package static let batchBytesMin = 256
    package static let batchBytesMax = 1024 * 1024
    /// How long one batch should take on the link.
    package static let batchMillisecondsAim: UInt64 = 4_000
    package static let retrySecondsMax: UInt64 = 300
    /// Seconds of a long poll: shorter than what boxes on the way usually remember of a silent connection.
    package static let pollSecondsMax: UInt64 = 240
    package static let pollSecondsMin: UInt64 = 15
    /// How long what is saved is gathered at most on a day whose bytes are spent.
    package static let gatherSeconds: UInt64 = 900
    /// Bytes of an exchange without content, both ways.
    package static let exchangeBytesUsual = 1_000

    /// Seconds between exchanges when nothing happens here and nobody waits at central.
    package let idleSeconds: UInt64
    /// Whether it may wait at central.
    package let waits: Bool
    package private(set) var rules: LinkRules
    /// Bytes of the day so far; whoever counts tells them before the next event.
    package var traffic = DayTraffic()
    package private(set) var batchBytes = Self.batchBytesFirst
    /// Bytes of entries that the next answer may bring.
    package private(set) var entryBytes = Self.batchBytesFirst
    /// As last measured, by an exchange that was large enough to tell; nil before.
    package private(set) var bytesPerSecond: Int?
    /// Exchanges that failed since the last success.
    package private(set) var failures = 0
    /// When the next exchange starts by itself, milliseconds since 1970; 0 if none does.
    package private(set) var nextTry: UInt64 = 0
    /// How long the next poll lasts.
    package private(set) var pollSeconds = Self.pollSecondsMax
    private var pollFailures = 0
    private var isPolling = false
    /// A batch may have arrived of which no answer told.
    private var isUnsure = false
    /// Until when what was saved is gathered.
    private var gatherUntil: UInt64?
    private var roundTripMilliseconds: UInt64 = 0

    package init(idleSeconds: UInt64 = 30, waits: Bool = false, rules: LinkRules = LinkRules()) {
        (self.idleSeconds, self.waits, self.rules) = (idleSeconds, waits, rules)
    }

    /// - Parameters:
    ///   - now: milliseconds since 1970, from a clock that may jump.
    ///   - random: any 64 bits, for the jitter.
    package mutating func handle(_ event: Event, now: UInt64, random: UInt64) -> Action {
        let wasPolling = isPolling
        isPolling = false
        switch event {
        case .started, .asked, .timePassed: return exchange()
        case .saved: return failures > 0 ? retry(now: now) : save(now: now)
        case .ruled(let rules):
            self.rules = rules
            if gatherUntil != nil, !rules.isSpent(traffic, now: now) { return exchange() }
            return failures > 0 ? retry(now: now) : idle(now: now)
        case .succeeded(let progress) where wasPolling: return endPoll(progress, now: now, random: random)
        case .succeeded(let progress): return succeed(progress, now: now)
        case .failed, .lost:
            if wasPolling { return failPoll(now: now, random: random) }
            if case .lost(let bytes) = event { isUnsure = isUnsure || isDear(bytes) }
            return fail(now: now, random: random)
        }
    }

    private mutating func exchange() -> Action {
        gatherUntil = nil
        return .exchange(bytesMax: isUnsure ? 0 : batchBytes)
    }

    /// A clock that was set back must not make anybody wait longer than the longest retry.
    private mutating func retry(now: UInt64) -> Action {
        nextTry = min(nextTry, now + Self.retrySecondsMax * 1000)
        return .wait(until: nextTry)
    }

    private mutating func succeed(_ progress: Progress, now: UInt64) -> Action {
        failures = 0
        isUnsure = false
        measure(progress)
        return progress.hasMore ? exchange() : idle(now: now)
    }

    private mutating func fail(now: UInt64, random: UInt64) -> Action {
        failures += 1
        batchBytes = max(batchBytes / 2, Self.batchBytesMin)
        entryBytes = max(entryBytes / 2, Self.batchBytesMin)
        return pause(after: failures, now: now, random: random)
    }

    private mutating func pause(after failures: Int, now: UInt64, random: UInt64) -> Action {
        let longest = min(Self.retrySecondsMax, 1 << UInt64(min(failures - 1, 16))) * 1000
        nextTry = now + longest / 2 + random % (longest / 2 + 1)
        return .wait(until: nextTry)
    }

    /// Whether the day's bytes are spent.
    package func isSpent(now: UInt64) -> Bool { rules.isSpent(traffic, now: now) }
}

/// What the link carries.
extension SyncSchedule {
    private mutating func measure(_ progress: Progress) {
        let milliseconds = max(progress.milliseconds, 1)
        let affordable = UInt64(progress.bytes) * Self.batchMillisecondsAim / milliseconds
        func grown(_ bytes: Int) -> Int {
            Int(min(affordable, UInt64(bytes) * 4, UInt64(Self.batchBytesMax)))
        }
        if progress.bytes >= batchBytes / 2 || grown(batchBytes) > batchBytes {
            batchBytes = max(grown(batchBytes), Self.batchBytesMin)
        }
        if progress.bytesDown >= entryBytes / 2 || grown(entryBytes) > entryBytes {
            entryBytes = max(grown(entryBytes), Self.batchBytesMin)
        }
        if progress.bytes > 2 * Self.exchangeBytesUsual {
            bytesPerSecond = max(1, Int(UInt64(progress.bytes) * 1000 / milliseconds))
        } else if progress.bytes > 0 {
            roundTripMilliseconds = progress.milliseconds
        }
    }

    /// Whether to ask first costs less than to send again what may have arrived: an exchange without content, and on a link
    /// that is not paid by the byte also the time of a round trip. It arrived as often as not.
    private func isDear(_ bytes: Int) -> Bool {
        let roundTrip =
            rules.isMetered ? 0 : (bytesPerSecond ?? 0) * Int(min(roundTripMilliseconds, 60_000)) / 1000
        return bytes / 2 > Self.exchangeBytesUsual + roundTrip
    }
}

/// What comes when nothing is left to do.
extension SyncSchedule {
    private mutating func idle(now: UInt64) -> Action {
        if let gatherUntil { return wait(until: min(gatherUntil, now + Self.gatherSeconds * 1000)) }
        if isSpent(now: now) { return wait(until: rules.midnight(after: now)) }
        if rules.isMetered {
            if let minutes = rules.scheduleMinutes { return wait(until: now + minutes * 60_000) }
            nextTry = 0
            return .rest
        }
        guard waits else { return wait(until: now + idleSeconds * 1000) }
        isPolling = true
        nextTry = now + pollSeconds * 1000
        return .poll(seconds: pollSeconds)
    }

    private mutating func wait(until time: UInt64) -> Action {
        nextTry = time
        return .wait(until: time)
    }

    private mutating func save(now: UInt64) -> Action {
        guard isSpent(now: now) else { return exchange() }
        let seconds = min(Self.gatherSeconds, (rules.scheduleMinutes ?? .max / 60) * 60)
        let until = min(gatherUntil ?? .max, now + seconds * 1000)
        gatherUntil = until
        return wait(until: until)
    }

    /// A poll that ended long before its time and brought nothing was not held: it is not repeated at once.
    private mutating func endPoll(_ progress: Progress, now: UInt64, random: UInt64) -> Action {
        (failures, pollFailures) = (0, 0)
        if progress.hasMore { return exchange() }
        if progress.isNews { return idle(now: now) }
        guard progress.milliseconds >= pollSeconds * 500 else {
            // Jittered: a central that stops lets everybody go at one moment.
            return wait(until: now + idleSeconds * 500 + random % (idleSeconds * 500 + 1))
        }
        pollSeconds = min(pollSeconds + pollSeconds / 8, Self.pollSecondsMax)
        return idle(now: now)
    }

    /// A poll that died says little of the link: something on the way may have forgotten a silent connection. The next exchange
    /// finds out.
    private mutating func failPoll(now: UInt64, random: UInt64) -> Action {
        pollFailures += 1
        pollSeconds = max(pollSeconds / 2, Self.pollSecondsMin)
        return pause(after: pollFailures, now: now, random: random)
    }
}
