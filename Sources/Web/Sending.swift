/// One body on its way from a ``ResponseStream`` to a client.
///
/// libmicrohttpd asks for bytes on its polling thread. While a piece is being read the connection is suspended; exactly one
/// of the reading task and a stopping server resumes it. A client that takes nothing is asked nothing of: nothing is read.
final class Sending: Sendable {
    /// What there is for the client.
    enum Portion: Equatable {
        case bytes(Int)
        /// Nothing yet: the connection rests until there is.
        case later
        /// It could not be read: the connection must break, so that the client does not take a part for the whole.
        case broken
    }

    private struct State {
        var piece: ArraySlice<UInt8> = []
        /// The connection is suspended, and its resumption is due.
        var isHeld = false
        var isBroken = false
    }

    private let stream: ResponseStream
    private let suspend: @Sendable () -> Void
    private let resume: @Sendable () -> Void
    private let state = Guarded(State())

    init(
        _ stream: ResponseStream, suspend: @escaping @Sendable () -> Void,
        resume: @escaping @Sendable () -> Void
    ) {
        (self.stream, self.suspend, self.resume) = (stream, suspend, resume)
    }

    /// Puts the bytes from a place of the body on into a buffer, as many as are at hand, or has them read.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, at place: Int) -> Portion {
        let portion = state.withLock { state in
            if state.isBroken { return Portion.broken }
            let part = state.piece.prefix(buffer.count)
            guard part.isEmpty else {
                buffer.copyBytes(from: part)
                state.piece = state.piece.dropFirst(part.count)
                return .bytes(part.count)
            }
            // Within the lock: whoever ends the wait resumes what has been suspended.
            state.isHeld = true
            suspend()
            return .later
        }
        if portion == .later { Task { await read(at: place) } }
        return portion
    }

    private func read(at place: Int) async {
        // Why it failed is for whoever reads to say; the client sees the connection break.
        let piece = try? await stream.piece(at: place)
        end { state in
            state.piece = (piece ?? [])[...]
            if state.piece.isEmpty { state.isBroken = true }
        }
    }

    /// Breaks it off: the connection is not suspended any more when this returns, and will not be again.
    func cut() { end { $0.isBroken = true } }

    private func end(_ change: (inout State) -> Void) {
        let mustResume = state.withLock { state in
            if !state.isBroken { change(&state) }
            defer { state.isHeld = false }
            return state.isHeld
        }
        if mustResume { resume() }
    }
}
