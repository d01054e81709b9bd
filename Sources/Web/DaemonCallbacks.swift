import CMicrohttpd
import Glibc

// libmicrohttpd calls the functions at the end of this file on its polling thread. Three objects cross
// as opaque pointers, each retained once and released once:
//
//   Daemon      retained by `start`,             released by `releaseContext`, when the thread has ended
//   Connection  retained when it is accepted,    released when it is closed
//   Exchange    retained when its line is read,  released when its answer is sent or the connection ends

extension Daemon {
    /// Starts the polling thread, which keeps this object until `releaseContext`.
    func start(on socket: consuming ListeningSocket) throws(ServerError) -> OpaquePointer {
        let context = Unmanaged.passRetained(self)
        let descriptor = socket.release()
        var setup = web_daemon_setup(
            listening_socket: descriptor,
            // One more than are admitted: at its own limit libmicrohttpd would stop accepting, and those
            // who come later would wait without an answer instead of being refused.
            connection_limit: UInt32(limits.connectionsMax) + 1,
            idle_seconds: UInt32(limits.idleSecondsMax),
            connection_memory: limits.connectionMemory,
            context: context.toOpaque(),
            admits: daemonAdmits, connects: daemonConnects, opens: daemonOpens,
            receives: daemonReceives, closes: daemonCloses)
        guard let handle = web_daemon_start(&setup) else {
            context.release()
            close(descriptor)
            throw .other(code: errno)
        }
        return handle
    }

    /// Lets go of what `start` retained.
    func releaseContext() { Unmanaged.passUnretained(self).release() }

    fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> Daemon? {
        context.map { Unmanaged<Daemon>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension Connection {
    fileprivate static func of(_ handle: OpaquePointer?) -> Connection? {
        handle.flatMap(web_connection_context)
            .map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
    }
}

private func daemonAdmits(
    context: UnsafeMutableRawPointer?, address: UnsafePointer<sockaddr>?, length: socklen_t
) -> MHD_Result {
    guard let daemon = Daemon.of(context), let address else { return .NO }
    return daemon.registry.admits(Connection.text(address)) ? .YES : .NO
}

private func daemonConnects(
    context: UnsafeMutableRawPointer?, handle: OpaquePointer?,
    slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, event: MHD_ConnectionNotificationCode
) {
    guard let daemon = Daemon.of(context), let handle, let slot else { return }
    if event == .CONNECTION_NOTIFY_STARTED {
        let connection = Connection(handle: handle)
        slot.pointee = Unmanaged.passRetained(connection).toOpaque()
        daemon.registry.add(connection)
    } else if let pointer = slot.pointee {
        let connection = Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue()
        slot.pointee = nil
        daemon.registry.remove(connection)
    }
}

private func daemonOpens(
    context: UnsafeMutableRawPointer?, target: UnsafePointer<CChar>?, handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let daemon = Daemon.of(context), let target, let connection = Connection.of(handle) else {
        return nil
    }
    let exchange = Exchange(target: String(cString: target), connection: connection, limits: daemon.limits)
    return Unmanaged.passRetained(exchange).toOpaque()
}

private func daemonCloses(
    context: UnsafeMutableRawPointer?, handle: OpaquePointer?,
    slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, reason: MHD_RequestTerminationCode
) {
    guard let pointer = slot?.pointee else { return }
    slot?.pointee = nil
    Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue().cancel()
    Connection.of(handle)?.enter(.waiting)
    Daemon.of(context)?.registry.wakeWaiters()
}

private func daemonReceives(
    context: UnsafeMutableRawPointer?, handle: OpaquePointer?, path: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, bytes: UnsafePointer<CChar>?,
    count: UnsafeMutablePointer<Int>?, slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let daemon = Daemon.of(context), let connection = Connection.of(handle), let handle, let method,
        let count, let pointer = slot?.pointee
    else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
    let arrival: Arrival
    if exchange.isNew {
        arrival = .head(method: String(cString: method), headers: Headers(of: handle))
    } else if count.pointee > 0 {
        arrival = .body(UnsafeRawBufferPointer(start: bytes, count: count.pointee))
    } else {
        arrival = .end
    }
    switch daemon.receive(arrival, of: exchange, on: connection) {
    case .taken:
        count.pointee = 0
        return .YES
    case .notYet: return .YES
    case .cut: return .NO
    }
}
