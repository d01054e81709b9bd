import Glibc

@testable import Web

/// A handler made of a closure.
struct Answering: Handler {
    let action: @Sendable (Request) async throws -> Response
    init(_ action: @escaping @Sendable (Request) async throws -> Response) { self.action = action }
    func respond(to request: Request) async throws -> Response { try await action(request) }
}

/// Says what it was sent.
let echo = Answering { request in
    .bytes(request.body, type: "application/octet-stream")
}

/// Something that happens once, for those who wait for it.
actor Signal {
    private var hasHappened = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func happen() {
        hasHappened = true
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    func wait() async {
        if hasHappened { return }
        await withCheckedContinuation { waiters.append($0) }
    }
}

/// Lets nobody through until so many have come.
actor Barrier {
    private let count: Int
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private(set) var arrived = 0

    init(count: Int) { self.count = count }

    /// Comes, and waits for the others.
    func pass() async {
        note()
        if arrived < count { await withCheckedContinuation { waiters.append($0) } }
    }

    /// Comes without waiting.
    func note() {
        arrived += 1
        guard arrived >= count else { return }
        for waiter in waiters { waiter.resume() }
        waiters = []
    }
}

/// Returns when the task is cancelled, and never before.
func untilCancelled() async {
    for await _ in AsyncStream<Never>.makeStream().stream {}
}

/// Runs a server for as long as the body runs.
func withServer<T: Sendable>(
    _ handler: any Handler, limits: Limits = Limits(), _ body: (Server) async throws -> T
) async throws -> T {
    let server = try Server(configuration: Server.Configuration(limits: limits), handler: handler)
    let result: Result<T, any Error>
    do { result = .success(try await body(server)) } catch { result = .failure(error) }
    await server.stop()
    return try result.get()
}

/// A client that is patient enough for a loaded machine.
func client(port: UInt16, _ adjust: (inout HTTPClient.Configuration) -> Void = { _ in }) -> HTTPClient {
    var configuration = HTTPClient.Configuration(baseURL: "http://127.0.0.1:\(port)")
    configuration.deadlineSeconds = 30
    adjust(&configuration)
    return HTTPClient(configuration: configuration)
}

/// What the shell command printed, and whether it ended well.
func run(_ command: String) async throws -> (output: String, isSuccess: Bool) {
    try await Blocking.run {
        guard let stream = unsafe popen(command, "r") else { throw RawError.failed(errno) }
        var output: [UInt8] = []
        while true {
            let byte = unsafe getc(stream)
            if byte < 0 { break }
            output.append(UInt8(truncatingIfNeeded: byte))
        }
        let status = unsafe pclose(stream)
        return (String(decoding: output, as: UTF8.self), status == 0)
    }
}

/// Random numbers that a seed repeats (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }
}
