import Glibc

/// A failed system call.
package struct SocketError: Error, Hashable, Sendable, CustomStringConvertible {
    let call: String
    let code: Int32

    package var description: String { unsafe "\(call): \(String(cString: strerror(code)))" }

    /// What the last call left in `errno`.
    static func last(_ call: String) -> SocketError { SocketError(call: call, code: errno) }
}

/// An IPv4 address with its port.
struct Address: Sendable {
    fileprivate var raw = sockaddr_in()

    init(host: String, port: UInt16) throws(SocketError) {
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_port = port.bigEndian
        guard unsafe inet_pton(AF_INET, host, &raw.sin_addr) == 1 else {
            throw SocketError(call: "inet_pton \(host)", code: EINVAL)
        }
    }

    /// Calls with the address in the form that the system wants.
    fileprivate mutating func withRaw<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Result
    ) -> Result {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafeMutablePointer(to: &raw) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, &length) }
        }
    }
}

/// A TCP socket that is closed with the value, and not inherited by child processes.
final class Socket: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { Glibc.close(descriptor) }

    private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    private static let nonblocking = Int32(SOCK_NONBLOCK.rawValue)

    /// Listens on a free port of 127.0.0.1; accepting does not block.
    static func listening() throws(SocketError) -> Socket {
        let descriptor = socket(AF_INET, kind | nonblocking, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        let listening = Socket(descriptor)
        var address = try Address(host: "127.0.0.1", port: 0)
        guard unsafe address.withRaw({ unsafe bind(descriptor, $0, $1) }) == 0 else { throw .last("bind") }
        guard listen(descriptor, 1024) == 0 else { throw .last("listen") }
        return listening
    }

    /// The port that the system chose.
    func boundPort() throws(SocketError) -> UInt16 {
        var address = try Address(host: "127.0.0.1", port: 0)
        guard unsafe address.withRaw({ unsafe getsockname(descriptor, $0, &$1) }) == 0 else {
            throw .last("getsockname")
        }
        return UInt16(bigEndian: address.raw.sin_port)
    }

    /// The next connection that waits; nil if none does.
    func accepted() -> Socket? {
        let next = accept(descriptor, nil, nil)
        guard next >= 0 else { return nil }
        Self.prepare(next)
        return Socket(next)
    }

    /// Makes a descriptor one that does not block and is not inherited.
    fileprivate static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    /// Begins to connect without waiting.
    static func connecting(to target: Address) throws(SocketError) -> Socket {
        let connecting = try connected(to: target, kind: kind | nonblocking, allowing: EINPROGRESS)
        connecting.set(IPPROTO_TCP, TCP_NODELAY, Int32(1))
        return connecting
    }

    /// Connects, and gives up a call that takes longer than this.
    static func connected(to target: Address, waitSeconds: Int) throws(SocketError) -> Socket {
        let socket = try connected(to: target, kind: kind, allowing: 0)
        let wait = timeval(tv_sec: waitSeconds, tv_usec: 0)
        socket.set(SOL_SOCKET, SO_RCVTIMEO, wait)
        socket.set(SOL_SOCKET, SO_SNDTIMEO, wait)
        return socket
    }

    private static func connected(
        to target: Address, kind: Int32, allowing code: Int32
    ) throws(SocketError) -> Socket {
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        let connected = Socket(descriptor)
        var target = target
        guard
            unsafe target.withRaw({ unsafe connect(descriptor, $0, $1) }) == 0 || (code != 0 && errno == code)
        else { throw .last("connect") }
        return connected
    }

    private func set<Value: BitwiseCopyable>(_ level: Int32, _ name: Int32, _ value: Value) {
        var value = value
        unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Value>.size))
    }

    private func set<Value: BitwiseCopyable>(_ level: Int, _ name: Int32, _ value: Value) {
        set(Int32(level), name, value)
    }

    /// Why connecting failed; 0 if it did not.
    var connectError: Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code
    }

    /// Makes closing send a reset.
    func resetOnClose() { set(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0)) }

    /// Tells the other end that nothing more comes.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What there is to receive: no bytes at the end of the stream, nil if nothing is there yet.
    func receive(bytesMax: Int) throws(SocketError) -> [UInt8]? {
        var result = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, count in
            result = unsafe recv(descriptor, buffer.baseAddress, bytesMax, 0)
            count = max(0, result)
        }
        if result >= 0 { return bytes }
        guard errno == EAGAIN || errno == EINTR else { throw .last("recv") }
        return nil
    }

    /// Sends what fits, and tells how much that was.
    func send(_ bytes: ArraySlice<UInt8>) throws(SocketError) -> Int {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        guard errno == EAGAIN || errno == EINTR else { throw .last("send") }
        return 0
    }
}

/// Wakes a thread that polls.
final class Bell: Sendable {
    private let reading: Socket
    private let writing: Socket

    init() throws(SocketError) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw .last("pipe") }
        ends.forEach(Socket.prepare)
        (reading, writing) = (Socket(ends[0]), Socket(ends[1]))
    }

    var descriptor: Int32 { reading.descriptor }

    /// A full pipe has been rung enough.
    func ring() {
        var byte: UInt8 = 1
        unsafe _ = write(writing.descriptor, &byte, 1)
    }

    func silence() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(reading.descriptor, &bytes, bytes.count) == bytes.count {}
    }
}
