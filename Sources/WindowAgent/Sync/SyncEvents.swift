import Casework

/// What happened since the schedule was last asked. Equal events count once; a person's wish comes first.
struct SyncEvents {
    private var isSaved = false
    private var rules: LinkRules?
    /// Counts the waits, so that a timer that is late does not end the wait after its own.
    private(set) var waits = 0
    private(set) var isAsked = false
    private var waiter: CheckedContinuation<SyncSchedule.Event, Never>?

    mutating func post(_ event: SyncSchedule.Event) {
        if let waiter {
            self.waiter = nil
            return waiter.resume(returning: event)
        }
        switch event {
        case .asked: isAsked = true
        case .saved: isSaved = true
        case .ruled(let rules): self.rules = rules
        // Nobody waits, so nobody needs to be woken.
        case .started, .timePassed, .succeeded, .failed, .lost: break
        }
    }

    /// Resumes the waiter with what has happened, or when something does. One waits at a time.
    mutating func wait(_ waiter: CheckedContinuation<SyncSchedule.Event, Never>) {
        precondition(self.waiter == nil, "one schedule waits for its events")
        waits += 1
        if isAsked {
            isAsked = false
            waiter.resume(returning: .asked)
        } else if let rules {
            self.rules = nil
            waiter.resume(returning: .ruled(rules))
        } else if isSaved {
            isSaved = false
            waiter.resume(returning: .saved)
        } else {
            self.waiter = waiter
        }
    }
}
