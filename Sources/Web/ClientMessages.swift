/// A request to be sent. The target is appended to the base URL of the client, as it is.
package struct ClientRequest: Hashable, Sendable {
    /// What is asked for; GET and HEAD leave the body out.
    package var method: Method
    /// Raw path and query, beginning with a slash.
    package var target: String
    /// Sent as they are, besides `Host`, `User-Agent` and `Content-Length`, which libcurl writes.
    package var headers: Headers
    /// Sent whole, with its length.
    package var body: [UInt8]
    /// How long the server may think before it answers (a long poll). The limits on time and on slowness
    /// grow by this.
    package var waitSeconds: Int

    /// A request; only a long poll has `waitSeconds`.
    package init(
        _ method: Method, _ target: String, headers: Headers = Headers(), body: [UInt8] = [],
        waitSeconds: Int = 0
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.waitSeconds = waitSeconds
    }
}

/// What came back, whatever its status: also a redirect, or the page of a captive portal.
package struct ClientResponse: Hashable, Sendable {
    /// The status of the last head: interim ones are left out.
    package let status: Int
    /// The lines of the last head.
    package let headers: Headers
    /// The whole body, its chunks put together.
    package let body: [UInt8]
    /// What this exchange cost.
    package let traffic: Traffic

    /// An answer, also one that a test makes up.
    package init(status: Int, headers: Headers, body: [UInt8], traffic: Traffic = Traffic()) {
        self.status = status
        self.headers = headers
        self.body = body
        self.traffic = traffic
    }

    /// The media type without its parameters, in lower case; empty when none was said.
    package var mediaType: String {
        let type = (headers["Content-Type"] ?? "").prefix { $0 != ";" }
        return type.filter { $0 != " " }.lowercased()
    }
}

/// HTTP bytes, heads included, as they go over the connection (within TLS, which adds its own).
package struct Traffic: Hashable, Sendable {
    /// Bytes that were sent.
    package var bytesUp = 0
    /// Bytes that were received.
    package var bytesDown = 0
    /// How many connections were opened for it; 0 when an open one was used again.
    package var connectionsOpened = 0
    /// Bytes of TLS's own messages that were sent: almost all of them belong to the handshake. The tags of encrypted
    /// records are not in it, some 20 bytes each.
    package var handshakeBytesUp = 0
    /// The same, received.
    package var handshakeBytesDown = 0

    /// Nothing, unless it is said.
    package init(bytesUp: Int = 0, bytesDown: Int = 0, connectionsOpened: Int = 0) {
        self.bytesUp = bytesUp
        self.bytesDown = bytesDown
        self.connectionsOpened = connectionsOpened
    }

    /// What two exchanges cost together.
    package static func + (left: Traffic, right: Traffic) -> Traffic {
        var sum = Traffic(
            bytesUp: left.bytesUp + right.bytesUp, bytesDown: left.bytesDown + right.bytesDown,
            connectionsOpened: left.connectionsOpened + right.connectionsOpened)
        sum.handshakeBytesUp = left.handshakeBytesUp + right.handshakeBytesUp
        sum.handshakeBytesDown = left.handshakeBytesDown + right.handshakeBytesDown
        return sum
    }
}
