/// What answers requests.
package protocol Handler: Sendable {
    /// Answers one request. A thrown `Problem` is sent as it is; any other error is sent as a 500 without
    /// details. The task is cancelled when the client has gone, when time is up, or when the server stops.
    func respond(to request: Request) async throws -> Response

    /// What answers this request while its body still arrives; nil, the default, for one that is answered whole.
    /// The head has no body yet. The polling thread asks, so it must answer at once.
    func streaming(_ head: Request) -> StreamAction?
}

/// Answers a request whose body it takes piece by piece. It may answer before the end: then the rest is dropped.
package typealias StreamAction = @Sendable (Request, RequestBody) async throws -> Response

extension Handler {
    package func streaming(_ head: Request) -> StreamAction? { nil }
}
