/// What one connection is doing, since when, and what has become overdue. It does no I/O.
struct ConnectionClock: Hashable {
    /// What a connection does: `opening` until its first request if it is secure, then the rest, in this order, for each.
    enum Phase: Hashable {
        case opening, waiting, arriving
        /// A handler takes the body while it arrives.
        case streaming
        case handling, answering
        /// The body of the answer is read while it is sent.
        case sending
    }

    /// What is to be done about a connection.
    enum Verdict: Hashable {
        case fine
        /// Close it: the client is too slow.
        case cut
        /// Answer for the handler: it is too slow.
        case answerInstead
    }

    private(set) var phase: Phase
    private var since: ContinuousClock.Instant

    init(now: ContinuousClock.Instant, isSecure: Bool = false) {
        phase = isSecure ? .opening : .waiting
        since = now
    }

    /// Begins a phase, with its own time.
    mutating func enter(_ phase: Phase, now: ContinuousClock.Instant) {
        self.phase = phase
        since = now
    }

    /// What the limits say now. libmicrohttpd counts silence only, so a client that sends a byte now and
    /// then would keep its place for ever.
    func verdict(now: ContinuousClock.Instant, limits: Limits) -> Verdict {
        let secondsMax =
            switch phase {
            case .opening: min(limits.handshakeSecondsMax, limits.idleSecondsMax)
            case .waiting: limits.idleSecondsMax
            case .arriving: limits.requestSecondsMax
            case .streaming, .sending: limits.streamSecondsMax
            case .handling, .answering: limits.responseSecondsMax
            }
        guard now - since > .seconds(secondsMax) else { return .fine }
        return phase == .handling ? .answerInstead : .cut
    }

    /// Whether a server that stops waits for this connection.
    var isOwedAnAnswer: Bool { [.handling, .answering, .sending].contains(phase) }
}
