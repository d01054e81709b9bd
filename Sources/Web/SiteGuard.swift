import Glibc

/// Stands before everything that a server answers, and refuses what a page of another site makes a browser send.
///
/// - `Host` must be a name of this server: else a name of an attacker's that leads to this address would make his page one of this
///   site (DNS rebinding). An address in numbers is no name, so it cannot be such a one.
/// - A request that changes something must not come from a page of another site, by `Sec-Fetch-Site` and `Origin`. Programs send
///   neither.
package struct SiteGuard<Inner: Handler>: Handler {
    /// The names of this server, lower case.
    private let names: Set<String>
    private let takesAnyName: Bool
    private let handler: Inner

    /// - Parameters:
    ///   - names: those under which browsers and windows reach it, besides this machine's own.
    ///   - takesAnyName: over TLS a browser has already compared the name with the certificate.
    package init(_ handler: Inner, names: some Sequence<String>, takesAnyName: Bool) {
        self.handler = handler
        self.names = Set(names.map { $0.lowercased() })
        self.takesAnyName = takesAnyName
    }

    package func respond(to request: Request) async throws -> Response {
        if let problem = refusal(of: request) { return problem.response }
        return try await handler.respond(to: request)
    }

    package func streaming(_ head: Request) -> StreamAction? {
        refusal(of: head) == nil ? handler.streaming(head) : nil
    }

    /// Why a request is not let in; nil if it is.
    package func refusal(of request: Request) -> Problem? {
        let host = request.headers["Host"] ?? ""
        guard takesAnyName || isOwn(host: host) else {
            return Problem(
                status: 421, title: "This server does not go by that name",
                remedy: "Use its own name; whoever runs it can add one: serve --host NAME")
        }
        if [.get, .head, .options].contains(request.method) { return nil }
        let site = request.headers["Sec-Fetch-Site"] ?? "none"
        guard ["same-origin", "none"].contains(site), isOwn(origin: request.headers["Origin"], host: host)
        else {
            return Problem(
                status: 403, title: "请求来自其他网站，未办理", detail: "The request comes from a page of another site.",
                remedy: "请从本系统的页面上操作。")
        }
        return nil
    }

    private func isOwn(host: String) -> Bool {
        let name = Self.name(ofHost: host)
        return Loopback.contains(host: name) || Self.isAddress(name) || names.contains(name)
    }

    /// An origin has a scheme before the same host and port (RFC 6454 section 6.2); before a proxy the scheme may be another.
    private func isOwn(origin: String?, host: String) -> Bool {
        guard let origin else { return true }
        guard let start = origin.firstRange(of: "://")?.upperBound else { return false }
        return origin[start...].lowercased() == host.lowercased()
    }

    /// A host without its port, lower case, without brackets.
    static func name(ofHost host: String) -> String {
        let host = host.lowercased()
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            return String(host[host.index(after: host.startIndex)..<end])
        }
        return String(host.prefix { $0 != ":" })
    }

    private static func isAddress(_ name: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        return inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1
    }
}
