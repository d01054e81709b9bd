import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

/// A real agent and a real central in one process, with HTTP between them, each of the versions that the test says. The clock
/// is the machine's, and can be put forward for both.
final class Wire {
    let central: ServedCentral
    private let server: Server
    private let directory: String
    private let ahead = Guarded<UInt64>(0)
    private var agent: Agent?
    private var run: Task<Void, Never>?

    private init() throws {
        directory = NSTemporaryDirectory() + "wire-" + UUID().uuidString
        for name in ["central", "window"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
        }
        let ahead = ahead
        central = ServedCentral(directory: directory + "/central") {
            WindowStore.Environment.system.milliseconds() + ahead.withLock { $0 }
        }
        server = try Server(configuration: Server.Configuration(), handler: central)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }  // what stays is only litter

    /// Both run while the test does.
    static func running(
        window: ClosedRange<UInt64>, central: ClosedRange<UInt64>, _ body: (Wire) async throws -> Void
    ) async throws {
        let wire = try Wire()
        try wire.central.start(speaking: central)
        try wire.start(speaking: window)
        var failure: (any Error)?
        do { try await body(wire) } catch { failure = error }
        await wire.stop()
        try await wire.central.stop()
        await wire.server.stop()
        if let failure { throw failure }
    }

    func pass(milliseconds: UInt64) { ahead.withLock { $0 += milliseconds } }

    // MARK: The agent

    private func start(speaking versions: ClosedRange<UInt64>) throws {
        let (ahead, system) = (ahead, WindowStore.Environment.system)
        let agent = try Agent(
            directory: AgentDirectory(path: directory + "/window"), token: "secret",
            environment: WindowStore.Environment(
                milliseconds: { system.milliseconds() + ahead.withLock { $0 } }, random: system.random),
            versions: versions
        ) { error, _ in Issue.record(error) }
        self.agent = agent
        run = Task { await agent.run() }
    }

    private func stop() async {
        run?.cancel()
        await run?.value
        (agent, run) = (nil, nil)
    }

    /// Ends the agent's process and begins another over its directory.
    func restart(speaking versions: ClosedRange<UInt64>) async throws {
        await stop()
        try start(speaking: versions)
    }

    /// What an end's API answered.
    struct Answer {
        let status: Int
        let text: String
        let members: [String: JSON]

        init(_ response: Response) {
            status = response.status
            text = String(decoding: response.body, as: UTF8.self)
            members = (try? JSON(parsing: response.body))?.members ?? [:]  // a refusal may be no JSON
        }

        subscript(key: String) -> JSON? { members[key] }

        func text(_ key: String) -> String? {
            if case .text(let text)? = members[key] { text } else { nil }
        }

        func list(_ key: String) -> [Answer] {
            guard case .list(let list)? = members[key] else { return [] }
            return list.map { Answer($0) }
        }

        private init(_ json: JSON) { (status, text, members) = (200, "", json.members ?? [:]) }
    }

    func window(_ method: Web.Method, _ target: String, _ body: String = "") async throws -> Answer {
        guard let agent else { throw Broken("the agent does not run") }
        return Answer(
            await agent.router.respond(
                to: Request(
                    method, target, headers: ["Authorization": "Bearer secret"], body: Array(body.utf8))))
    }

    func staff(_ method: Web.Method, _ target: String, _ body: String = "") async throws -> Answer {
        Answer(try await central.staff(method, target, body))
    }

    // MARK: What people do

    /// Central adds a hospital, and its window is enrolled over the network.
    func enrol() async throws {
        let added = try await staff(
            .post, "/api/v1/hospitals",
            #"{"code": "YF", "name": "永福县医院", "policies": ["gx-yongfu"], "user": "desk"}"#)
        try #require(added.status == 201, "\(added.text)")
        let issued = try await staff(.post, "/api/v1/hospitals/YF/enrolment-tokens")
        let token = try #require(issued.text("token"), "\(issued.text)")
        let enrolled = try await window(
            .post, "/api/v1/enrolment",
            #"{"central": "http://127.0.0.1:\#(server.port)", "token": "\#(token)"}"#)
        try #require(enrolled.status == 200, "\(enrolled.text)")
    }

    /// A clerk registers a newborn; answers its case's ID.
    func register(_ name: String) async throws -> String {
        let saved = try await window(
            .post, "/api/v1/cases?policy=gx-yongfu", #"{"childName": "\#(name)"}"#)
        return try #require(saved.list("cases").first?.text("id"), "\(saved.text)")
    }

    /// How many changes central has not confirmed.
    func outboxCount() async throws -> Int { try await window(.get, "/api/v1/outbox").list("outbox").count }

    /// What the last exchange failed with, as `status` tells it.
    func lastError() async throws -> String? {
        guard case .text(let error)? = try await window(.get, "/api/v1/status")["sync"]?.members?["lastError"]
        else { return nil }
        return error
    }
}
