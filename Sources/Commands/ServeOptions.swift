import Foundation
import Web

/// Where a daemon serves, and with which certificate: the options of `serve` that both programs have.
package struct ServeOptions: Hashable, Sendable {
    /// The options that take a value.
    package static let valued: Set<String> = [
        "--listen", "--certificate", "--key", "--host", Log.option,
    ]
    /// How the help shows them.
    package static let usage = "[--listen HOST:PORT] [--host NAME]… [--certificate F --key F] \(Log.usage)"
    /// What the help says of them.
    package static let discussion = """
        With --certificate and --key (PEM files; the key's mode 0600) it speaks TLS 1.2 and 1.3 only. SIGHUP makes it read both
        again without dropping a connection; if they cannot be used, the old certificate stays in use and the log says why.
        Without them it listens on this machine's own address only, unless --allow-plain-http is given too: everybody on the
        way can then read the records. Then browsers and windows reach it by its address in numbers, or by the names of --host
        (also those of a load balancer before it); a request for any other name is refused.

        The log goes to standard error; with --log json each line is an object: event, fields, level, message, program, time.
        """

    package let listen: ListenAddress
    /// How the log is written.
    let logFormat: Log.Format
    private let names: [String]
    private let files: Files?

    private struct Files: Hashable, Sendable {
        let certificate: String
        let key: String
    }

    /// Takes the options.
    ///
    /// - Throws: also if records would cross a network unencrypted and nobody has said that they may.
    package init(_ arguments: inout Arguments, listen usual: String) throws(UsageError) {
        listen = try ListenAddress(arguments.option("--listen") ?? usual)
        logFormat = try Log.format(&arguments)
        names = arguments.options("--host") + [listen.host]
        let allowsPlain = arguments.flag("--allow-plain-http")
        switch (arguments.option("--certificate"), arguments.option("--key")) {
        case (let certificate?, let key?): files = Files(certificate: certificate, key: key)
        case (nil, nil):
            files = nil
            guard allowsPlain || Loopback.contains(host: listen.host) else {
                throw UsageError(
                    "\(listen.host) is reached over a network: give --certificate F --key F, or say --allow-plain-http if "
                        + "everybody on the way may read the records")
            }
        default: throw UsageError("--certificate and --key go together")
        }
    }

    /// Whether TLS is spoken.
    package var isSecure: Bool { files != nil }

    /// Reads the files; nil if TLS is not spoken.
    func identity() throws(TLSIdentityError) -> TLSIdentity? {
        guard let files else { return nil }
        return try TLSIdentity(certificateFile: files.certificate, keyFile: files.key)
    }

    /// Starts the server; what cannot be used becomes a sentence.
    func start(_ handler: some Handler) throws -> Server {
        let guarded = SiteGuard(handler, names: names, takesAnyName: isSecure && names.count == 1)
        do { return try listen.serve(guarded, as: try identity()) } catch let error as TLSIdentityError {
            throw CommandError(error.description, status: .configuration)
        }
    }

    /// Shows the certificate that the files hold now, if it can be used; answers what the log tells.
    func renew(_ server: Server) -> LogEvent {
        do {
            guard let identity = try identity() else {
                return LogEvent(
                    .warning, "certificate.none", "SIGHUP: there is no certificate to read again")
            }
            try server.adopt(identity)
            return LogEvent(.info, "certificate.renewed", "the certificate was read again and is in use")
        } catch {
            return LogEvent(
                .error, "certificate.kept",
                "the certificate was not changed: \(error) The old one stays in use.", ["error": "\(error)"])
        }
    }
}
