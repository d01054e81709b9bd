/// Why a body has no next piece, though it has not come to its end.
package enum BodyError: Error, Hashable, Sendable {
    /// The connection broke, or the server stops. What came before stays taken.
    case cut
}

/// The body of a request that is handed on while it arrives.
///
/// One piece waits at most, and its sender is held back until it is taken: a slow handler costs no memory. One task
/// takes the pieces. The other side is libmicrohttpd's polling thread.
package final class RequestBody: Sendable {
    private enum End { case whole, cut }

    private struct State {
        /// Nothing is read before the handler asks: until then it may refuse by the head alone.
        var isOpening = true
        /// The connection is suspended, and `resume` is due.
        var isHeld = false
        /// The answer is there: what still comes is dropped.
        var isAnswered = false
        var piece: [UInt8]?
        var end: End?
        var waiter: CheckedContinuation<Void, Never>?

        /// Whether the connection must be resumed now, because more is wanted. At the end it rests until the answer.
        mutating func release() -> Bool {
            guard isHeld, end == nil else { return false }
            isHeld = false
            return true
        }
    }

    private let state: Guarded<State>
    private let resume: @Sendable () -> Void

    /// A body that is all here.
    package init(_ whole: [UInt8]) {
        resume = {}
        state = Guarded(State(isOpening: false, piece: whole.isEmpty ? nil : whole, end: .whole))
    }

    /// A body that comes over a connection that is suspended now; `resume` lets it go on.
    init(resume: @escaping @Sendable () -> Void) {
        self.resume = resume
        state = Guarded(State(isHeld: true))
    }

    /// The next piece, never an empty one; nil at the end.
    package func next() async throws(BodyError) -> [UInt8]? {
        while true {
            let (piece, end, mustRelease) = state.withLock { state in
                defer { state.piece = nil }
                return (state.piece, state.end, state.release())
            }
            if mustRelease { resume() }
            if let piece { return piece }
            if end == .cut { throw .cut }
            if end == .whole { return nil }
            await arrival()
        }
    }

    /// Waits until there is a piece, or the end.
    private func arrival() async {
        await withCheckedContinuation { waiter in
            let isThere = state.withLock { state in
                let isThere = state.piece != nil || state.end != nil
                if !isThere { state.waiter = waiter }
                return isThere
            }
            if isThere { waiter.resume() }
        }
    }

    // What follows is the polling thread's, and whoever answers.

    /// The handler has asked, or answered, and libmicrohttpd calls again. True once.
    func opens() -> Bool {
        state.withLock { state in
            defer { state.isOpening = false }
            return state.isOpening
        }
    }

    /// Offers the next bytes. False when they must be offered again, because a piece waits.
    func offer(_ bytes: UnsafeRawBufferPointer, suspend: () -> Void) -> Bool {
        let copy = [UInt8](bytes)
        let (isTaken, waiter) = state.withLock { state in
            state.isOpening = false
            if state.isAnswered || state.end != nil {
                return (true, nil as CheckedContinuation<Void, Never>?)
            }
            let hasRoom = state.piece == nil
            if hasRoom { state.piece = copy }
            defer { state.waiter = nil }
            if state.waiter == nil, !state.isHeld {
                // Within the lock: whoever takes the piece resumes what has been suspended.
                state.isHeld = true
                suspend()
            }
            return (hasRoom, state.waiter)
        }
        waiter?.resume()
        return isTaken
    }

    /// Notes the end. The connection rests until the answer; false when that is there.
    func finish(suspend: () -> Void) -> Bool {
        let (mustWait, waiter) = state.withLock { state in
            state.end = state.end ?? .whole
            if !state.isAnswered {
                state.isHeld = true
                suspend()
            }
            defer { state.waiter = nil }
            return (!state.isAnswered, state.waiter)
        }
        waiter?.resume()
        return mustWait
    }

    /// Notes that no more comes.
    func cut() {
        let waiter = state.withLock { state in
            state.end = state.end ?? .cut
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Notes that there is an answer, and lets the connection go on.
    func answer() {
        let mustRelease = state.withLock { state in
            state.isAnswered = true
            let isHeld = state.isHeld
            state.isHeld = false
            return isHeld
        }
        if mustRelease { resume() }
    }
}
