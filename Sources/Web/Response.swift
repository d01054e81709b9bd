import Foundation

/// An answer: the server adds `Content-Length`, `Date`, and the defaults of `Response.standardHeaders`.
package struct Response: Hashable, Sendable {
    /// The HTTP status, from 200 to 599.
    package var status: Int
    /// The header lines beyond what the server adds; they win over its defaults.
    package var headers: Headers
    /// The whole body; an answer to HEAD leaves it out.
    package var body: [UInt8]

    /// An answer made of its parts.
    /// What is said unless `headers` say otherwise. An answer that no browser ever sees may leave them out.
    package var defaults = Self.standardHeaders

    /// A body that is read while it is sent, in place of `body`.
    package var stream: ResponseStream?

    package init(status: Int, headers: Headers = Headers(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// What is said unless the handler says otherwise: records of mothers stay in no cache, and a browser
    /// does not guess at types. Few, because an idle exchange has 1,000 bytes for everything.
    package static let standardHeaders: Headers = [
        "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
    ]

    /// Bytes of a media type.
    package static func bytes(_ body: [UInt8], type: String, status: Int = 200) -> Response {
        Response(status: status, headers: ["Content-Type": type], body: body)
    }

    /// Plain text in UTF-8.
    package static func text(_ text: String, status: Int = 200) -> Response {
        bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
    }

    /// A page in UTF-8. The markup is sent as it is: what is shown in it was escaped before.
    package static func html(_ markup: String, status: Int = 200) -> Response {
        bytes(Array(markup.utf8), type: "text/html; charset=utf-8", status: status)
    }

    /// A value as JSON, its keys sorted so that equal values give equal bytes.
    package static func json(_ value: some Encodable, status: Int = 200) throws -> Response {
        bytes(try encode(value), type: "application/json", status: status)
    }

    /// Done, and there is nothing to say.
    package static let noContent = Response(status: 204)

    /// The one way in which this target writes JSON.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}
