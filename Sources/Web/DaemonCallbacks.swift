import CMicrohttpd
import Glibc

// libmicrohttpd calls the functions at the end of this file on its polling thread. Three objects cross
// as opaque pointers, each retained once and released once:
//
//   Daemon      retained by `start`,             released by `releaseContext`, when the thread has ended
//   Connection  retained when it is accepted,    released when it is closed
//   Exchange    retained when its line is read,  released when its answer is sent or the connection ends

extension Daemon {
    /// What TLS is spoken: 1.2 and 1.3, with forward secrecy and authenticated encryption only. GnuTLS's words.
    private static let priorities = """
        NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:\
        -CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE
        """

    /// Starts the polling thread, which keeps this object until `releaseContext`. The descriptor is given away, also
    /// when this fails: libmicrohttpd closes it.
    func start(on descriptor: Int32, as identity: TLSIdentity?) throws(ServerError) -> OpaquePointer {
        let context = Unmanaged.passRetained(self)
        var setup = web_daemon_setup(
            certificate: nil, key: nil, priorities: nil, listening_socket: descriptor,
            // One more than are admitted: at its own limit libmicrohttpd would stop accepting, and those
            // who come later would wait without an answer instead of being refused.
            connection_limit: UInt32(limits.connectionsMax) + 1,
            idle_seconds: UInt32(limits.idleSecondsMax),
            connection_memory: limits.connectionMemory,
            context: context.toOpaque(),
            admits: daemonAdmits, connects: daemonConnects, opens: daemonOpens,
            receives: daemonReceives, closes: daemonCloses)
        guard let handle = Self.start(&setup, as: identity) else {
            context.release()
            // What else can go wrong (memory, descriptors) is not said apart.
            if identity != nil { throw .badCertificate }
            throw .other(code: errno)
        }
        return handle
    }

    private static func start(_ setup: inout web_daemon_setup, as identity: TLSIdentity?) -> OpaquePointer? {
        guard let identity else { return web_daemon_start(&setup) }
        return identity.withTexts { certificate, key in
            priorities.withCString { priorities in
                (setup.certificate, setup.key, setup.priorities) = (certificate, key, priorities)
                return web_daemon_start(&setup)
            }
        }
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
        let connection = Connection(handle: handle, isSecure: daemon.isSecure)
        slot.pointee = Unmanaged.passRetained(connection).toOpaque()
        daemon.noteOpened()
        daemon.registry.add(connection)
    } else if let pointer = slot.pointee {
        let connection = Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue()
        slot.pointee = nil
        daemon.registry.remove(connection)
        daemon.noteClosed()
    }
}

private func daemonOpens(
    context: UnsafeMutableRawPointer?, target: UnsafePointer<CChar>?, handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let daemon = Daemon.of(context), let target, let connection = Connection.of(handle) else {
        return nil
    }
    let exchange = Exchange(
        target: String(cString: target), connection: connection, isSecure: daemon.isSecure,
        limits: daemon.limits, bodies: daemon.registry.bodies)
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
