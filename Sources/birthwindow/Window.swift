import Commands
import Foundation
import Persistence
import Web
import WindowAgent

/// The window that a command works on: through its daemon if one runs, else on its directory, under its lock.
struct Window {
    let directory: AgentDirectory
    let isJSON: Bool

    /// Takes the options that every command has.
    init(_ arguments: inout Arguments) {
        let path =
            arguments.option("--data") ?? ProcessInfo.processInfo.environment["BIRTHWINDOW_DATA"]
            ?? "/var/lib/birthwindow"
        directory = AgentDirectory(path: path)
        isJSON = arguments.flag("--json")
    }

    /// Runs a body against the API, with the exchanges running beside it.
    func withEndpoint<Result: Sendable>(
        _ body: @Sendable @escaping (Endpoint) async throws -> Result
    ) async throws -> Result {
        do {
            let token = Self.newToken()
            let agent = try Self.openAgent(directory, token: token)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await agent.run() }
                defer { group.cancelAll() }
                return try await body(.local(agent.router, token: token))
            }
        } catch FileLockError.heldByAnother(let process) {
            guard let file = DaemonFile(path: directory.daemonFile) else {
                throw CommandError(
                    "another command\(process.map { " (process \($0))" } ?? "") is using \(directory.path); try again when it has ended",
                    status: .temporaryFailure)
            }
            let client = HTTPClient(configuration: HTTPClient.Configuration(baseURL: file.address))
            return try await body(.daemon(client, token: file.token))
        }
    }

    static func newToken() -> String {
        let random = WindowStore.Environment.system.random
        return String(random(), radix: 36) + String(random(), radix: 36)
    }

    /// Opens the agent; errors of the directory and the database become sentences.
    static func openAgent(_ directory: AgentDirectory, token: String, idleSeconds: UInt64 = 30) throws -> Agent {
        do {
            return try Agent(directory: directory, token: token, idleSeconds: idleSeconds) { error, request in
                // The type only: what an error holds may come from a case.
                Console.standard.printError(
                    "birthwindow: \(request.method.rawValue) failed inside: \(type(of: error))")
            }
        } catch let error as DatabaseError {
            throw CommandError("\(directory.database): \(error.description)", status: error.exitStatus)
        } catch let error as FileLockError {
            throw error
        } catch let error as CocoaError {
            throw CommandError(
                "\(directory.path) cannot be used (\(error.localizedDescription)); choose another with --data DIRECTORY",
                status: .cannotCreate)
        }
    }
}

extension DatabaseError {
    /// What it means for a command.
    var exitStatus: ExitStatus {
        switch kind {
        case .full, .readOnly, .cannotOpen: .cannotCreate
        case .busy: .temporaryFailure
        case .io: .ioError
        default: .dataError
        }
    }
}
