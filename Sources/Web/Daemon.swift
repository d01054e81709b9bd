import CMicrohttpd
import Dispatch
import Glibc

/// A running libmicrohttpd: one thread that polls its connections, and nothing that blocks it. Several may accept from one
/// socket: each keeps the certificate that it was started with.
///
/// It wraps a C handle, which is why its word is taken for `Sendable`: the handle is set once, before
/// anything else can use it, and libmicrohttpd lets any thread quiesce and stop a daemon.
final class Daemon: @unchecked Sendable {
    let limits: Limits
    let handler: any Handler
    let registry: ConnectionRegistry
    let isSecure: Bool
    private let state = Guarded(State())
    private var handle: OpaquePointer?
    private var socket: Int32 = -1

    private struct State {
        var connectionCount = 0
        var retired: ContinuousClock.Instant?
    }

    /// For so long the thread may still be at a connection that it accepted before it was told to retire.
    private static let lastAccept = Duration.seconds(1)

    /// Begins to accept and to answer. The descriptor is given away, also when this fails.
    init(
        accepting descriptor: Int32, as identity: TLSIdentity?, limits: Limits, handler: any Handler,
        registry: ConnectionRegistry
    ) throws(ServerError) {
        self.limits = limits
        self.handler = handler
        self.registry = registry
        isSecure = identity != nil
        handle = try start(on: descriptor, as: identity)
    }

    /// Accepts nothing more; answers that are given from now on close their connections. It may be called once.
    func retire() {
        state.withLock { $0.retired = .now }
        if let handle { socket = MHD_quiesce_daemon(handle) }
    }

    /// Whether connections end with the answer in hand.
    var isClosing: Bool { registry.isClosing || state.withLock { $0.retired != nil } }

    /// Whether it has retired and nobody is connected any more.
    var isIdle: Bool {
        state.withLock { state in
            guard let retired = state.retired else { return false }
            return state.connectionCount == 0 && ContinuousClock.now - retired > Self.lastAccept
        }
    }

    func noteOpened() { state.withLock { $0.connectionCount += 1 } }
    func noteClosed() { state.withLock { $0.connectionCount -= 1 } }

    /// Ends the thread of a daemon that has retired, and cuts what is still connected. It blocks for a moment, and may be
    /// called once.
    ///
    /// libmicrohttpd ends the process when it is stopped with a suspended connection.
    func end() {
        guard let handle else { return }
        MHD_stop_daemon(handle)
        self.handle = nil
        // Not before: the thread may just be using it.
        if socket >= 0 { close(socket) }
        releaseContext()
    }
}
