package import Casework
package import Cryptography

/// Decides which attachment is fetched from central next, from which byte, and when: tell it what happened, do what it
/// answers.
///
/// It has no clock, no randomness, no disk and no network. What a person asked for goes first; one at a time. On a link that
/// is paid by the byte only what a person asked for is fetched. Retries and the size of pieces are those of ``SyncSchedule``.
package struct AttachmentFetcher: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        /// This attachment is wanted here; whether a person asked for it.
        case wanted(Digest, isAsked: Bool)
        case ruled(PhotoRules)
        /// A piece came and is kept; how many bytes and milliseconds it took, and whether the attachment is whole now.
        case fetched(bytes: Int, milliseconds: UInt64, isWhole: Bool)
        /// The connection failed, or there is no room here.
        case failed
        /// Central does not have it, or what it has does not bear the name.
        case absent
        case timePassed
    }

    package enum Action: Hashable, Sendable {
        /// Fetch the next bytes of an attachment, behind those that are kept already.
        case fetch(Digest, bytesMax: Int)
        /// Do nothing until this time, milliseconds since 1970, unless something happens before.
        case wait(until: UInt64)
        /// Do nothing until something happens.
        case rest
    }

    /// Attachments that may be wanted at a time; beyond, who wants one asks again.
    package static let wantedMax = 256
    /// Bytes of a piece at most: what a cut may cost.
    package static let pieceBytesMax = 256 * 1024

    private struct Entry: Hashable {
        let hash: Digest
        var isAsked: Bool
    }

    private var entries: [Entry] = []
    private var rules: PhotoRules
    private var schedule = SyncSchedule()
    private var retry: UInt64 = 0

    package init(rules: PhotoRules = PhotoRules()) { self.rules = rules }

    /// How many are wanted and not here.
    package var wantedCount: Int { entries.count }

    /// Whether an attachment is being fetched, or will be.
    package func isWanted(_ hash: Digest) -> Bool { entries.contains { $0.hash == hash } }

    /// - Parameters:
    ///   - now: milliseconds since 1970, from a clock that may jump.
    ///   - random: any 64 bits, for the jitter.
    package mutating func handle(_ event: Event, now: UInt64, random: UInt64) -> Action {
        switch event {
        case .wanted(let hash, let isAsked): want(hash, isAsked: isAsked)
        case .ruled(let rules): self.rules = rules
        case .fetched(let bytes, let milliseconds, let isWhole):
            retry = 0
            let progress = SyncSchedule.Progress(hasMore: true, bytes: bytes, milliseconds: milliseconds)
            _ = schedule.handle(.succeeded(progress), now: now, random: random)
            if isWhole { drop() }
        case .failed:
            _ = schedule.handle(.failed, now: now, random: random)
            retry = schedule.nextTry
        case .absent: drop()
        case .timePassed: break
        }
        return next(now: now)
    }

    private mutating func want(_ hash: Digest, isAsked: Bool) {
        if isAsked { retry = 0 }
        if let index = entries.firstIndex(where: { $0.hash == hash }) {
            if isAsked { entries[index].isAsked = true }
        } else if entries.count < Self.wantedMax {
            entries.append(Entry(hash: hash, isAsked: isAsked))
        }
    }

    /// The one in hand: what a person asked for, else the first if the link costs nothing.
    private var current: Int? {
        entries.firstIndex(where: \.isAsked) ?? (rules.isMetered || entries.isEmpty ? nil : 0)
    }

    private mutating func drop() {
        if let current { entries.remove(at: current) }
    }

    private mutating func next(now: UInt64) -> Action {
        guard let current else { return .rest }
        // A clock that was set back must not make anybody wait longer than the longest retry.
        retry = min(retry, now + SyncSchedule.retrySecondsMax * 1000)
        if retry > now { return .wait(until: retry) }
        return .fetch(entries[current].hash, bytesMax: min(schedule.batchBytes, Self.pieceBytesMax))
    }
}
