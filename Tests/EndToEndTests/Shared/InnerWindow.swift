import Foundation
import Programs
import Web
import WindowAgent

/// A window's agent in the tests' own process: its files, its exchanges and its requests are the real ones, and thirty of them
/// need one process instead of thirty.
final class InnerWindow: Sendable {
    /// The code of its hospital.
    let hospital: String
    private let agent: Agent
    private let running: Task<Void, Never>
    private static let token = "inner"

    /// Makes the directory, and goes to work.
    ///
    /// - Parameter idleSeconds: nil waits at central.
    init(of hospital: String, in directory: URL, idleSeconds: UInt64?) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let agent = try Agent(
            directory: AgentDirectory(path: directory.path), token: Self.token, idleSeconds: idleSeconds,
            onError: { error, request in print("WINDOW \(request.method.rawValue): \(error)") })
        (self.hospital, self.agent) = (hospital, agent)
        running = Task { await agent.run() }
    }

    /// Ends what goes on by itself, and waits for it.
    func stop() async {
        running.cancel()
        await running.value
    }

    func enrol(at port: UInt16, token: String) async throws {
        try await call(
            .post, "/api/v1/enrolment", #"{"central": "http://127.0.0.1:\#(port)", "token": "\#(token)"}"#)
    }

    /// What a page asks of it; an answer that is no success is thrown.
    @discardableResult
    func call(_ method: Web.Method, _ target: String, _ body: String = "") async throws -> Value {
        let response = await agent.router.respond(
            to: Request(
                method, target,
                headers: ["Authorization": "Bearer \(Self.token)", "Content-Type": "application/json"],
                body: Array(body.utf8)))
        let text = String(decoding: response.body, as: UTF8.self)
        guard 200..<300 ~= response.status else {
            throw Failure("\(method.rawValue) \(target): \(response.status) \(text)")
        }
        return try Value(parsing: Data(response.body))
    }

    /// Registers a newborn; answers its case.
    func register(_ name: String) async throws -> String {
        try await call(.post, "/api/v1/cases?policy=gx-yongfu", #"{"childName": "\#(name)"}"#)["cases"].list[
            0][
                "id"
            ].text
    }

    func note(_ text: String, on caseID: String) async throws {
        try await call(.patch, "/api/v1/cases/\(caseID)", #"{"set": {"note": "\#(text)"}}"#)
    }

    /// Its newest cases, whichever computer of the hospital registered them.
    func newest(_ count: Int) async throws -> [String] {
        try await call(.get, "/api/v1/cases?limit=\(count)")["cases"].list.map { $0["id"].text }
    }

    func status() async throws -> Value { try await call(.get, "/api/v1/status") }

    /// How its records compare with central's; nothing is mended.
    func compare() async throws -> Value {
        try await call(.post, "/api/v1/resync", #"{"kind": "verify", "dryRun": true}"#)
    }
}
