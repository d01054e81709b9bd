/// What arrives in one exchange, put together piece by piece within its bounds.
final class Transfer {
    /// The status of the last head that began; nil before the first.
    private(set) var status: Int?
    private(set) var headers = Headers()
    private(set) var body: [UInt8] = []
    private(set) var traffic = Traffic()
    /// Whether the answer went beyond its bounds.
    private(set) var isTooLarge = false
    /// Whether libcurl wanted to open another connection for a request that had been sent.
    private(set) var hasRefusedToRepeat = false

    private let responseBytesMax: Int
    private var headBytes = 0
    private var hasBodyBegun = false

    /// The largest head taken, those of interim answers included.
    private static let headBytesMax = 64 << 10

    init(responseBytesMax: Int) { self.responseBytesMax = responseBytesMax }

    /// Counts bytes that were sent.
    func noteSent(_ count: Int) { traffic.bytesUp += count }

    /// Counts bytes of a body as they were received, with the frames of its chunks and its trailers.
    func noteReceived(_ count: Int) {
        traffic.bytesDown += count
        hasBodyBegun = true
    }

    /// Counts TLS's own messages: handshakes, alerts, and the heads of records.
    func noteHandshake(up: Int = 0, down: Int = 0) {
        traffic.handshakeBytesUp += up
        traffic.handshakeBytesDown += down
    }

    /// Whether a connection may be opened. libcurl would send a request again, also a POST, when the
    /// connection that it used again had been closed; but this client never sends anything twice.
    func mayConnect() -> Bool {
        guard traffic.bytesUp == 0 else {
            hasRefusedToRepeat = true
            return false
        }
        return true
    }

    /// Takes one line of a head; false ends the transfer. Trailers come here too: they were counted with the
    /// body, and no use is made of them.
    func takeHeadLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let line = String(decoding: bytes, as: UTF8.self)
        if hasBodyBegun, !line.hasPrefix("HTTP/") { return true }
        traffic.bytesDown += bytes.count
        headBytes += bytes.count
        guard headBytes <= Transfer.headBytesMax else {
            isTooLarge = true
            return false
        }
        if line.hasPrefix("HTTP/") {
            // A new head: that of an interim answer (100) is forgotten.
            let words = line.split(separator: " ", maxSplits: 2)
            status = words.count > 1 ? Int(words[1].prefix { $0.isNumber }) : nil
            headers = Headers()
            hasBodyBegun = false
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers.append(String(line[..<colon]), Transfer.trimmed(value))
        }
        return true
    }

    /// Takes bytes of the body; false ends the transfer.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= responseBytesMax else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text.drop { $0.isWhitespace }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
