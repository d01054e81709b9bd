import CMicrohttpd
import Glibc

/// One TCP connection.
///
/// It wraps a C handle, which is why its word is taken for `Sendable`: the handle never changes,
/// libmicrohttpd lets any thread resume a connection, and all else is called on its polling thread or, for
/// the socket, under the lock of the registry, which forgets a connection before its socket is closed.
final class Connection: @unchecked Sendable {
    /// The numeric address of the other end; empty when it is not known.
    let remoteAddress: String
    private let handle: OpaquePointer
    private let socket: Int32
    private let state: Guarded<State>

    private struct State {
        var clock: ConnectionClock
        var exchange: Exchange?
        var sending: Sending?
    }

    /// What is overdue or broken, for whoever may act once no lock is held.
    struct Finding: Sendable {
        let exchange: Exchange
        let isOverdue: Bool
    }

    init(handle: OpaquePointer, isSecure: Bool) {
        self.handle = handle
        socket = web_connection_socket(handle)
        remoteAddress = web_connection_address(handle).map(Connection.text) ?? ""
        state = Guarded(State(clock: ConnectionClock(now: .now, isSecure: isSecure)))
    }

    /// Notes that a phase begins. Only the exchange in hand is known while it is handled, and the body that is being sent.
    func enter(_ phase: ConnectionClock.Phase, exchange: Exchange? = nil, sending: Sending? = nil) {
        state.withLock { state in
            state.clock.enter(phase, now: .now)
            (state.exchange, state.sending) = (exchange, sending)
        }
    }

    /// Notes bytes of a body that came.
    func note(bytes count: Int) { state.withLock { $0.clock.note(bytes: count) } }

    /// The exchange that a handler works on.
    var exchange: Exchange? { state.withLock { $0.exchange } }

    /// The body that is read while it is sent.
    var sending: Sending? { state.withLock { $0.sending } }

    /// Whether the other end has sent a request and has not had its whole answer.
    var isOwedAnAnswer: Bool { state.withLock { $0.clock.isOwedAnAnswer } }

    /// Stops all reading and writing until `resume`.
    func suspend() { MHD_suspend_connection(handle) }

    /// Lets the polling thread ask for the answer. It may be called once for each `suspend`.
    func resume() { MHD_resume_connection(handle) }

    /// Queues the answer to the request in hand.
    func submit(_ answer: borrowing Answer) -> Bool {
        MHD_queue_response(handle, answer.status, answer.handle) == .YES
    }

    /// Closes the connection if it is overdue, and tells what its exchange must hear.
    func inspect(now: ContinuousClock.Instant, limits: Limits, isPressed: Bool) -> Finding? {
        let (clock, exchange) = state.withLock { ($0.clock, $0.exchange) }
        switch clock.verdict(now: now, limits: limits, isPressed: isPressed) {
        case .cut:
            // The polling thread sees the end of the stream, and cleans up as for any other end.
            shutdown(socket, Int32(SHUT_RDWR))
            return nil
        case .answerInstead: return exchange.map { Finding(exchange: $0, isOverdue: true) }
        case .fine:
            // A body that arrives is read to its end first, and its end is seen by reading.
            guard let exchange, clock.phase == .handling, hasHungUp else { return nil }
            return Finding(exchange: exchange, isOverdue: false)
        }
    }

    /// Whether the other end has closed. libmicrohttpd does not look while a connection is suspended.
    private var hasHungUp: Bool {
        var entry = pollfd(fd: socket, events: Int16(0x2000), revents: 0)  // POLLRDHUP
        return poll(&entry, 1, 0) == 1
    }

    /// An address as digits.
    static func text(_ address: UnsafePointer<sockaddr>) -> String {
        let isIPv6 = address.pointee.sa_family == sa_family_t(AF_INET6)
        let length = isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
            let result = getnameinfo(
                address, socklen_t(length), buffer.baseAddress, socklen_t(buffer.count), nil, 0,
                NI_NUMERICHOST)
            guard result == 0, let start = buffer.baseAddress else { return "" }
            return String(cString: start)
        }
    }
}
