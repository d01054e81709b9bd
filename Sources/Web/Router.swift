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
        let action: Action
    }

    private struct Match {
        let route: Route
        let parameters: [String: String]
    }

    private var routes: [Route] = []
    private let onError: @Sendable (any Error, Request) -> Void

    /// A router without routes. `onError` is handed each error that is not a `Problem`, of which the client
    /// is told nothing.
    package init(onError: @escaping @Sendable (any Error, Request) -> Void = { _, _ in }) {
        self.onError = onError
    }

    /// Adds a route; two routes for one method and one set of paths are a mistake in the program.
    package mutating func on(_ method: Method, _ pattern: String, _ action: @escaping Action) {
        let route = Route(method: method, pattern: RoutePattern(pattern), action: action)
        let rival = routes.first { $0.method == method && $0.pattern.overlaps(route.pattern) }
        precondition(rival == nil, "Two routes for \(method.rawValue) \(pattern)")
        let place = routes.firstIndex { route.pattern.precedes($0.pattern) } ?? routes.endIndex
        routes.insert(route, at: place)
    }

    /// Adds a route that a handler answers.
    package mutating func on(_ method: Method, _ pattern: String, _ handler: some Handler) {
        on(method, pattern) { try await handler.respond(to: $0) }
    }

    /// Answers by the table; it throws nothing.
    package func respond(to request: Request) async -> Response {
        guard let segments = Target(request.target)?.segments else {
            return Problem.malformed("The address cannot be read.").response
        }
        let matches = routes.compactMap { route in
            route.pattern.match(segments).map { Match(route: route, parameters: $0) }
        }
        guard !matches.isEmpty else { return Problem.notFound.response }
        if let match = Router.choose(request.method, from: matches) {
            return await run(match, request)
        }
        return Router.decline(request.method, allowed: matches.map(\.route.method))
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

    private func run(_ match: Match, _ request: Request) async -> Response {
        var request = request
        request.parameters = match.parameters
        do {
            return try await match.route.action(request)
        } catch {
            if !(error is Problem) { onError(error, request) }
            return Problem(of: error).response
        }
    }
}
