import Foundation
import Glibc

@testable import FaultyLink

/// Sends everything back that it receives, until a connection's end; then it ends the connection too.
final class EchoServer: Sendable {
    let port: UInt16
    private let listening: Socket

    init() throws {
        let listening = try Socket.listening()
        port = try listening.boundPort()
        self.listening = listening
        Thread.detachNewThread {
            // The server's end shuts the listening socket down, which ends the waiting.
            while listening.waits(for: POLLIN, milliseconds: -1), let connection = listening.accepted() {
                Thread.detachNewThread { Self.echo(connection) }
            }
        }
    }

    deinit { shutdown(listening.descriptor, Int32(SHUT_RDWR)) }

    private static func echo(_ connection: Socket) {
        while connection.waits(for: POLLIN, milliseconds: -1),
            let bytes = try? connection.receive(bytesMax: 64 * 1024), !bytes.isEmpty  // broken is ended too
        {
            guard connection.sendAll(bytes) else { return }
        }
    }
}

extension Socket {
    /// A connection to a port of 127.0.0.1, whose calls give up after some seconds.
    static func client(of port: UInt16, waitSeconds: Int = 10) throws -> Socket {
        try connected(to: try Address(host: "127.0.0.1", port: port), waitSeconds: waitSeconds)
    }

    /// Whether something is to be done within this time; the end of the stream counts.
    func waits(for events: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) == 1 && entry.revents & Int16(POLLNVAL) == 0
    }

    /// False if the connection broke.
    func sendAll(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard waits(for: POLLOUT, milliseconds: 10_000), let sent = try? send(rest) else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// What comes until so many bytes are there, the stream ends or breaks, or nothing comes for some time.
    func receive(count: Int, milliseconds: Int32 = 10_000) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, waits(for: POLLIN, milliseconds: milliseconds),
            let part = try? receive(bytesMax: count - bytes.count), !part.isEmpty
        {
            bytes += part
        }
        return bytes
    }

    /// Whether the other end has reset the connection, or does so soon.
    var isReset: Bool {
        guard waits(for: POLLIN, milliseconds: 10_000) else { return false }
        do {
            while let bytes = try receive(bytesMax: 64 * 1024), !bytes.isEmpty {}
            return false
        } catch { return true }
    }
}
