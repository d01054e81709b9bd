/// A route, as whoever guards it or watches it knows it.
package struct RouteMark: Hashable, Sendable {
    package let method: Method
    package let pattern: String
    /// Who may ask, in the words of whoever guards it; nil if it says nothing.
    package let access: String?
    /// What is recorded of a request, in the words of whoever does; nil if it says nothing.
    package let recorded: String?

    package init(_ method: Method, _ pattern: String, access: String?, recorded: String? = nil) {
        (self.method, self.pattern, self.access, self.recorded) = (method, pattern, access, recorded)
    }
}

/// Finds the handler of a request by its method and path.
///
/// A literal segment wins over a parameter, in whatever order the routes were given. GET also answers HEAD
/// (the server leaves the body out), OPTIONS is answered from the table, and a path that is known with
/// other methods is a 405 that names them.
package struct Router: Handler {
    /// What a route does.
    package typealias Action = @Sendable (Request) async throws -> Response

    private struct Route: Sendable {
        let method: Method
        let pattern: RoutePattern
        /// Who may ask, in the words of whoever guards it; nil if it says nothing.
        let access: String?
        let recorded: String?
        let action: Action
        /// Takes the body while it arrives; nil for a route that wants the request whole.
        var stream: StreamAction?

        var mark: RouteMark {
            RouteMark(method, pattern.description, access: access, recorded: recorded)
        }
    }

    private struct Match {
        let route: Route
        let parameters: [String: String]
    }

    private var routes: [Route] = []
    private let onError: @Sendable (any Error, Request) -> Void
    /// Hears of each answer of a route: method, pattern, status, and how long it took to be made.
    package var onAnswer: @Sendable (Method, String, Int, Duration) -> Void = { _, _, _, _ in }
    /// Stands around each answer of a route: it sees the request before it is answered, and the answer before it is sent.
    package var witness: Witness = { _, _, answer in await answer() }

    package typealias Witness = @Sendable (RouteMark, Request, () async -> Response) async -> Response

    /// A router without routes. `onError` is handed each error that is not a `Problem`, of which the client
    /// is told nothing.
    package init(onError: @escaping @Sendable (any Error, Request) -> Void = { _, _ in }) {
        self.onError = onError
    }

    /// Adds a route; two routes for one method and one set of paths are a mistake in the program.
    ///
    /// - Parameters:
    ///   - access: who may ask. The router only remembers it: whoever guards the route sees to it.
    ///   - recorded: what is recorded of a request. Likewise.
    package mutating func on(
        _ method: Method, _ pattern: String, access: String? = nil, recorded: String? = nil,
        _ action: @escaping Action
    ) {
        add(
            Route(
                method: method, pattern: RoutePattern(pattern), access: access, recorded: recorded,
                action: action))
    }

    /// Adds a route that takes its requests' bodies while they arrive. A request that is whole already comes as one piece.
    package mutating func onStream(
        _ method: Method, _ pattern: String, access: String? = nil, recorded: String? = nil,
        _ action: @escaping StreamAction
    ) {
        let whole: Action = { try await action($0, RequestBody($0.body)) }
        add(
            Route(
                method: method, pattern: RoutePattern(pattern), access: access, recorded: recorded,
                action: whole, stream: action))
    }

    private mutating func add(_ route: Route) {
        let rival = routes.first { $0.method == route.method && $0.pattern.overlaps(route.pattern) }
        precondition(rival == nil, "Two routes for \(route.method.rawValue) \(route.pattern)")
        let place = routes.firstIndex { route.pattern.precedes($0.pattern) } ?? routes.endIndex
        routes.insert(route, at: place)
    }

    /// Adds a route that a handler answers.
    package mutating func on(_ method: Method, _ pattern: String, _ handler: some Handler) {
        on(method, pattern) { try await handler.respond(to: $0) }
    }

    /// Answers by the table; it throws nothing.
    package func respond(to request: Request) async -> Response {
        guard let matches = matches(request) else {
            return Problem.malformed("The address cannot be read.").response
        }
        guard !matches.isEmpty else { return Problem.notFound.response }
        if let match = Router.choose(request.method, from: matches) {
            return await run(match, request, match.route.action)
        }
        return Router.decline(request.method, allowed: matches.map(\.route.method))
    }

    /// By the table, if a route that streams is the one for the request.
    package func streaming(_ head: Request) -> StreamAction? {
        guard let match = Router.choose(head.method, from: matches(head) ?? []),
            let stream = match.route.stream
        else { return nil }
        return { request, body in
            await run(match, request) { try await stream($0, body) }
        }
    }

    /// All routes.
    package var routed: [RouteMark] { routes.map(\.mark) }

    /// The pattern of the route that answers a request; nil if none does.
    package func pattern(for request: Request) -> String? {
        Router.choose(request.method, from: matches(request) ?? [])?.route.pattern.description
    }

    private func matches(_ request: Request) -> [Match]? {
        guard let segments = Target(request.target)?.segments else { return nil }
        return routes.compactMap { route in
            route.pattern.match(segments).map { Match(route: route, parameters: $0) }
        }
    }

    private static func choose(_ method: Method, from matches: [Match]) -> Match? {
        matches.first { $0.route.method == method }
            ?? (method == .head ? matches.first { $0.route.method == .get } : nil)
    }

    private static func decline(_ method: Method, allowed: [Method]) -> Response {
        var names = Set(allowed).union([.options])
        if names.contains(.get) { names.insert(.head) }
        var response = method == .options ? Response.noContent : Problem.methodNotAllowed.response
        response.headers["Allow"] = names.sorted().map(\.rawValue).joined(separator: ", ")
        return response
    }

    private func run(_ match: Match, _ request: Request, _ action: Action) async -> Response {
        var request = request
        (request.parameters, request.route) = (match.parameters, match.route.pattern.description)
        let began = ContinuousClock.now
        let asked = request
        let response = await witness(match.route.mark, asked) {
            do { return try await action(asked) } catch let elsewhere as SeeOther {
                return elsewhere.response
            } catch {
                if !(error is Problem) { onError(error, asked) }
                return Problem(of: error).response
            }
        }
        onAnswer(
            match.route.method, match.route.pattern.description, response.status,
            ContinuousClock.now - began)
        return response
    }
}
