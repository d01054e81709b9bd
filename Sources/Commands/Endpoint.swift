import Foundation
package import Web

/// Where a command's calls go: to a running daemon over loopback, or into the same router in this process.
package enum Endpoint: Sendable {
    case daemon(HTTPClient, token: String)
    case local(Router, token: String)

    /// Calls the API.
    ///
    /// - Throws: ``CommandError`` with the problem's sentences, for any status from 400 on and if nobody
    ///   answers.
    package func call(
        _ method: Web.Method, _ target: String, headers: Headers = Headers(), body: [UInt8] = []
    ) async throws -> [UInt8] {
        var headers = headers
        let response: (status: Int, body: [UInt8])
        switch self {
        case .daemon(let client, let token):
            headers["Authorization"] = "Bearer \(token)"
            do {
                let answer = try await client.send(
                    ClientRequest(method, target, headers: headers, body: body, waitSeconds: 300))
                response = (answer.status, answer.body)
            } catch {
                throw CommandError(
                    "the daemon does not answer: \(error) If it was killed, remove nothing: just start it again.",
                    status: .unavailable)
            }
        case .local(let router, let token):
            headers["Authorization"] = "Bearer \(token)"
            let answer = await router.respond(to: Request(method, target, headers: headers, body: body))
            do { response = (answer.status, try await answer.wholeBody()) } catch {
                throw CommandError("what is stored cannot be read: it is damaged", status: .dataError)
            }
        }
        guard response.status < 400 else { throw Self.failure(response.status, response.body) }
        return response.body
    }

    /// Calls the API with a JSON body.
    package func call(
        _ method: Web.Method, _ target: String, headers: Headers = Headers(), json: some Encodable
    ) async throws -> [UInt8] {
        var headers = headers
        headers["Content-Type"] = "application/json"
        return try await call(method, target, headers: headers, body: Array(try JSONEncoder().encode(json)))
    }

    /// The same place, entered with another token; nil keeps the present one.
    package func with(token: String?) -> Endpoint {
        guard let token else { return self }
        switch self {
        case .daemon(let client, _): return .daemon(client, token: token)
        case .local(let router, _): return .local(router, token: token)
        }
    }

    private static func failure(_ status: Int, _ body: [UInt8]) -> CommandError {
        // A body that is no problem says nothing to a person; then the status has to do.
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(body))
        let sentences = [problem?.title ?? "HTTP \(status)", problem?.detail, problem?.remedy].compactMap {
            $0
        }
        return CommandError(sentences.joined(separator: "\n"), status: ExitStatus(http: status))
    }
}

/// What a running daemon leaves in a file of its owner's, so that commands find it.
package struct DaemonFile: Codable, Hashable, Sendable {
    package let address: String
    package let token: String

    package init(address: String, token: String) {
        self.address = address
        self.token = token
    }

    /// Reads the file of a running daemon; nil if there is none.
    package init?(path: String) {
        guard let bytes = FileManager.default.contents(atPath: path),
            let file = try? JSONDecoder().decode(DaemonFile.self, from: bytes)  // half a file is none
        else { return nil }
        self = file
    }

    /// Writes the file, whole or not at all, for its owner only.
    package func write(to path: String) throws {
        let temporary = path + ".new"
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: try JSONEncoder().encode(self), attributes: attributes),
            unsafe rename(temporary, path) == 0
        else { throw CommandError("\(path) cannot be written", status: .cannotCreate) }
    }
}
