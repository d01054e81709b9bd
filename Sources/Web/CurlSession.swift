import CCurl

/// One easy handle within one multi handle, which keeps the connection between exchanges and which, other
/// than `curl_easy_perform`, can be woken from another thread.
///
/// It wraps C handles, which is why its word is taken for `Sendable`: the actor that owns it makes all calls
/// on its queue, but for `curl_multi_wakeup`, of which the manual says "this function can be called from any
/// thread".
final class CurlSession: @unchecked Sendable {
    private let multi: OpaquePointer
    private let easy: OpaquePointer

    /// How an exchange ended, and what it cost in any case.
    struct Outcome: Sendable {
        let response: Result<ClientResponse, ClientError>
        let traffic: Traffic
    }

    /// How long to sleep at most; libcurl wakes sooner for its own deadlines, and `wake` for a cancelled task.
    private static let pollMilliseconds: Int32 = 60_000

    /// "This function must be called at least once within a program", and before there are threads in it.
    private static let isReady: Bool = {
        ProcessSettings.ignoreBrokenPipes()
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }()

    init() {
        guard CurlSession.isReady, let multi = curl_multi_init(), let easy = curl_easy_init() else {
            preconditionFailure("libcurl has no memory to start with")
        }
        self.multi = OpaquePointer(multi)
        self.easy = OpaquePointer(easy)
    }

    deinit {
        curl_easy_cleanup(UnsafeMutableRawPointer(easy))
        curl_multi_cleanup(UnsafeMutableRawPointer(multi))
    }

    /// Makes a waiting exchange look whether its task was cancelled.
    func wake() { curl_multi_wakeup(UnsafeMutableRawPointer(multi)) }

    /// Sends one request and receives its answer, on the calling thread.
    func exchange(_ request: ClientRequest, configuration: HTTPClient.Configuration) -> Outcome {
        let easy = UnsafeMutableRawPointer(easy)
        let transfer = Transfer(responseBytesMax: configuration.responseBytesMax)
        let code = transfer.attached(to: easy) { () -> CURLcode in
            let options = CurlOptions(easy)
            options.apply(configuration, waitSeconds: request.waitSeconds)
            options.apply(request, baseURL: configuration.baseURL)
            return withExtendedLifetime(options) { options.failure ?? perform() }
        }
        var traffic = transfer.traffic
        traffic.connectionsOpened = number(CURLINFO_NUM_CONNECTS)
        guard code == CURLE_OK, let status = transfer.status else {
            let error = explain(code, transfer, configuration, waitSeconds: request.waitSeconds)
            return Outcome(response: .failure(error), traffic: traffic)
        }
        let response = ClientResponse(
            status: status, headers: transfer.headers, body: transfer.body, traffic: traffic)
        return Outcome(response: .success(response), traffic: traffic)
    }

    /// Runs the prepared handle to its end, or until the task is cancelled.
    private func perform() -> CURLcode {
        let (multi, easy) = (UnsafeMutableRawPointer(multi), UnsafeMutableRawPointer(easy))
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else { return CURLE_FAILED_INIT }
        // Removing a handle in the middle of a transfer closes its connection.
        defer { curl_multi_remove_handle(multi, easy) }
        while !Task.isCancelled {
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK else { return CURLE_FAILED_INIT }
            if running == 0 { return result() }
            guard curl_multi_poll(multi, nil, 0, CurlSession.pollMilliseconds, nil) == CURLM_OK else {
                return CURLE_FAILED_INIT
            }
        }
        return CURLE_ABORTED_BY_CALLBACK
    }

    private func result() -> CURLcode {
        var left: Int32 = 0
        guard let message = curl_multi_info_read(UnsafeMutableRawPointer(multi), &left) else {
            return CURLE_FAILED_INIT
        }
        return web_curl_result(message)
    }

    private func explain(
        _ code: CURLcode, _ transfer: Transfer, _ configuration: HTTPClient.Configuration, waitSeconds: Int
    ) -> ClientError {
        if code == CURLE_ABORTED_BY_CALLBACK { return .cancelled }
        if transfer.isTooLarge { return .tooLarge }
        if transfer.hasRefusedToRepeat { return .cut }
        if code == CURLE_OK { return .notHTTP }  // an end without a status
        guard code == CURLE_OPERATION_TIMEDOUT else {
            return ClientError(code: code, verification: number(CURLINFO_SSL_VERIFYRESULT))
        }
        if transfer.traffic.bytesUp == 0 { return .unreachable }
        // libcurl's timers may ring a little early; slowness is found once a second.
        let deadline = (configuration.deadlineSeconds + waitSeconds) * 1_000_000 - 100_000
        let isOverdue = configuration.deadlineSeconds > 0 && microseconds(CURLINFO_TOTAL_TIME_T) >= deadline
        return isOverdue ? .timedOut : .tooSlow
    }

    private func number(_ info: CURLINFO) -> Int {
        var value = 0
        web_curl_get_number(UnsafeMutableRawPointer(easy), info, &value)
        return value
    }

    private func microseconds(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        web_curl_get_offset(UnsafeMutableRawPointer(easy), info, &value)
        return Int(value)
    }
}
