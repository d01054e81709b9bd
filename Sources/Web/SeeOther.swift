/// Sends a browser to another page of this server (RFC 9110 section 15.4.4): after a form, and, thrown, from a page that cannot be
/// shown before something else was done.
package struct SeeOther: Error, Hashable, Sendable {
    /// A path of this server, with its query.
    package let location: String

    package init(_ location: String) { self.location = location }

    package var response: Response { .seeOther(location) }

    /// Back to the page on which a form stood, as the browser names it; only to one of this server's.
    package static func back(_ request: Request, otherwise address: String) -> Response {
        guard let host = request.headers["Host"], let from = request.headers["Referer"],
            let rest = ["http://\(host)/", "https://\(host)/"].first(where: { from.hasPrefix($0) })
        else { return .seeOther(address) }
        return .seeOther(path("/" + from.dropFirst(rest.count)) ?? address)
    }

    /// A path as a request gave it, if it is one of this server: what leads elsewhere is not followed.
    package static func path(_ text: String?) -> String? {
        guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), !text.contains("\\"),
            text.utf8.count <= 1000, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return text
    }
}

extension Response {
    /// The answer to a form: another page is to be looked at.
    package static func seeOther(_ address: String) -> Response {
        Response(status: 303, headers: ["Location": address])
    }
}
