/// Decides when to exchange with central and how much to send: tell it what happened, do what it answers.
///
/// It has no clock, no randomness and no network. Batches grow with the measured throughput and halve on failure, down to
/// a single change. Retries wait 1, 2, 4 … seconds, jittered, never longer than ``retrySecondsMax``; a person who asks
/// and a link that comes back are served at once.
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
        case failed
    }

    /// What one exchange achieved.
    package struct Progress: Hashable, Sendable {
        /// Something is left to send or to fetch.
        package let hasMore: Bool
        /// Bytes both ways, headers included.
        package let bytes: Int
        package let milliseconds: UInt64

        package init(hasMore: Bool, bytes: Int, milliseconds: UInt64) {
            self.hasMore = hasMore
            self.bytes = bytes
            self.milliseconds = milliseconds
        }
    }

    package enum Action: Hashable, Sendable {
        /// Exchange now. At least one change goes even if it is larger.
        case exchange(bytesMax: Int)
        /// Do nothing until this time, milliseconds since 1970, unless something happens before.
        case wait(until: UInt64)
    }

    /// Bytes of changes in a first batch.
    package static let batchBytesFirst = 16 * 1024
    /// Below this a batch is a single change.
    package static let batchBytesMin = 256
    package static let batchBytesMax = 1024 * 1024
    /// How long one batch should take on the link.
    package static let batchMillisecondsAim: UInt64 = 4_000
    package static let retrySecondsMax: UInt64 = 300

    /// Seconds between exchanges when nothing happens here.
    package let idleSeconds: UInt64
    package private(set) var batchBytes = Self.batchBytesFirst
    /// Exchanges that failed since the last success.
    package private(set) var failures = 0
    /// When the next exchange starts by itself, milliseconds since 1970.
    package private(set) var nextTry: UInt64 = 0

    package init(idleSeconds: UInt64 = 30) { self.idleSeconds = idleSeconds }

    /// - Parameters:
    ///   - now: milliseconds since 1970, from a clock that may jump.
    ///   - random: any 64 bits, for the jitter.
    package mutating func handle(_ event: Event, now: UInt64, random: UInt64) -> Action {
        switch event {
        case .started, .asked, .timePassed: return .exchange(bytesMax: batchBytes)
        case .saved where failures == 0: return .exchange(bytesMax: batchBytes)
        case .saved: return waiting(now: now)
        case .succeeded(let progress): return succeed(progress, now: now)
        case .failed: return fail(now: now, random: random)
        }
    }

    /// A clock that was set back must not make anybody wait longer than the longest retry.
    private mutating func waiting(now: UInt64) -> Action {
        nextTry = min(nextTry, now + Self.retrySecondsMax * 1000)
        return .wait(until: nextTry)
    }

    private mutating func succeed(_ progress: Progress, now: UInt64) -> Action {
        failures = 0
        let affordable = UInt64(progress.bytes) * Self.batchMillisecondsAim / max(progress.milliseconds, 1)
        let grown = min(affordable, UInt64(batchBytes) * 4, UInt64(Self.batchBytesMax))
        if progress.bytes >= batchBytes / 2 || grown > UInt64(batchBytes) {
            batchBytes = max(Int(grown), Self.batchBytesMin)
        }
        if progress.hasMore { return .exchange(bytesMax: batchBytes) }
        nextTry = now + idleSeconds * 1000
        return .wait(until: nextTry)
    }

    private mutating func fail(now: UInt64, random: UInt64) -> Action {
        failures += 1
        batchBytes = max(batchBytes / 2, Self.batchBytesMin)
        let longest = min(Self.retrySecondsMax, 1 << UInt64(min(failures - 1, 16))) * 1000
        nextTry = now + longest / 2 + random % (longest / 2 + 1)
        return .wait(until: nextTry)
    }
}
