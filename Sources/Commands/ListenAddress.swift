package import Web

/// `HOST:PORT` of a server.
package struct ListenAddress: Hashable, Sendable {
    package let host: String
    package let port: UInt16

    package init(_ text: String) throws(UsageError) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            colon != text.startIndex
        else { throw UsageError("--listen takes HOST:PORT, like 127.0.0.1:8731") }
        // An IPv6 address stands in brackets.
        let name = text[..<colon]
        host = String(name.hasPrefix("[") && name.hasSuffix("]") ? name.dropFirst().dropLast() : name)
        self.port = port
    }

    /// The host as an address line has it.
    package var hostInURL: String { host.contains(":") ? "[\(host)]" : host }

    /// Starts a server there; a port in use and the like become sentences.
    package func serve(_ handler: some Handler, as identity: TLSIdentity? = nil) throws -> Server {
        do throws(ServerError) {
            return try Server(
                configuration: Server.Configuration(host: host, port: port, identity: identity),
                handler: handler)
        } catch .badCertificate {
            throw CommandError(ServerError.badCertificate.description, status: .configuration)
        } catch {
            throw CommandError(
                "\(error.description) Choose another with --listen HOST:PORT, or stop what uses it.",
                status: .unavailable)
        }
    }
}
