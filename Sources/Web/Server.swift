/// An HTTP/1.1 server on one port, from its creation until `stop`.
///
/// Requests are handled concurrently, each in a task of its own. One that is dropped without `stop` stops by
/// itself, a little later.
package final class Server: Sendable {
    /// Where a server listens and what it takes.
    package struct Configuration: Sendable {
        /// The address or name to listen on. Only this machine reaches the default.
        package var host: String
        /// The port; 0 takes any that is free.
        package var port: UInt16
        /// What is taken, and for how long.
        package var limits: Limits
        /// With one it speaks TLS 1.2 and 1.3 only, without it plain HTTP.
        package var identity: TLSIdentity?

        /// Any free port of this machine, unless it is said.
        package init(
            host: String = "127.0.0.1", port: UInt16 = 0, limits: Limits = Limits(),
            identity: TLSIdentity? = nil
        ) {
            self.host = host
            self.port = port
            self.limits = limits
            self.identity = identity
        }
    }

    private let listener: Listener
    private let stopping = Guarded<Task<Void, Never>?>(nil)

    /// Starts to listen and to answer.
    package init(configuration: Configuration, handler: any Handler) throws(ServerError) {
        listener = try Listener(
            host: configuration.host, port: configuration.port, identity: configuration.identity,
            limits: configuration.limits, handler: handler)
    }

    /// The port that was really bound.
    package var port: UInt16 { listener.port }

    /// How many connections are open now.
    package var connectionCount: Int { listener.registry.count }

    /// Shows another certificate to all who connect from now on. Connections that are open keep the old one and end with their
    /// next answer; no request fails for it. If the new one cannot be used, the old one stays.
    package func adopt(_ identity: TLSIdentity) throws(ServerError) { try listener.adopt(identity) }

    /// Accepts nothing more, waits for what is running (at most `Limits.stopSecondsMax`), answers the rest
    /// with 503, and frees the port. Every call returns when that is done.
    package func stop() async { await stopOnce().value }

    deinit { _ = stopOnce() }

    private func stopOnce() -> Task<Void, Never> {
        stopping.withLock { task in
            if let task { return task }
            let listener = listener
            let started = Task { await listener.stop() }
            task = started
            return started
        }
    }
}
