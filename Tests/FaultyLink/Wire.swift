import Glibc

/// A connection to a port of this machine without any HTTP, for saying what no client would say.
package struct Wire: Sendable {
    private let socket: Socket

    /// - Parameter waitSeconds: how long ``receive()`` waits.
    package init(to port: UInt16, waitSeconds: Int = 10) throws {
        socket = try Socket.connected(
            to: try Address(host: "127.0.0.1", port: port), waitSeconds: waitSeconds)
    }

    /// Sends all of it; false if the other end has closed.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let count = try? socket.send(rest), count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Tells the other end that nothing more comes.
    package func finishSending() { socket.finishSending() }

    /// The next bytes; none at the end of the stream or when it broke, nil if nothing came in time.
    package func receive() -> [UInt8]? {
        do throws(SocketError) { return try socket.receive(bytesMax: 64 << 10) } catch { return [] }
    }

    /// What comes until the other end closes, or is silent for too long.
    package func rest() -> String {
        var bytes: [UInt8] = []
        while let part = receive(), !part.isEmpty { bytes += part }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The first bytes of what comes, as far as they tell the status; empty if the connection was closed without an answer,
    /// nil if nothing came in time.
    package func opening() -> String? { receive().map { String(decoding: $0, as: UTF8.self) } }

    /// Whether the other end has closed, or answered, by now.
    package var isReadable: Bool {
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) == 1
    }
}
