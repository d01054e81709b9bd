/// Puts a request together as it arrives: tell it what came, do what it answers. It does no I/O.
struct RequestAssembly {
    /// What is to be done next.
    enum Step: Hashable {
        /// Wait for more.
        case proceed
        /// Answer with this and close the connection.
        case refuse(Problem)
        /// The request is whole: let a handler answer it.
        case run(Request)
        /// Let a handler take the body while it arrives; it is not given to `take`.
        case stream(Request)
        /// Close without an answer: the client sends without end.
        case cut
    }

    private enum Stage { case head, body, overflow, streaming }

    private let limits: Limits
    private var request: Request
    private var stage = Stage.head
    private var overflowBytes = 0
    /// Why the body is dropped.
    private var refusal: Problem
    /// The rest of a body whose answer is there need not be awaited: there is none, or it is too much.
    private(set) var mayAnswerAtOnce = false

    init(target: String, remoteAddress: String, isSecure: Bool = false, limits: Limits) {
        request = Request(.get, target, remoteAddress: remoteAddress)
        request.isSecure = isSecure
        self.limits = limits
        refusal = .bodyTooLarge(bytesMax: limits.bodyBytesMax)
    }

    /// Whether what still comes is dropped, or handed on.
    var isFull: Bool { stage == .overflow || stage == .streaming }

    /// Whether `begin` has not been called yet.
    var isNew: Bool { stage == .head }

    /// Takes the head, and refuses at once what can be refused without harm.
    ///
    /// - Parameter streams: whether a handler wants the body while it arrives.
    mutating func begin(
        method: String, headers: Headers, streams: (Request) -> Bool = { _ in false }
    ) -> Step {
        stage = .body
        if let problem = RequestAssembly.fault(target: request.target, headers: headers, limits: limits) {
            return .refuse(problem)
        }
        guard let method = Method(rawValue: method) else { return .refuse(.unknownMethod) }
        request.method = method
        request.headers = headers
        guard streams(request) else { return weigh(declared: headers["Content-Length"]) }
        stage = .streaming
        return weighStream(declared: headers["Content-Length"])
    }

    /// Drops bytes of a body that is streamed and has its answer; false when the client sends without end.
    mutating func drop(_ count: Int) -> Bool {
        overflowBytes += count
        return overflowBytes <= Limits.overflowBytesMax
    }

    /// Takes the next bytes of the body.
    ///
    /// - Parameter hasRoom: whether there is memory for them.
    mutating func take(_ bytes: some Collection<UInt8>, hasRoom: Bool = true) -> Step {
        if stage == .body, request.body.count + bytes.count <= limits.bodyBytesMax {
            if hasRoom {
                request.body.append(contentsOf: bytes)
                return .proceed
            }
            refusal = .crowded
        }
        stage = .overflow
        request.body = []
        overflowBytes += bytes.count
        return overflowBytes <= limits.bodyBytesMax + Limits.overflowBytesMax ? .proceed : .cut
    }

    /// Takes the end of the body.
    mutating func finish() -> Step {
        if stage == .overflow { return .refuse(refusal) }
        defer { request.body = [] }
        return .run(request)
    }

    private static func fault(target: String, headers: Headers, limits: Limits) -> Problem? {
        if target.utf8.count > limits.targetBytesMax {
            return .targetTooLong(bytesMax: limits.targetBytesMax)
        }
        if headers.byteCount > limits.headerBytesMax {
            return .headersTooLarge(bytesMax: limits.headerBytesMax)
        }
        if headers.fields.count > limits.headersMax { return .tooManyHeaders(countMax: limits.headersMax) }
        // RFC 9112 section 3.2: a server MUST respond with 400 to a request that lacks Host or has several.
        if headers.values(of: "Host").count != 1 { return .malformed("There must be one Host.") }
        if Target(target) == nil { return .malformed("The address cannot be read.") }
        // Two readings of one length are how requests are smuggled past a proxy (RFC 9112 section 11.2).
        let lengths = headers.values(of: "Content-Length")
        guard let coding = headers["Transfer-Encoding"] else {
            return lengths.count > 1 ? .malformed("There must be one Content-Length.") : nil
        }
        if !lengths.isEmpty { return .malformed("Content-Length and Transfer-Encoding exclude each other.") }
        return coding.lowercased() == "chunked" ? nil : .unknownCoding
    }

    private mutating func weighStream(declared: String?) -> Step {
        if let declared {
            guard let count = UInt64(declared) else {
                return .refuse(.malformed("Content-Length is no number."))
            }
            guard count <= UInt64(limits.streamBytesMax) else {
                return .refuse(.bodyTooLarge(bytesMax: limits.streamBytesMax))
            }
            mayAnswerAtOnce = count == 0 || count > UInt64(Limits.overflowBytesMax)
        } else {
            mayAnswerAtOnce = request.headers["Transfer-Encoding"] == nil
        }
        if request.headers["Expect"] != nil { mayAnswerAtOnce = true }
        return .stream(request)
    }

    private mutating func weigh(declared: String?) -> Step {
        guard let declared else { return .proceed }
        guard let count = UInt64(declared) else { return .refuse(.malformed("Content-Length is no number.")) }
        guard count > UInt64(limits.bodyBytesMax) else { return .proceed }
        let mayCome = UInt64(limits.bodyBytesMax + Limits.overflowBytesMax)
        if count > mayCome || request.headers["Expect"] != nil {
            return .refuse(.bodyTooLarge(bytesMax: limits.bodyBytesMax))
        }
        stage = .overflow
        return .proceed
    }
}
