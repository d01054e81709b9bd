import Persistence

/// Talks to one server, one request at a time, over one connection that is kept open between requests.
///
/// It follows no redirect, uses no proxy, and never sends a request twice: a caller that repeats one knows
/// that it may, and that it does.
package actor HTTPClient {
    /// Whom to talk to, and for how long to be patient.
    package struct Configuration: Hashable, Sendable {
        /// Scheme, host and port, and a path that all targets have in common; no slash at the end.
        package var baseURL: String
        /// What the client calls itself.
        package var userAgent = "BirthWindow"
        /// How long making the connection may take, name look-up and TLS included.
        package var connectSecondsMax = 15
        /// How long one exchange may take as a whole; 0 for as long as it moves.
        package var deadlineSeconds = 300
        /// An exchange that moves fewer bytes than this…
        package var lowSpeedBytesPerSecond = 64
        /// …for so long is given up; 0 never gives up for slowness.
        package var lowSpeedSeconds = 30
        /// The largest answer taken.
        package var responseBytesMax = 64 << 20
        /// A file of certificates (PEM) to trust instead of the system's: a county's own authority.
        package var authorityFile: String?

        /// The default patience, which suits a slow link.
        package init(baseURL: String) { self.baseURL = baseURL }
    }

    /// What all exchanges have cost so far, also those that failed.
    package private(set) var traffic = Traffic()

    private let configuration: Configuration
    private let session = CurlSession()
    private let executor = QueueExecutor(label: "birthwindow.web.client")

    /// The queue of this client: libcurl blocks it and nothing else.
    nonisolated package var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// A client without a connection; the first request opens one.
    package init(configuration: Configuration) { self.configuration = configuration }

    /// Sends a request and waits for the whole answer, whatever its status. Cancelling the task aborts the
    /// transfer at once and closes the connection.
    package func send(_ request: ClientRequest) async throws(ClientError) -> ClientResponse {
        let session = session
        let result = await withTaskCancellationHandler {
            session.exchange(request, configuration: configuration)
        } onCancel: {
            session.wake()
        }
        traffic = traffic + result.traffic
        return try result.response.get()
    }
}
