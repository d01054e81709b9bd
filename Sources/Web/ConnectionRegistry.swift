import Dispatch

/// The connections that are open: how many, from where, and which are overdue.
final class ConnectionRegistry: Sendable {
    private let limits: Limits
    private let state = Guarded(State())

    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var countByAddress: [String: Int] = [:]
        var waiters: [Waiter] = []
        var isClosing = false
    }

    private struct Waiter {
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    /// The memory of all bodies.
    let bodies: BodyBudget

    init(limits: Limits) {
        self.limits = limits
        bodies = BodyBudget(bytesMax: limits.bodiesBytesMax)
    }

    /// Whether one more connection from this address is within the bounds.
    func admits(_ address: String) -> Bool {
        state.withLock { state in
            state.connections.count < limits.connectionsMax
                && state.countByAddress[address, default: 0] < limits.connectionsPerAddressMax
        }
    }

    func add(_ connection: Connection) {
        state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = connection
            state.countByAddress[connection.remoteAddress, default: 0] += 1
        }
    }

    /// Forgets a connection. This comes before its socket is closed: the number may then be another's.
    func remove(_ connection: Connection) {
        state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = nil
            let count = state.countByAddress[connection.remoteAddress, default: 1] - 1
            state.countByAddress[connection.remoteAddress] = count > 0 ? count : nil
        }
        wakeWaiters()
    }

    /// Notes that a handler works on an exchange. False once the server stops: who stops it then knows all
    /// the exchanges that it has to end.
    func begin(_ exchange: Exchange, on connection: Connection, _ phase: ConnectionClock.Phase) -> Bool {
        state.withLock { state in
            guard !state.isClosing else { return false }
            connection.enter(phase, exchange: exchange)
            return true
        }
    }

    /// Lets no exchange begin from now on.
    func close() { state.withLock { $0.isClosing = true } }

    /// Whether connections end with the answer in hand.
    var isClosing: Bool { state.withLock { $0.isClosing } }

    /// How many connections are open.
    var count: Int { state.withLock { $0.connections.count } }

    /// Looks after every connection: cuts the overdue ones, and tells their exchanges.
    func sweep() {
        let now = ContinuousClock.now
        let findings = state.withLock { state in
            let isPressed = state.connections.count > limits.connectionsMax / 4 * 3
            return state.connections.values.compactMap {
                $0.inspect(now: now, limits: limits, isPressed: isPressed)
            }
        }
        for finding in findings {
            if finding.isOverdue { finding.exchange.finish(with: Problem.overdue.response) }
            finding.exchange.cancel()
        }
        wakeWaiters()
    }

    /// The exchanges that a handler works on.
    var exchanges: [Exchange] { state.withLock { $0.connections.values.compactMap(\.exchange) } }

    /// The bodies that are read while they are sent.
    var sendings: [Sending] { state.withLock { $0.connections.values.compactMap(\.sending) } }

    /// Waits until no connection is owed an answer, but not longer than this.
    func quiet(within limit: Duration) async {
        await withCheckedContinuation { continuation in
            let waiter = Waiter(deadline: .now + limit, continuation: continuation)
            state.withLock { $0.waiters.append(waiter) }
            wakeWaiters()
        }
    }

    /// Lets those go on who waited for quiet, or long enough.
    func wakeWaiters() {
        let now = ContinuousClock.now
        let done = state.withLock { state in
            let isQuiet = !state.connections.values.contains(where: \.isOwedAnAnswer)
            let done = state.waiters.filter { isQuiet || $0.deadline <= now }
            state.waiters.removeAll { isQuiet || $0.deadline <= now }
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }
}
