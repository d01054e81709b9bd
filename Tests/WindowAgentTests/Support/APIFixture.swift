import Casework
import Cryptography
import Foundation
import SyncProtocol
import Web

@testable import WindowAgent

/// The API of one window as a function from requests to responses.
struct APIFixture {
    let machine: TestMachine
    let store: WindowStore
    let exchanger: Exchanger
    let link = FakeLink()
    let router: Router

    init(isEnrolled: Bool = true, duplicatesKey: SecretBytes? = nil) async throws {
        machine = try TestMachine()
        store = try await machine.open(isEnrolled: isEnrolled, duplicatesKey: duplicatesKey)
        exchanger = Exchanger(
            store: store, link: link, environment: machine.environment,
            schedule: SyncSchedule(idleSeconds: 3600))
        router = WindowAPI(
            store: store, exchanger: exchanger, enroller: FakeEnroller(), token: "secret",
            dictionary: .standard, environment: machine.environment
        ).router()
    }

    struct Answer {
        let status: Int
        let json: JSON
        let text: String

        subscript(key: String) -> JSON? { json.members?[key] }

        func text(_ key: String) -> String? {
            if case .text(let text)? = json.members?[key] { text } else { nil }
        }

        func list(_ key: String) -> [[String: JSON]] {
            guard case .list(let list)? = json.members?[key] else { return [] }
            return list.compactMap(\.members)
        }
    }

    func call(
        _ method: Web.Method, _ target: String, _ body: String = "", token: String? = "secret",
        headers: Headers = Headers()
    ) async throws -> Answer {
        try await call(method, target, bytes: Array(body.utf8), token: token, headers: headers)
    }

    func call(
        _ method: Web.Method, _ target: String, bytes: [UInt8], token: String? = "secret",
        headers: Headers = Headers()
    ) async throws -> Answer {
        var headers = headers
        if let token { headers["Authorization"] = "Bearer \(token)" }
        let response = await router.respondByContract(
            to: Request(method, target, headers: headers, body: bytes))
        // Not every answer is JSON: a draft, a health check.
        let json = (try? JSON(parsing: response.body)) ?? .null
        return Answer(
            status: response.status, json: json, text: String(decoding: response.body, as: UTF8.self))
    }

    /// Registers a newborn and tells its case.
    func newCase(_ body: String = #"{"childName": "测试一", "motherPhone": "19900000001"}"#) async throws
        -> String
    {
        let answer = try await call(.post, "/api/v1/cases?policy=gx-yongfu", body)
        guard case .text(let id)? = answer.list("cases").first?["id"] else { throw Broken(what: answer.text) }
        return id
    }

    /// Registers the demo's complete birth of 永福 with some answers changed; null takes one back.
    func newBirth(_ changes: [String: JSON] = [:]) async throws -> String {
        let file = URL(filePath: #filePath).appending(path: "../../../Demo/Births/01.json")
            .standardizedFileURL
        let answers = try JSON(parsing: [UInt8](try Data(contentsOf: file))).members ?? [:]
        let body = try JSONEncoder().encode(JSON.object(answers.merging(changes) { $1 }))
        return try await newCase(String(decoding: body, as: UTF8.self))
    }

    /// Takes a step; its other members as JSON without the braces.
    @discardableResult
    func step(_ step: String, of id: String, _ members: String = "", headers: Headers = Headers())
        async throws
        -> Answer
    {
        let rest = members.isEmpty ? "" : ", \(members)"
        return try await call(
            .post, "/api/v1/cases/\(id)/steps", #"{"step": "\#(step)"\#(rest)}"#, headers: headers)
    }

    /// The word of a case's stage.
    func stage(of id: String) async throws -> String {
        // Of a case that is over nothing is shown without a reason.
        let shown = try await call(.get, "/api/v1/cases/\(id)", headers: ["Reason": "test"])
        return (shown["life"]?.members?["stage"]).flatMap {
            if case .text(let text) = $0 { text } else { nil }
        }
            ?? shown.text
    }

    /// Everything that a refusal must leave as it was.
    func trace() async throws -> [Int64] {
        [
            try await store.count("SELECT count(*) FROM change"),
            try await store.count("SELECT count(*) FROM draft"),
            try await store.count("SELECT count(*) FROM save"),
            try await store.count("SELECT count(*) FROM outbox"),
            try await store.count("SELECT count(*) FROM replica"),
            try await store.count("SELECT count(*) FROM counter"),
            try await store.count("SELECT count(*) FROM enrolment"),
            try await store.count("SELECT count(*) FROM sync_state WHERE repair_cause IS NOT NULL"),
        ]
    }
}
