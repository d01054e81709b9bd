import CCurl

/// Sets the options of one exchange on a handle, and remembers the first that libcurl refused.
final class CurlOptions {
    private let easy: UnsafeMutableRawPointer
    private var lines: UnsafeMutablePointer<curl_slist>?
    /// Why the exchange cannot begin.
    private(set) var failure: CURLcode?

    init(_ easy: UnsafeMutableRawPointer) { self.easy = easy }

    // The handle only borrows the list: the session keeps this object until the transfer has ended.
    deinit { curl_slist_free_all(lines) }

    /// Whom to trust and how long to wait.
    func apply(_ configuration: HTTPClient.Configuration, waitSeconds: Int) {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        set(CURLOPT_HTTP09_ALLOWED, 0)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_USERAGENT, configuration.userAgent)
        set(CURLOPT_CONNECTTIMEOUT, configuration.connectSecondsMax)
        if configuration.deadlineSeconds > 0 {
            set(CURLOPT_TIMEOUT, configuration.deadlineSeconds + waitSeconds)
        }
        if configuration.lowSpeedSeconds > 0 {
            set(CURLOPT_LOW_SPEED_LIMIT, configuration.lowSpeedBytesPerSecond)
            set(CURLOPT_LOW_SPEED_TIME, configuration.lowSpeedSeconds + waitSeconds)
        }
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let file = configuration.authorityFile {
            set(CURLOPT_CAINFO, file)
            // The system's folder of authorities would count beside the file.
            check(web_curl_set_text(easy, CURLOPT_CAPATH, nil))
        }
        let bytesMax = curl_off_t(configuration.responseBytesMax)
        check(web_curl_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, bytesMax))
    }

    /// What to send.
    func apply(_ request: ClientRequest, baseURL: String) {
        set(CURLOPT_URL, baseURL + request.target)
        switch request.method {
        case .get: set(CURLOPT_HTTPGET, 1)
        case .head: set(CURLOPT_NOBODY, 1)
        case .post, .put, .patch: apply(body: request.body)
        case .delete, .options: if !request.body.isEmpty { apply(body: request.body) }
        }
        if request.method != .get, request.method != .head {
            set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        apply(request.headers)
    }

    private func apply(body: [UInt8]) {
        set(CURLOPT_POST, 1)
        // The size comes first: CURLOPT_COPYPOSTFIELDS copies as many bytes as CURLOPT_POSTFIELDSIZE says.
        check(web_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        body.withUnsafeBytes { check(web_curl_set_bytes(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)) }
    }

    private func apply(_ headers: Headers) {
        guard headers.isSendable else {
            failure = failure ?? CURLE_BAD_FUNCTION_ARGUMENT
            return
        }
        for field in headers.fields {
            // "If you add a header with no content, as in 'Accept:', the internally used header is
            // disabled": an empty value is written with a semicolon.
            append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        // What libcurl would add by itself costs bytes, and is not true of the body.
        for name in ["Accept", "Content-Type"] where headers[name] == nil { append("\(name):") }
        check(web_curl_set_list(easy, CURLOPT_HTTPHEADER, lines))
    }

    private func append(_ line: String) {
        guard let longer = curl_slist_append(lines, line) else {
            failure = failure ?? CURLE_OUT_OF_MEMORY
            return
        }
        lines = longer
    }

    private func set(_ option: CURLoption, _ value: Int) { check(web_curl_set_number(easy, option, value)) }

    private func set(_ option: CURLoption, _ text: String) { check(web_curl_set_text(easy, option, text)) }

    private func check(_ code: CURLcode) {
        if code != CURLE_OK { failure = failure ?? code }
    }
}
