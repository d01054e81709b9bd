import Glibc

/// A TCP connection without any HTTP, for saying what no client would say. It waits ten seconds at most.
struct RawSocket: ~Copyable {
    private let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Connects to a port of this machine.
    static func connected(to port: UInt16) throws -> RawSocket {
        let raw = RawSocket(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = loopback(port)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(raw.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw RawError.failed(errno) }
        return raw
    }

    static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// Sends all; false when the other end has closed.
    @discardableResult
    borrowing func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.send(
                    descriptor, raw.baseAddress?.advanced(by: sent), raw.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    borrowing func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// The next bytes; empty at the end of the stream, or when it broke.
    borrowing func receive(bytesMax: Int = 64 << 10) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, count in
            count = unsafe max(0, recv(descriptor, buffer.baseAddress, bytesMax, 0))
        }
    }

    /// Whether there is something to receive, the end included, within this time.
    borrowing func isReadable(within milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) == 1
    }

    /// All that comes until the other end closes.
    borrowing func receiveToEnd() -> String {
        var bytes: [UInt8] = []
        while true {
            let part = receive()
            if part.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += part
        }
    }

    /// Receives one message: a head, and the body that its Content-Length promises.
    borrowing func receiveMessage(isHeadOnly: Bool = false) -> String {
        var text = ""
        while !RawSocket.isWhole(text, isHeadOnly: isHeadOnly) {
            let part = receive(bytesMax: 1)
            if part.isEmpty { break }
            text += String(decoding: part, as: UTF8.self)
        }
        return text
    }

    private static func isWhole(_ text: String, isHeadOnly: Bool) -> Bool {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
        if isHeadOnly { return true }
        let lengths = text[..<end.lowerBound].split(separator: "\r\n").filter {
            $0.lowercased().hasPrefix("content-length:")
        }
        let length = lengths.first?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        return text[end.upperBound...].utf8.count >= length
    }
}

enum RawError: Error { case failed(Int32) }
