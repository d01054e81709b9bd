import Dispatch

/// A port that is served: the socket, the daemon that accepts from it, and those that had another certificate and still
/// have connections.
final class Listener: Sendable {
    let port: UInt16
    let registry: ConnectionRegistry
    private let socket: ListeningSocket
    private let limits: Limits
    private let handler: any Handler
    private let queue = DispatchQueue(label: "birthwindow.web.server")
    private let state: Guarded<State>

    private struct State {
        /// Nil once the server stops.
        var accepting: Daemon?
        var retired: [Daemon] = []
        /// Looks around from time to time.
        var sweep: (any DispatchSourceTimer)?
    }

    /// How often overdue and broken connections are looked for.
    private static let sweepMilliseconds = 200
    /// How long a server that stops waits for the answers that it gave itself.
    private static let farewell = Duration.seconds(1)

    init(
        host: String, port: UInt16, identity: TLSIdentity?, limits: Limits, handler: any Handler
    ) throws(ServerError) {
        ProcessSettings.ignoreBrokenPipes()
        ProcessSettings.allowDescriptors(connections: limits.connectionsMax)
        socket = try ListeningSocket.open(host: host, port: port)
        self.port = socket.port
        self.limits = limits
        self.handler = handler
        registry = ConnectionRegistry(limits: limits)
        let daemon = try Daemon(
            accepting: try socket.duplicate(), as: identity, limits: limits, handler: handler,
            registry: registry)
        state = Guarded(State(accepting: daemon))
        state.withLock { state in
            let sweep = DispatchSource.makeTimerSource(queue: queue)
            sweep.setEventHandler { [weak self] in self?.lookAround() }
            let interval = DispatchTimeInterval.milliseconds(Self.sweepMilliseconds)
            sweep.schedule(deadline: .now() + interval, repeating: interval)
            sweep.resume()
            state.sweep = sweep
        }
    }

    /// Serves new connections with another certificate. Those that are open go on with the old one until their next answer.
    /// If it cannot be used, nothing changes. Ignored once the server stops.
    func adopt(_ identity: TLSIdentity) throws(ServerError) {
        let old = try state.withLock { state throws(ServerError) -> Daemon? in
            guard let old = state.accepting else { return nil }
            // For a moment both accept: no connection finds nobody.
            state.accepting = try Daemon(
                accepting: try socket.duplicate(), as: identity, limits: limits, handler: handler,
                registry: registry)
            state.retired.append(old)
            return old
        }
        old?.retire()
    }

    private func lookAround() {
        registry.sweep()
        let idle = state.withLock { state in
            let idle = state.retired.filter(\.isIdle)
            state.retired.removeAll { daemon in idle.contains { $0 === daemon } }
            return idle
        }
        for daemon in idle { daemon.end() }
    }

    /// Accepts nothing more, lets what runs come to its end within the limit, and ends the threads. It may be called once.
    ///
    /// The last answers are given here, in the handlers' stead: no connection may be suspended at the end.
    func stop() async {
        registry.close()
        let accepting = state.withLock { state in
            defer { state.accepting = nil }
            if let daemon = state.accepting { state.retired.append(daemon) }
            return state.accepting
        }
        accepting?.retire()
        socket.refuse()
        await registry.quiet(within: .seconds(limits.stopSecondsMax))
        for exchange in registry.exchanges {
            exchange.finish(with: Problem.stopping.response)
            exchange.cancel()
        }
        await registry.quiet(within: Self.farewell)
        for sending in registry.sendings { sending.cut() }
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                state.withLock { $0.sweep?.cancel() }
                for daemon in state.withLock({ $0.retired }) { daemon.end() }
                state.withLock { $0.retired = [] }
                continuation.resume()
            }
        }
    }
}
