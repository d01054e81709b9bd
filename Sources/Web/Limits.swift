/// What one server takes: a bound on everything that a client can make grow.
package struct Limits: Hashable, Sendable {
    /// The largest body; a larger one is answered with 413.
    package var bodyBytesMax = 16 << 20
    /// What all bodies that wait for their answers may take together; what goes beyond is answered with 503.
    package var bodiesBytesMax = 256 << 20
    /// The most bytes of header lines; more are answered with 431.
    package var headerBytesMax = 16 << 10
    /// The most header lines; more are answered with 431.
    package var headersMax = 100
    /// The longest target; a longer one is answered with 414.
    package var targetBytesMax = 4 << 10
    /// How many connections may be open; a further one is closed at once.
    package var connectionsMax = 6144
    /// How many of them may come from one address. Many hospitals may share one address behind a carrier.
    package var connectionsPerAddressMax = 4096
    /// How long the header lines may take, counted from the first line.
    package var headSecondsMax = 30
    /// How long a body may take.
    package var requestSecondsMax = 300
    /// How long a body may come more slowly than ``bodyBytesPerSecondMin``.
    package var bodyGraceSeconds = 60
    /// How fast a body must come on the average: far less than a link brings that is of any use (1 kB/s).
    package var bodyBytesPerSecondMin = 256
    /// How long a body may take that is handed on while it arrives, or read while it is sent: a slow link is cut, and resumes.
    package var streamSecondsMax = 1800
    /// The largest body that is handed on while it arrives; its handler takes less.
    package var streamBytesMax = 1 << 30
    /// How long a handler may think, and then again how long the client may take to fetch the answer. A
    /// long poll must wait for less. The largest single change takes 64 KiB: no link that lives is too slow for that.
    package var responseSecondsMax = 360
    /// How long a connection may wait for the first line of a request, and how long it may be silent later.
    package var idleSecondsMax = 75
    /// How long a new TLS connection may take for its handshake and the first line of its first request, together:
    /// when the first ends is not told to the server.
    package var handshakeSecondsMax = 20
    /// How long a connection may be idle, or take for its head, while more than three quarters of the places are taken: whoever
    /// holds places for nothing gives way.
    package var pressedSecondsMax = 5
    /// How long a server that stops waits for what is running.
    package var stopSecondsMax = 10

    /// The bounds named above.
    package init() {}

    /// How much of a body beyond the bound is still read, and dropped, before the client is cut off.
    ///
    /// Closing a socket with unread bytes sends a reset, which would take the 413 from a client that is
    /// still sending. Whoever wants to send more than this asks first (`Expect: 100-continue`).
    static let overflowBytesMax = 1 << 20

    /// Memory that libmicrohttpd keeps for one connection: the head and a buffer to read the body with.
    var connectionMemory: Int { headerBytesMax + targetBytesMax + 16 << 10 }
}
