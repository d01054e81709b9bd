import CMicrohttpd
import Dispatch
import Glibc

/// A running libmicrohttpd: one thread that polls all connections, and nothing that blocks it.
///
/// It wraps a C handle, which is why its word is taken for `Sendable`: the handle is set once, before
/// anything else can use it, and libmicrohttpd lets any thread quiesce and stop a daemon.
final class Daemon: @unchecked Sendable {
    let port: UInt16
    let limits: Limits
    let handler: any Handler
    let registry: ConnectionRegistry
    private let queue = DispatchQueue(label: "birthwindow.web.server")
    private let sweep: any DispatchSourceTimer
    private var handle: OpaquePointer?

    /// How often overdue and broken connections are looked for.
    private static let sweepMilliseconds = 200
    /// How long a server that stops waits for the answers that it gave itself.
    private static let farewell = Duration.seconds(1)

    init(host: String, port: UInt16, limits: Limits, handler: any Handler) throws(ServerError) {
        ProcessSettings.ignoreBrokenPipes()
        ProcessSettings.allowDescriptors(connections: limits.connectionsMax)
        let socket = try ListeningSocket.open(host: host, port: port)
        self.port = socket.port
        self.limits = limits
        self.handler = handler
        registry = ConnectionRegistry(limits: limits)
        sweep = DispatchSource.makeTimerSource(queue: queue)
        let registry = registry
        sweep.setEventHandler { registry.sweep() }
        let interval = DispatchTimeInterval.milliseconds(Daemon.sweepMilliseconds)
        sweep.schedule(deadline: .now() + interval, repeating: interval)
        sweep.resume()
        do throws(ServerError) {
            handle = try start(on: socket)
        } catch {
            sweep.cancel()
            throw error
        }
    }

    /// Accepts nothing more, lets what runs come to its end within the limit, and ends the thread.
    ///
    /// It may be called once. libmicrohttpd ends the process when it is stopped with a suspended connection,
    /// so the last answers are given here, in the handlers' stead.
    func stop() async {
        guard let handle else { return }
        registry.close()
        let socket = MHD_quiesce_daemon(handle)
        // From now on connecting is refused, where it would wait in vain; the number stays ours until the
        // thread, which may just be using it, has ended.
        shutdown(socket, Int32(SHUT_RDWR))
        await registry.quiet(within: .seconds(limits.stopSecondsMax))
        for exchange in registry.exchanges {
            exchange.finish(with: Problem.stopping.response)
            exchange.cancel()
        }
        await registry.quiet(within: Daemon.farewell)
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                endThread()
                continuation.resume()
            }
        }
        if socket >= 0 { close(socket) }
    }

    private func endThread() {
        guard let handle else { return }
        sweep.cancel()
        MHD_stop_daemon(handle)
        self.handle = nil
        releaseContext()
    }
}
