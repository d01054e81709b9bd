/// What answers requests.
package protocol Handler: Sendable {
    /// Answers one request. A thrown `Problem` is sent as it is; any other error is sent as a 500 without
    /// details. The task is cancelled when the client has gone, when time is up, or when the server stops.
    func respond(to request: Request) async throws -> Response
}
