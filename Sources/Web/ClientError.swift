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
    /// No secure connection: a certificate or a cipher does not fit, or the other end has no TLS.
    case tls
    /// The task was cancelled.
    case cancelled
    /// Anything else, with libcurl's number.
    case other(code: Int32)

    /// A sentence for a log or a technician.
    package var description: String {
        switch self {
        case .unreachable: "The server could not be reached."
        case .timedOut: "The server did not answer in time."
        case .tooSlow: "The connection was too slow to go on."
        case .cut: "The connection broke before the answer was whole."
        case .tooLarge: "The answer was larger than is accepted."
        case .notHTTP: "What answered is not a web server."
        case .tls: "No secure connection to the server could be made."
        case .cancelled: "The transfer was cancelled."
        case .other(let code): "The transfer failed (libcurl error \(code))."
        }
    }

    /// What libcurl's code means when nothing more is known. CURLE_OPERATION_TIMEDOUT stands for three
    /// things, which the session tells apart.
    init(code: CURLcode) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
            self = .unreachable
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR: self = .cut
        case CURLE_FILESIZE_EXCEEDED: self = .tooLarge
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: self = .notHTTP
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT,
            CURLE_SSL_SHUTDOWN_FAILED, CURLE_USE_SSL_FAILED:
            self = .tls
        default: self = .other(code: Int32(bitPattern: code.rawValue))
        }
    }
}
