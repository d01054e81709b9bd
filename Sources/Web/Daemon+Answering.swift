import CMicrohttpd

/// What libmicrohttpd hands over at one call.
enum Arrival {
    case head(method: String, headers: Headers)
    case body(UnsafeRawBufferPointer)
    /// The request has ended, or the connection was resumed and asks for its answer.
    case end
}

extension Daemon {
    /// Takes in what arrived. False closes the connection.
    func receive(_ arrival: Arrival, of exchange: Exchange, on connection: Connection) -> Reception {
        if let body = exchange.body { return receive(arrival, for: body, of: exchange, on: connection) }
        return receiveWhole(arrival, of: exchange, on: connection) ? .taken : .cut
    }

    private func receiveWhole(_ arrival: Arrival, of exchange: Exchange, on connection: Connection) -> Bool {
        if let response = exchange.response { return connection.send(response, closing: isClosing) }
        let handler = handler
        let step =
            switch arrival {
            case .head(let method, let headers):
                exchange.assemble {
                    $0.begin(method: method, headers: headers) { handler.streaming($0) != nil }
                }
            case .body(let bytes): exchange.take(bytes)
            case .end: exchange.assemble { $0.finish() }
            }
        if case .head = arrival, step == .proceed { connection.enter(.receiving) }
        switch step {
        case .proceed: return true
        case .cut: return false
        case .refuse(let problem): return connection.send(problem.response, closing: true)
        case .run(let request):
            exchange.run(request, by: handler, registry: registry)
            return true
        case .stream(let request):
            guard let action = handler.streaming(request) else { return false }
            exchange.stream(request, to: action, registry: registry)
            return true
        }
    }

    /// A body that is handed on while it arrives. Once there is an answer the rest of it is dropped, within a bound, as
    /// libmicrohttpd takes an answer only before the body or behind it.
    private func receive(
        _ arrival: Arrival, for body: RequestBody, of exchange: Exchange, on connection: Connection
    ) -> Reception {
        let response = exchange.response
        switch arrival {
        case .head: return .cut  // comes once, and made the body
        case .body(let bytes):
            if response != nil { return exchange.assemble { $0.drop(bytes.count) } ? .taken : .cut }
            return body.offer(bytes, suspend: connection.suspend) ? .taken : .notYet
        case .end where body.opens():
            guard let response, exchange.assemble({ $0.mayAnswerAtOnce }) else { return .taken }
            return connection.send(response, closing: true) ? .taken : .cut
        case .end:
            connection.enter(.handling, exchange: exchange)
            if body.finish(suspend: connection.suspend) { return .taken }
            guard let response = exchange.response else { return .cut }
            return connection.send(response, closing: registry.isClosing) ? .taken : .cut
        }
    }
}

/// What became of an arrival.
enum Reception {
    case taken
    /// It is to be handed over again when the connection goes on.
    case notYet
    /// The connection is to be closed.
    case cut
}

extension Connection {
    /// Hands an answer to libmicrohttpd, which sends it as fast as the client takes it.
    func send(_ response: Response, closing: Bool) -> Bool {
        let sending = response.stream.map { stream in
            Sending(stream, suspend: { [self] in suspend() }, resume: { [self] in resume() })
        }
        enter(sending == nil ? .answering : .sending, sending: sending)
        if let answer = Answer.make(response, sending, closing: closing) { return submit(answer) }
        guard let excuse = Answer.make(Problem.internalError.response, nil, closing: closing) else {
            return false
        }
        return submit(excuse)
    }
}

/// An answer in libmicrohttpd's form.
struct Answer: ~Copyable {
    let status: UInt32
    let handle: OpaquePointer

    /// Nil when a header line could not be sent as it is, or memory is short.
    static func make(_ response: Response, _ sending: Sending?, closing: Bool) -> Answer? {
        var headers = response.headers
        for field in response.defaults.fields where headers[field.name] == nil {
            headers.append(field.name, field.value)
        }
        if closing { headers["Connection"] = "close" }
        guard (200...999).contains(response.status) else { return nil }
        guard let made = sending?.response(byteCount: response.stream?.byteCount ?? 0) ?? whole(response.body)
        else { return nil }
        let answer = Answer(status: UInt32(response.status), handle: made)
        for field in headers.fields {
            // It refuses what would end its line, so that no value can write lines of its own.
            guard MHD_add_response_header(made, field.name, field.value) == .YES else { return nil }
        }
        return answer
    }

    private static func whole(_ body: [UInt8]) -> OpaquePointer? {
        body.withUnsafeBytes { bytes in
            // MUST_COPY: libmicrohttpd does not write to the buffer, though its type would let it.
            MHD_create_response_from_buffer(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
        }
    }

    private init(status: UInt32, handle: OpaquePointer) {
        self.status = status
        self.handle = handle
    }

    deinit { MHD_destroy_response(handle) }
}

extension Headers {
    /// The header lines of a request that arrives.
    init(of connection: OpaquePointer) {
        self.init()
        withUnsafeMutablePointer(to: &self) { headers in
            _ = MHD_get_connection_values(
                connection, .HEADER_KIND,
                { context, _, name, value in
                    guard let context, let name else { return .NO }
                    context.assumingMemoryBound(to: Headers.self).pointee
                        .append(String(cString: name), value.map { String(cString: $0) } ?? "")
                    return .YES
                }, headers)
        }
    }
}
