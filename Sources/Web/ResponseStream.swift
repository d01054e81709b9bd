/// The body of an answer that is read while it is sent: one piece at a time is in memory, and the next is read when the
/// client has taken the last.
package final class ResponseStream: Hashable, Sendable {
    /// Reads bytes of the body. It may be asked for the same ones again, and throws if they cannot be had.
    package typealias Read = @Sendable (Range<Int>) async throws -> [UInt8]

    /// Bytes of a piece at most.
    package static let pieceBytesMax = 64 << 10

    /// Bytes of the whole body.
    package let byteCount: Int
    private let read: Read

    package init(byteCount: Int, read: @escaping Read) { (self.byteCount, self.read) = (byteCount, read) }

    /// The piece that begins at a place before the end.
    func piece(at place: Int) async throws -> [UInt8] {
        try await read(place..<min(place + Self.pieceBytesMax, byteCount))
    }

    /// A part of it, as a body of its own.
    package func part(_ range: Range<Int>) -> ResponseStream {
        ResponseStream(byteCount: range.count) { [read] inner in
            try await read(inner.lowerBound + range.lowerBound..<inner.upperBound + range.lowerBound)
        }
    }

    package static func == (left: ResponseStream, right: ResponseStream) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension Response {
    /// The body, also if it is read while it is sent: for whoever calls a handler without a server.
    package func wholeBody() async throws -> [UInt8] {
        guard let stream else { return body }
        var bytes: [UInt8] = []
        while bytes.count < stream.byteCount { bytes += try await stream.piece(at: bytes.count) }
        return bytes
    }

    /// The bytes of a resource that a request wants (RFC 9110 section 14): all of them, one range, or 416.
    ///
    /// - Parameters:
    ///   - type: the media type.
    ///   - tag: the resource's `ETag`, quotes included.
    package static func resource(
        _ stream: ResponseStream, type: String, tag: String, for headers: Headers
    ) -> Response {
        guard let wanted = ByteRange.wanted(by: headers, of: stream.byteCount, tag: tag) else {
            var response = Problem(status: 416, title: "There are no such bytes").response
            response.headers["Content-Range"] = "bytes */\(stream.byteCount)"
            return response
        }
        var response = Response(
            status: wanted.isWhole ? 200 : 206,
            headers: ["Content-Type": type, "Accept-Ranges": "bytes", "ETag": tag])
        response.stream = wanted.isWhole ? stream : stream.part(wanted.range)
        if !wanted.isWhole {
            let (first, last) = (wanted.range.lowerBound, wanted.range.upperBound - 1)
            response.headers["Content-Range"] = "bytes \(first)-\(last)/\(stream.byteCount)"
        }
        return response
    }
}
