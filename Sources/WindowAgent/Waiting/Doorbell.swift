import Web

/// Wakes the one who waits when something has happened. What rings while nobody waits is not lost: the next wait ends at once.
///
/// For an actor that performs what a machine decides: whoever posts an event rings, and the loop waits here between two actions.
final class Doorbell: Sendable {
    /// Why a wait ended.
    enum End: Hashable, Sendable {
        /// Somebody rang.
        case rung
        case timePassed
        /// The task was cancelled.
        case cancelled
    }

    /// Milliseconds of a wait at most: who waits longer asks again.
    static let millisecondsMax: UInt64 = 86_400_000

    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<End, Never>?
        /// Counts the waits, so that a timer that is late does not end the wait after its own.
        var waits = 0
        /// A wait that was over before it had begun.
        var early: (wait: Int, end: End)?
    }

    private let state = Guarded(State())

    /// Ends the wait, or the next one.
    func ring() {
        let waiter = state.withLock { state in
            state.isRung = state.waiter == nil
            return state.waiter.take()
        }
        waiter?.resume(returning: .rung)
    }

    /// Forgets a ring that nobody has waited for.
    func silence() { state.withLock { $0.isRung = false } }

    /// Waits for a ring, a time or the task's cancelling. One waits at a time.
    ///
    /// - Parameters:
    ///   - until: milliseconds since 1970; nil for as long as it takes.
    ///   - now: likewise.
    func wait(until: UInt64?, now: UInt64) async -> End {
        let left = until.map { $0 > now ? $0 - now : 0 } ?? .max
        let wait = state.withLock { state in
            state.waits += 1
            return state.waits
        }
        let timer = Task { [self] in
            // Cancelled when something else ended the wait before.
            try? await Task.sleep(for: .milliseconds(Int64(min(left, Self.millisecondsMax))))
            end(wait, .timePassed)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { begin(wait, $0) }
        } onCancel: {
            end(wait, .cancelled)
        }
    }

    private func begin(_ wait: Int, _ waiter: CheckedContinuation<End, Never>) {
        let end: End? = state.withLock { state in
            precondition(state.waiter == nil, "one waits at a time")
            if let early = state.early, early.wait == wait { return early.end }
            if state.isRung {
                state.isRung = false
                return .rung
            }
            state.waiter = waiter
            return nil
        }
        if let end { waiter.resume(returning: end) }
    }

    private func end(_ wait: Int, _ end: End) {
        let waiter: CheckedContinuation<End, Never>? = state.withLock { state in
            guard state.waits == wait else { return nil }
            if state.waiter == nil { state.early = (wait, end) }
            return state.waiter.take()
        }
        waiter?.resume(returning: end)
    }
}
