import CCurl

/// Why no whole answer came. None says what was asked for: a URL can hold more than a log may.
package enum ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No connection: the name is unknown, nobody listens, or no answer came in `connectSecondsMax`.
    case unreachable
    /// The whole took longer than the deadline.
    case timedOut
    /// Fewer bytes than the minimum came and went for too long.
    case tooSlow
    /// The connection broke, before or within the answer. Whether the server acted is not known.
    case cut
    /// The answer is larger than is taken.
    case tooLarge
    /// What answered does not speak HTTP.
    case notHTTP
    /// No secure connection; why.
    case tls(TLSFault)
    /// The task was cancelled.
    case cancelled
    /// Anything else, with libcurl's number.
    case other(code: Int32)

    /// Whether no byte of the request can have left.
    package var hasSentNothing: Bool {
        switch self {
        case .unreachable, .tls: true
        default: false
        }
    }

    /// A sentence for a log or a technician.
    package var description: String {
        switch self {
        case .unreachable: "The server could not be reached."
        case .timedOut: "The server did not answer in time."
        case .tooSlow: "The connection was too slow to go on."
        case .cut: "The connection broke before the answer was whole."
        case .tooLarge: "The answer was larger than is accepted."
        case .notHTTP: "What answered is not a web server."
        case .tls(let fault): fault.description
        case .cancelled: "The transfer was cancelled."
        case .other(let code): "The transfer failed (libcurl error \(code))."
        }
    }

    /// What libcurl's code means when nothing more is known. CURLE_OPERATION_TIMEDOUT stands for three
    /// things, which the session tells apart.
    ///
    /// - Parameter verification: OpenSSL's word on the certificate, 0 if it found no fault.
    init(code: CURLcode, verification: Int) {
        if let fault = TLSFault(code: code, verification: verification) {
            self = .tls(fault)
            return
        }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
            self = .unreachable
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR: self = .cut
        case CURLE_FILESIZE_EXCEEDED: self = .tooLarge
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: self = .notHTTP
        default: self = .other(code: Int32(bitPattern: code.rawValue))
        }
    }
}
