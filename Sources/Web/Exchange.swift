/// One request and its answer, between libmicrohttpd's polling thread and the task of a handler.
///
/// The connection is suspended while the task runs. Exactly one of the task, the sweep and a stopping server
/// gives the answer; whoever comes first resumes the connection.
final class Exchange: Sendable {
    private let connection: Connection
    private let bodies: BodyBudget
    private let state: Guarded<State>

    private struct State {
        var assembly: RequestAssembly
        var isRunning = false
        var task: Task<Void, Never>?
        var response: Response?
        var body: RequestBody?
        /// What is taken of the budget of all bodies.
        var takenBytes = 0
    }

    init(target: String, connection: Connection, isSecure: Bool, limits: Limits, bodies: BodyBudget) {
        self.connection = connection
        self.bodies = bodies
        let address = connection.remoteAddress
        state = Guarded(
            State(
                assembly: RequestAssembly(
                    target: target, remoteAddress: address, isSecure: isSecure, limits: limits)))
        connection.enter(.arriving)
    }

    /// Whoever works on the request holds on to this.
    deinit { bodies.give(state.withLock { $0.takenBytes }) }

    /// Takes in bytes of a body that is put together here.
    func take(_ bytes: UnsafeRawBufferPointer) -> RequestAssembly.Step {
        connection.note(bytes: bytes.count)
        return state.withLock { state in
            let hasRoom = !state.assembly.isFull && bodies.take(bytes.count)
            if hasRoom { state.takenBytes += bytes.count }
            return state.assembly.take(bytes, hasRoom: hasRoom)
        }
    }

    /// Whether the head has not been taken in yet.
    var isNew: Bool { state.withLock { $0.assembly.isNew } }

    /// The answer, once there is one.
    var response: Response? { state.withLock { $0.response } }

    /// The body, if it is handed on while it arrives.
    var body: RequestBody? { state.withLock { $0.body } }

    /// Tells the assembly what came, and returns what is to be done.
    func assemble<Step: Sendable>(_ event: (inout RequestAssembly) -> Step) -> Step {
        state.withLock { event(&$0.assembly) }
    }

    /// Lets the handler answer in a task, while the connection rests.
    func run(_ request: Request, by handler: any Handler, registry: ConnectionRegistry) {
        start(.handling, registry) { try await handler.respond(to: request) }
    }

    /// Lets an action take the body in a task. The connection rests until it asks for the first piece, or answers.
    func stream(_ request: Request, to action: @escaping StreamAction, registry: ConnectionRegistry) {
        let body = RequestBody { [connection] in connection.resume() }
        state.withLock { $0.body = body }
        start(.streaming, registry) { try await action(request, body) }
    }

    private func start(
        _ phase: ConnectionClock.Phase, _ registry: ConnectionRegistry,
        _ answer: @escaping @Sendable () async throws -> Response
    ) {
        state.withLock { $0.isRunning = true }
        // Before the registry knows: whoever finds an exchange there may resume its connection.
        connection.suspend()
        guard registry.begin(self, on: connection, phase) else {
            return finish(with: Problem.stopping.response)
        }
        let task = Task {
            let response: Response
            do { response = try await answer() } catch { response = Problem(of: error).response }
            self.finish(with: response)
        }
        let isRunning = state.withLock { state in
            if state.isRunning { state.task = task }
            return state.isRunning
        }
        if !isRunning { task.cancel() }  // answered meanwhile, perhaps in the handler's stead
    }

    /// Gives the answer, unless it was given before.
    func finish(with response: Response) {
        let (isFirst, body) = state.withLock { state in
            guard state.isRunning else { return (false, nil as RequestBody?) }
            state.isRunning = false
            state.response = response
            return (true, state.body)
        }
        guard isFirst else { return }
        // A connection whose body arrives rests now and then only: the body knows.
        if let body { body.answer() } else { connection.resume() }
    }

    /// Asks the handler to end: nobody waits for it any more.
    func cancel() {
        let (task, body) = state.withLock { ($0.task, $0.body) }
        body?.cut()
        task?.cancel()
    }
}
