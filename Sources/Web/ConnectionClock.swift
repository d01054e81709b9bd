/// What one connection is doing, since when, and what has become overdue. It does no I/O.
struct ConnectionClock: Hashable {
    /// What a connection does: `opening` until its first request if it is secure, then the rest, in this order, for each.
    enum Phase: Hashable {
        case opening, waiting, arriving
        /// The head is here, and the body comes.
        case receiving
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
    /// Bytes of the body that came.
    private var byteCount = 0

    init(now: ContinuousClock.Instant, isSecure: Bool = false) {
        phase = isSecure ? .opening : .waiting
        since = now
    }

    /// Begins a phase, with its own time.
    mutating func enter(_ phase: Phase, now: ContinuousClock.Instant) {
        self.phase = phase
        since = now
        byteCount = 0
    }

    /// Notes bytes of a body.
    mutating func note(bytes count: Int) { byteCount += count }

    /// What the limits say now. libmicrohttpd counts silence only, so a client that sends a byte now and
    /// then would keep its place for ever.
    ///
    /// - Parameter isPressed: whether places are scarce.
    func verdict(
        now: ContinuousClock.Instant, limits: Limits, isPressed: Bool = false
    ) -> Verdict {
        let pressed = isPressed ? limits.pressedSecondsMax : .max
        let secondsMax =
            switch phase {
            case .opening: min(limits.handshakeSecondsMax, limits.idleSecondsMax, pressed)
            case .waiting: min(limits.idleSecondsMax, pressed)
            case .arriving: min(limits.headSecondsMax, pressed)
            case .receiving: isTooSlow(now: now, limits: limits) ? 0 : limits.requestSecondsMax
            case .streaming, .sending: limits.streamSecondsMax
            case .handling, .answering: limits.responseSecondsMax
            }
        guard now - since > .seconds(secondsMax) else { return .fine }
        return phase == .handling ? .answerInstead : .cut
    }

    private func isTooSlow(now: ContinuousClock.Instant, limits: Limits) -> Bool {
        let seconds = (now - since) / .seconds(1)
        return seconds > Double(limits.bodyGraceSeconds)
            && Double(byteCount) < seconds * Double(limits.bodyBytesPerSecondMin)
    }

    /// Whether a server that stops waits for this connection.
    var isOwedAnAnswer: Bool { [.handling, .answering, .sending].contains(phase) }
}
