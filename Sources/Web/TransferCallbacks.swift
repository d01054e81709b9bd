import CCurl
// For SOCK_CLOEXEC in an optimised build: see ListeningSocket.swift.
import CMicrohttpd
import Glibc

extension Transfer {
    /// Prepares an empty handle to report to this transfer while the body runs.
    ///
    /// The handle holds the transfer from here to the end of this function, and is emptied again then, so
    /// that no later call can use what is released.
    func attached(to easy: UnsafeMutableRawPointer, _ body: () -> CURLcode) -> CURLcode {
        let context = Unmanaged.passRetained(self)
        defer { context.release() }
        curl_easy_reset(easy)
        let pointer = context.toOpaque()
        let codes = [
            web_curl_set_receiver(easy, CURLOPT_HEADERFUNCTION, transferTakesHead),
            web_curl_set_context(easy, CURLOPT_HEADERDATA, pointer),
            web_curl_set_receiver(easy, CURLOPT_WRITEFUNCTION, transferTakesBody),
            web_curl_set_context(easy, CURLOPT_WRITEDATA, pointer),
            web_curl_set_opener(easy, transferConnects),
            web_curl_set_context(easy, CURLOPT_OPENSOCKETDATA, pointer),
            // The debug function tells every HTTP byte up, and the body's down before chunks are taken off;
            // it is called only when the handle is verbose. Of an interim head it omits the last line, so
            // heads are counted where they are taken.
            web_curl_set_witness(easy, transferCounts),
            web_curl_set_context(easy, CURLOPT_DEBUGDATA, pointer),
            web_curl_set_number(easy, CURLOPT_VERBOSE, 1),
        ]
        if let failure = codes.first(where: { $0 != CURLE_OK }) { return failure }
        return body()
    }

    fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

// "Returning a number different from the number of bytes taken care of makes libcurl end the transfer."

private func transferTakesHead(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    let isTaken = Transfer.of(context)?.takeHeadLine(line) ?? false
    return isTaken ? line.count : 0
}

private func transferTakesBody(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
    let isTaken = Transfer.of(context)?.takeBody(part) ?? false
    return isTaken ? part.count : 0
}

private func transferCounts(
    easy: UnsafeMutableRawPointer?, kind: curl_infotype, bytes: UnsafeMutablePointer<CChar>?, count: Int,
    context: UnsafeMutableRawPointer?
) -> Int32 {
    switch kind {
    case CURLINFO_HEADER_OUT, CURLINFO_DATA_OUT: Transfer.of(context)?.noteSent(count)
    case CURLINFO_DATA_IN: Transfer.of(context)?.noteReceived(count)
    case CURLINFO_SSL_DATA_OUT: Transfer.of(context)?.noteHandshake(up: count)
    case CURLINFO_SSL_DATA_IN: Transfer.of(context)?.noteHandshake(down: count)
    default: break
    }
    return 0
}

private func transferConnects(
    context: UnsafeMutableRawPointer?, purpose: curlsocktype, address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    let refused: curl_socket_t = -1  // CURL_SOCKET_BAD
    guard let place = address?.pointee, Transfer.of(context)?.mayConnect() == true else { return refused }
    return socket(place.family, place.socktype | Int32(SOCK_CLOEXEC.rawValue), place.protocol)
}
