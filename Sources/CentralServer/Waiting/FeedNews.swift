package import SyncProtocol
import Web

/// Tells when a hospital's feed grows. Real in two ways: told by the store of this process, or heard from others and asked of a shared store.
package protocol FeedNews: Sendable {
    /// Returns once the feed may reach beyond a position, at once if it may already, and soon when the task is cancelled.
    func growth(of hospital: HospitalID, beyond position: UInt64) async
}

/// The news of a store that one process writes: the store announces what it has committed.
package final class LocalFeedNews: FeedNews {
    private let state = Guarded(State())

    private struct State {
        /// The ends last announced. A feed of which nothing was announced has not grown since the start.
        var positions: [HospitalID: UInt64] = [:]
        var waiters: [HospitalID: [Int: Waiter]] = [:]
        var count = 0
    }

    private struct Waiter {
        let position: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    package init() {}

    /// Wakes those who wait for what was committed. It does not wait for them.
    package func announce(_ hospital: HospitalID, _ position: UInt64) {
        let woken = state.withLock { state in
            state.positions[hospital] = position
            let waiting = state.waiters[hospital] ?? [:]
            let woken = waiting.filter { $0.value.position < position }
            let rest = waiting.filter { $0.value.position >= position }
            state.waiters[hospital] = rest.isEmpty ? nil : rest
            return woken.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Something may have been committed that was not announced, or taken back: forgets all, and wakes everybody.
    package func doubt() {
        let woken = state.withLock { state in
            defer { (state.positions, state.waiters) = ([:], [:]) }
            return state.waiters.values.flatMap { $0.values.map(\.continuation) }
        }
        for continuation in woken { continuation.resume() }
    }

    /// How many wait.
    var waitingCount: Int { state.withLock { $0.waiters.values.reduce(0) { $0 + $1.count } } }

    package func growth(of hospital: HospitalID, beyond position: UInt64) async {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    // Who was cancelled before finds nobody to wake it later.
                    guard !Task.isCancelled, state.positions[hospital, default: 0] <= position else {
                        return false
                    }
                    let waiter = Waiter(position: position, continuation: continuation)
                    state.waiters[hospital, default: [:]][number] = waiter
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters[hospital]?.removeValue(forKey: number)
                if state.waiters[hospital]?.isEmpty == true { state.waiters[hospital] = nil }
                return waiter
            }
            waiter?.continuation.resume()
        }
    }
}
