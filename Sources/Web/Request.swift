/// A request that has arrived whole.
package struct Request: Hashable, Sendable {
    /// What is asked for.
    package var method: Method
    /// The target as it was sent: raw path and query. Path, segments and query are read from it.
    package var target: String
    /// The header lines, as they came.
    package var headers: Headers
    /// The whole body, within `Limits.bodyBytesMax`.
    package var body: [UInt8]
    /// What the router found at the `{names}` of the pattern.
    package var parameters: [String: String]
    /// The pattern of the route that the router found; empty before it.
    package var route = ""
    /// The numeric address of the other end of the connection.
    package var remoteAddress: String
    /// Whether it came over TLS to this server.
    package var isSecure = false
    /// Who asks, as the server found by a session or a token, and never as the request itself says; empty before.
    package var user = ""

    /// A request; tests hand such ones to handlers as the server does.
    package init(
        _ method: Method, _ target: String, headers: Headers = Headers(), body: [UInt8] = [],
        parameters: [String: String] = [:], remoteAddress: String = "127.0.0.1"
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.parameters = parameters
        self.remoteAddress = remoteAddress
    }

    /// The decoded segments of the path, none for `/`. The server refuses targets that do not decode;
    /// a request made in another way has none then.
    package var segments: [String] { Target(target)?.segments ?? [] }

    /// The decoded path, for reading. Segments that hold a slash cannot be told apart in it.
    package var path: String { "/" + segments.joined(separator: "/") }

    /// The decoded query; of a repeated name the first counts.
    package var query: [String: String] { Target(target)?.query ?? [:] }
}
