import CMicrohttpd

// libmicrohttpd calls the functions at the end of this file on its polling thread. A Sending crosses as an opaque pointer:
// retained by `response`, released when libmicrohttpd lets go of the answer.

extension Sending {
    /// An answer whose body libmicrohttpd asks for piece by piece; nil when memory is short.
    func response(byteCount: Int) -> OpaquePointer? {
        let context = Unmanaged.passRetained(self)
        let made = MHD_create_response_from_callback(
            UInt64(byteCount), ResponseStream.pieceBytesMax, sendingFills, context.toOpaque(), sendingEnds)
        if made == nil { context.release() }
        return made
    }
}

/// "Returning zero should only be used in conjunction with MHD_suspend_connection() to avoid busy waiting."
private func sendingFills(
    context: UnsafeMutableRawPointer?, place: UInt64, buffer: UnsafeMutablePointer<CChar>?, bytesMax: Int
) -> Int {
    guard let context, let buffer else { return web_stream_broken() }
    let target = UnsafeMutableRawBufferPointer(start: buffer, count: bytesMax)
    switch Unmanaged<Sending>.fromOpaque(context).takeUnretainedValue().fill(target, at: Int(place)) {
    case .bytes(let count): return count
    case .later: return 0
    case .broken: return web_stream_broken()
    }
}

private func sendingEnds(context: UnsafeMutableRawPointer?) {
    if let context { Unmanaged<Sending>.fromOpaque(context).release() }
}
