package import Web

/// `HOST:PORT` of a server.
package struct ListenAddress: Hashable, Sendable {
    package let host: String
    package let port: UInt16

    package init(_ text: String) throws(UsageError) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            colon != text.startIndex
        else { throw UsageError("--listen takes HOST:PORT, like 127.0.0.1:8731") }
        host = String(text[..<colon])
        self.port = port
    }

    /// Starts a server there; a port in use and the like become sentences.
    package func serve(_ handler: some Handler) throws -> Server {
        do {
            return try Server(configuration: Server.Configuration(host: host, port: port), handler: handler)
        } catch {
            throw CommandError(
                "\(error.description) Choose another with --listen HOST:PORT, or stop what uses it.",
                status: .unavailable)
        }
    }
}
