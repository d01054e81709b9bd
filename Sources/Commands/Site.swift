import Foundation
package import Persistence
package import Web

/// The records that a program's commands work on: through its daemon if one runs, else on the directory,
/// under its lock.
package protocol Site: Sendable {
    /// Takes the options that every command of the program has.
    init(_ arguments: inout Arguments)

    /// Where the records are.
    var path: String { get }
    /// Whether answers are printed in JSON.
    var isJSON: Bool { get }

    /// Opens the records in this process. A lock that somebody else holds is `FileLockError.heldByAnother`;
    /// every other error is a ``CommandError`` with a sentence.
    ///
    /// - Parameters:
    ///   - idleSeconds: between exchanges when nothing happens; nil waits at central for news instead.
    ///   - log: hears of what a technician may want to know.
    func open(idleSeconds: UInt64?, log: Log) throws -> OpenSite
    /// What writes the log.
    static var program: String { get }
}

/// Records that are open in this process.
package struct OpenSite: Sendable {
    package let router: Router
    /// What the router asks of commands.
    package let token: String
    /// What goes on beside the requests, until its task is cancelled.
    package let run: @Sendable () async -> Void
    /// Holds the directory's lock for as long as the records are open.
    private let owner: any Sendable

    package init(
        router: Router, token: String, owner: any Sendable, run: @escaping @Sendable () async -> Void = {}
    ) {
        self.router = router
        self.token = token
        self.owner = owner
        self.run = run
    }
}

extension Site {
    private var daemonFile: String { path + "/daemon.json" }

    /// Runs a body against the API.
    ///
    /// - Parameter isRunning: what a daemon does beside the requests goes on meanwhile, also without a
    ///   daemon: for commands that exchange with central.
    package func withEndpoint<Result: Sendable>(
        isRunning: Bool = false, _ body: @Sendable (Endpoint) async throws -> Result
    ) async throws -> Result {
        do {
            let site = try open(idleSeconds: 30, log: Log(Self.program))
            defer { withExtendedLifetime(site) {} }
            return try await withThrowingTaskGroup(of: Void.self) { group in
                if isRunning { group.addTask { await site.run() } }
                defer { group.cancelAll() }
                return try await body(.local(site.router, token: site.token))
            }
        } catch FileLockError.heldByAnother(let process) {
            guard let file = DaemonFile(path: daemonFile) else {
                throw CommandError(
                    "another command\(process.map { " (process \($0))" } ?? "") is using \(path); try again when it has ended",
                    status: .temporaryFailure)
            }
            let client = HTTPClient(configuration: HTTPClient.Configuration(baseURL: file.address))
            return try await body(.daemon(client, token: file.token))
        }
    }

    /// Serves until SIGTERM or SIGINT; SIGHUP reads the certificate again.
    package func serve(_ options: ServeOptions, idleSeconds: UInt64?, console: Console) async throws {
        let (program, log) = (Self.program, Log(Self.program, options.logFormat))
        let site: OpenSite
        do { site = try open(idleSeconds: idleSeconds, log: log) } catch FileLockError.heldByAnother(
            let process)
        {
            throw CommandError(
                "\(path) is in use\(process.map { " by process \($0)" } ?? ""): \(program) runs there already",
                status: .temporaryFailure)
        }
        defer { withExtendedLifetime(site) {} }
        let server = try options.start(site.router)
        let address = "\(options.isSecure ? "https" : "http")://\(options.listen.hostInURL):\(server.port)"
        // The certificate is for those who come over the network: this machine's commands have a door of their own.
        let inside = SiteGuard(site.router, names: [], takesAnyName: false)
        let door = options.isSecure ? try ListenAddress("127.0.0.1:0").serve(inside) : nil
        // Before anybody knows that this process is there to be told anything.
        let (ends, hangups) = (Signals([SIGTERM, SIGINT]), Signals([SIGHUP]))
        defer {
            ends.cancel()
            hangups.cancel()
        }
        let requests = hangups.stream
        try DaemonFile(address: door.map { "http://127.0.0.1:\($0.port)" } ?? address, token: site.token)
            .write(to: daemonFile)
        switch log.format {
        case .json:
            log(
                LogEvent(
                    .info, "program.started", "\(program) serves \(address)", ["address": .text(address)]))
        case .text: console.print(isJSON ? #"{"address":"\#(address)"}"# : "\(program) serves \(address)")
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await site.run() }
            group.addTask {
                for await _ in requests { log(options.renew(server)) }
            }
            for await _ in ends.stream { break }
            group.cancelAll()
        }
        await server.stop()
        await door?.stop()
        if log.format == .json { log(LogEvent(.info, "program.stopped", "\(program) has stopped")) }
        // If it stays, the next command finds that nobody answers, and the next daemon replaces it.
        try? FileManager.default.removeItem(atPath: daemonFile)
    }

    /// Makes the directory for its owner only, if there is none.
    package func makeDirectory() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError(
                "\(path) cannot be made or used; choose another directory with --data DIRECTORY",
                status: .cannotCreate)
        }
    }
}

extension CommandError {
    /// What a database's error means for a command.
    package init(_ error: DatabaseError, at path: String) {
        let status: ExitStatus =
            switch error.kind {
            case .full, .readOnly, .cannotOpen: .cannotCreate
            case .busy: .temporaryFailure
            case .io: .ioError
            default: .dataError
            }
        self.init("\(path): \(error.description)", status: status)
    }
}
