import Glibc

@testable import Web

/// Runs what blocks on a queue of its own: a cooperative thread that waits would keep handlers from running.
actor Blocking {
    private let executor = QueueExecutor(label: "birthwindow.web.tests")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private func perform<T: Sendable>(_ body: @Sendable () throws -> T) rethrows -> T { try body() }

    static func run<T: Sendable>(_ body: @Sendable () throws -> T) async rethrows -> T {
        try await Blocking().perform(body)
    }
}

/// Connects, and talks as the body says.
func rawClient<T: Sendable>(
    _ port: UInt16, _ body: @Sendable (borrowing RawSocket) throws -> T
) async throws -> T {
    try await Blocking.run { try body(try RawSocket.connected(to: port)) }
}

/// A port that listens, without any HTTP, for answering what no server would answer.
final class RawServer: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init(backlog: Int32 = 16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = RawSocket.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listening = descriptor
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                unsafe bind(listening, plain, length) == 0 && listen(listening, backlog) == 0
                    && getsockname(listening, plain, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard result else { throw RawError.failed(errno) }
    }

    deinit { close(descriptor) }

    var baseURL: String { "http://127.0.0.1:\(port)" }

    /// Accepts one connection, and talks as the body says; then the connection is closed.
    func serve<T: Sendable>(_ body: @Sendable (borrowing RawSocket) throws -> T) async throws -> T {
        try await Blocking.run {
            let accepted = accept(descriptor, nil, nil)
            guard accepted >= 0 else { throw RawError.failed(errno) }
            return try body(RawSocket(accepted))
        }
    }
}
