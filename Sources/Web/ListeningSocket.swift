// Of what <sys/socket.h> declares, an optimised build shows some only through the C library that includes it, too.
import CMicrohttpd
import Glibc

/// A socket that listens. It is bound here and not by libmicrohttpd, which does not say why it failed.
struct ListeningSocket: ~Copyable {
    private let descriptor: Int32
    /// The port that was bound, also when any (0) was asked for.
    private(set) var port: UInt16

    /// How many connections the kernel keeps until they are accepted.
    private static let backlogMax: Int32 = 1024

    /// Binds and listens; the socket is closed with the value.
    static func open(host: String, port: UInt16) throws(ServerError) -> ListeningSocket {
        var wish = addrinfo()
        wish.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        wish.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &wish, &found) == 0, let found else {
            throw .unknownHost(host)
        }
        defer { freeaddrinfo(found) }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(found.pointee.ai_family, kind, 0)
        guard descriptor >= 0 else { throw .other(code: errno) }
        var listening = ListeningSocket(descriptor: descriptor, port: port)
        try listening.listen(at: found.pointee, host: host)
        listening.port = try listening.boundPort()
        return listening
    }

    private init(descriptor: Int32, port: UInt16) {
        self.descriptor = descriptor
        self.port = port
    }

    /// The same socket under another number; whoever takes it closes it.
    borrowing func duplicate() throws(ServerError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .other(code: errno) }
        return copy
    }

    /// From now on connecting is refused, where it would wait in vain; the port stays taken until the socket is closed.
    borrowing func refuse() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit { close(descriptor) }

    private func listen(at place: addrinfo, host: String) throws(ServerError) {
        // SO_REUSEADDR: a restart may take over a port whose last connections still linger.
        // Not SO_REUSEPORT: two servers would share the port in silence.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, place.ai_addr, place.ai_addrlen) == 0 else {
            throw ListeningSocket.failure(errno, host: host, port: port)
        }
        guard Glibc.listen(descriptor, ListeningSocket.backlogMax) == 0 else {
            throw ListeningSocket.failure(errno, host: host, port: port)
        }
    }

    private static func failure(_ code: Int32, host: String, port: UInt16) -> ServerError {
        switch code {
        case EADDRINUSE: .portInUse(port)
        case EACCES: .forbiddenPort(port)
        case EADDRNOTAVAIL: .unknownHost(host)
        default: .other(code: code)
        }
    }

    private func boundPort() throws(ServerError) -> UInt16 {
        // sockaddr_in and sockaddr_in6 keep the port at the same place.
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { throw .other(code: errno) }
        return UInt16(bigEndian: address.sin6_port)
    }
}
