/// Why the second copy cannot be written.
package enum JournalFailure: String, Error, Hashable, Sendable, Codable {
    /// The directory is not there: the stick or the share is.
    case absent
    /// The directory is on the disk of the database: the stick or the share is not mounted there.
    case sameDisk = "same-disk"
    case full
    case readOnly = "read-only"
    /// The medium reports an error.
    case medium
    /// This window's own database could not be read for it.
    case store
}

/// Decides when what was saved is appended to the journal on the other medium: tell it what happened, do what it answers. No I/O,
/// no clock.
///
/// Laws: of one place at most one append is under way, and what an earlier place still answers counts for nothing; what was saved
/// before an append began is in it when it says that it is whole; while the medium works, an append begins at most
/// ``batchMilliseconds`` after a save, or when the one before has ended; after a failure it is tried again, at most
/// ``retryMillisecondsMax`` later, for ever; it rests only if nothing is known to lack, or an append is under way.
package struct SecondCopy: Hashable, Sendable {
    /// What happened.
    package enum Event: Hashable, Sendable {
        /// The technician chose a place, or another one. What is in its journal is not known yet.
        case chosen
        /// There is to be no second copy.
        case dropped
        /// Something was saved.
        case saved
        /// An append ended: the batch is synced on the medium. Not whole if more is known to lack.
        case appended(Ticket, isWhole: Bool)
        case failed(Ticket, JournalFailure)
        case timePassed
    }

    /// Names an append, so that one that comes back late is known.
    package struct Ticket: Hashable, Sendable { fileprivate var number = 0 }

    /// What to do next.
    package enum Action: Hashable, Sendable {
        /// Append what lacks, and tell how it ended.
        case append(Ticket)
        /// Nothing, before this time or an event.
        case wait(until: UInt64)
        /// Nothing, before an event.
        case rest
    }

    /// How long saves are gathered, so that a busy window syncs the medium once a second.
    package static let batchMilliseconds: UInt64 = 1000
    /// What is saved is to be in the journal within this time.
    package static let lateMilliseconds: UInt64 = 5000
    /// The longest pause after a failure: a stick that was put back is found within it.
    package static let retryMillisecondsMax: UInt64 = 30_000

    package private(set) var isChosen = false
    /// When the oldest change was saved that is not known to be in the journal; nil if none is.
    package private(set) var behindSince: UInt64?
    /// When everything saved was last in it; nil if it never was, as far as this run knows.
    package private(set) var wholeAt: UInt64?
    /// Why the last append failed; nil after one that did not.
    package private(set) var failure: JournalFailure?
    private var failures = 0
    private var nextTry: UInt64 = 0
    private var ticket = Ticket()
    /// When the append began that is under way.
    private var began: UInt64?
    /// The first save since then.
    private var savedMeanwhile: UInt64?

    package init() {}

    /// Takes in what happened at a time, in milliseconds.
    package mutating func handle(_ event: Event, now: UInt64) -> Action {
        switch event {
        case .chosen:
            self = SecondCopy(after: ticket)
            (isChosen, behindSince) = (true, now)
        case .dropped: self = SecondCopy(after: ticket)
        case .saved: noteSaved(now)
        case .appended(let ended, let isWhole): if end(ended) { noteAppended(isWhole, now) }
        case .failed(let ended, let reason): if end(ended) { noteFailed(reason, now) }
        case .timePassed: break
        }
        return next(now)
    }

    /// Whether an append is under way.
    var isAppending: Bool { began != nil }

    private init(after ticket: Ticket) { self.ticket = ticket }

    /// False for an append that nobody waits for any more.
    private func end(_ ended: Ticket) -> Bool { began != nil && ended == ticket }

    private mutating func noteSaved(_ now: UInt64) {
        guard isChosen else { return }
        if began != nil, savedMeanwhile == nil { savedMeanwhile = now }
        if behindSince == nil {
            behindSince = now
            nextTry = now + Self.batchMilliseconds
        }
    }

    private mutating func noteAppended(_ isWhole: Bool, _ now: UInt64) {
        (failure, failures) = (nil, 0)
        if !isWhole {
            nextTry = now
        } else if let saved = savedMeanwhile {
            (behindSince, wholeAt, nextTry) = (saved, began, saved + Self.batchMilliseconds)
        } else {
            (behindSince, wholeAt) = (nil, now)
        }
        (began, savedMeanwhile) = (nil, nil)
    }

    private mutating func noteFailed(_ reason: JournalFailure, _ now: UInt64) {
        failure = reason
        failures += 1
        nextTry = now + min(Self.retryMillisecondsMax, 1000 << UInt64(min(failures - 1, 5)))
        (began, savedMeanwhile) = (nil, nil)
    }

    private mutating func next(_ now: UInt64) -> Action {
        guard isChosen, began == nil, behindSince != nil else { return .rest }
        // A clock that was set back must not put off the next try for longer than the longest pause.
        nextTry = min(nextTry, now + Self.retryMillisecondsMax)
        guard now >= nextTry else { return .wait(until: nextTry) }
        began = now
        ticket.number += 1
        return .append(ticket)
    }
}
