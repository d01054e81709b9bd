import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("What the window's API refuses")
struct WindowAPIRefusalTests {
    /// A request that must be refused, and what its problem has to say.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let method: Web.Method
        let target: String
        var body = ""
        let status: Int
        /// Words of title, detail or remedy.
        var words: [String] = []

        var testDescription: String { "\(method.rawValue) \(target) \(body.prefix(60))" }
    }

    private static let newCase = "/api/v1/cases?policy=gx-yongfu"

    private static let caseFiles = [
        Refusal(
            method: .post, target: newCase, body: "{\n \"childName\": ,\n}", status: 422, words: ["2", "15"]),
        Refusal(method: .post, target: newCase, body: "", status: 422, words: ["1"]),
        Refusal(method: .post, target: newCase, body: "[]", status: 422, words: ["办件文件"]),
        Refusal(
            method: .post, target: newCase, body: #"{"childNmae": "甲"}"#, status: 422,
            words: ["“childNmae”", "childNmae:"]),
        Refusal(
            method: .post, target: newCase,
            body: #"{"motherIdType": "01", "motherIdNo": "450326199403129940"}"#,
            status: 422, words: ["校验", "motherIdNo:"]),
        Refusal(
            method: .post, target: newCase, body: #"{"childName": "甲", "childName": "乙"}"#, status: 422,
            words: ["1"]),
        Refusal(
            method: .post, target: newCase, body: #"{"hukouResultStatus": "done"}"#, status: 422,
            words: ["hukouResultStatus:"]),
        Refusal(
            method: .post, target: newCase, body: #"{"caseNumber": "X"}"#, status: 422, words: ["caseNumber:"]
        ),
        Refusal(
            method: .post, target: newCase,
            body: #"{"note": "\#(String(repeating: "x", count: CaseFile.bytesMax))"}"#,
            status: 422, words: ["办件文件"]),
        Refusal(
            method: .post, target: newCase,
            body: #"{"siblings": [\#(Array(repeating: "{}", count: 10).joined(separator: ","))]}"#,
            status: 422,
            words: ["同胞", "siblings"]),
        Refusal(
            method: .post, target: "/api/v1/cases?policy=nowhere", body: "{}", status: 422,
            words: ["gx-yongfu"]),
        Refusal(method: .post, target: "/api/v1/cases", body: "{}", status: 422, words: ["gx-yongfu"]),
    ]

    private static let edits = [
        Refusal(method: .patch, target: "/api/v1/cases/ID", body: "{", status: 400),
        Refusal(method: .patch, target: "/api/v1/cases/ID", body: "{}", status: 400),
        Refusal(
            method: .patch, target: "/api/v1/cases/ID", body: #"{"set": {}, "more": 1}"#, status: 400,
            words: ["is not expected", "openapi.json"]),
        Refusal(method: .patch, target: "/api/v1/cases/ID", body: #"{"set": {}, "reason": 1}"#, status: 400),
        Refusal(
            method: .patch, target: "/api/v1/cases/ID", body: #"{"set": {}, "seen": {"x": []}}"#, status: 400),
        Refusal(
            method: .patch, target: "/api/v1/cases/ID", body: #"{"set": {}, "seen": {"20": ["x"]}}"#,
            status: 400),
        Refusal(
            method: .patch, target: "/api/v1/cases/ID",
            body: #"{"set": {"childName": "乙"}, "seen": {"20": ["00000000000000aa.1"]}}"#, status: 409,
            words: ["刷新"]),
        Refusal(
            method: .patch, target: "/api/v1/cases/ID",
            body: #"{"set": {}, "reason": "\#(String(repeating: "x", count: 2049))"}"#, status: 400),
        Refusal(
            method: .patch, target: "/api/v1/cases/ID", body: #"{"set": {"childNmae": "乙"}}"#, status: 422,
            words: ["“childNmae”"]),
        Refusal(
            method: .patch, target: "/api/v1/cases/ID", body: #"{"set": {"childIdNo": "x"}}"#, status: 422,
            words: ["childIdNo:"]),
        Refusal(
            method: .patch, target: "/api/v1/cases/01977420-dc00-7123-8000-000000004567",
            body: #"{"set": {}}"#,
            status: 404, words: ["没有这个办件"]),
        Refusal(method: .get, target: "/api/v1/cases/01977420-dc00-7123-8000-000000004567", status: 404),
        Refusal(method: .get, target: "/api/v1/cases/hello", status: 404),
    ]

    private static let others = [
        Refusal(
            method: .put, target: "/api/v1/drafts/\(String(repeating: "x", count: 65))", body: "x",
            status: 400),
        Refusal(
            method: .put, target: "/api/v1/drafts/a",
            body: String(repeating: "x", count: WindowStore.draftBytesMax + 1),
            status: 413, words: ["草稿过大"]),
        Refusal(method: .post, target: "/api/v1/resync", body: #"{"kind": "forget"}"#, status: 400),
        Refusal(method: .post, target: "/api/v1/resync", body: "", status: 400),
        Refusal(
            method: .post, target: "/api/v1/resync", body: #"{"kind": "push", "case": "x"}"#, status: 404),
        Refusal(
            method: .post, target: "/api/v1/resync",
            body: #"{"kind": "pull", "case": "01977420-dc00-7123-8000-000000004567"}"#, status: 404),
        Refusal(method: .post, target: "/api/v1/enrolment", body: "{}", status: 400),
        Refusal(method: .get, target: "/api/v1/nothing", status: 404),
        Refusal(method: .delete, target: "/api/v1/cases", status: 405),
    ]

    @Test("It says what is wrong and what to do, and writes nothing", arguments: caseFiles + edits + others)
    func refuses(_ refusal: Refusal) async throws {
        let api = try await APIFixture()
        let id = try await api.newCase()
        let before = try await api.trace()
        let target = refusal.target.replacingOccurrences(of: "/ID", with: "/" + id)
        let answer = try await api.call(
            refusal.method, target, refusal.body, headers: ["Idempotency-Key": "page-1"])
        #expect(answer.status == refusal.status, "\(answer.text)")
        #expect(answer.text("title")?.isEmpty == false)
        let said = [answer.text("title"), answer.text("detail"), answer.text("remedy")].compactMap { $0 }
            .joined(separator: "\n")
        for word in refusal.words { #expect(said.contains(word), "\(said)") }
        #expect(try await api.trace() == before)
    }

    @Test("No sentence repeats what somebody typed")
    func noPersonalData() async throws {
        let api = try await APIFixture()
        let body =
            #"{"motherIdType": "01", "motherIdNo": "450326199403129940", "王小明的备注": "王小明", "childSex": "王小明"}"#
        let answer = try await api.call(.post, Self.newCase, body)
        #expect(answer.status == 422)
        #expect(!answer.text.contains("王小明") && !answer.text.contains("450326199403129940"))
    }

    private static let routes: [(Web.Method, String)] = [
        (.post, "/api/v1/cases"), (.get, "/api/v1/cases"), (.get, "/api/v1/cases/x"),
        (.patch, "/api/v1/cases/x"),
        (.post, "/api/v1/cases/x/steps"), (.get, "/api/v1/due"),
        (.get, "/api/v1/cases/x/papers/refusal"), (.put, "/api/v1/drafts/x"),
        (.get, "/api/v1/drafts/x"),
        (.delete, "/api/v1/drafts/x"), (.get, "/api/v1/outbox"), (.get, "/api/v1/status"),
        (.post, "/api/v1/sync"),
        (.post, "/api/v1/resync"), (.post, "/api/v1/enrolment"),
    ]

    @Test("Every route but the health check asks for the token", arguments: [nil, "", "Secret", "secret "])
    func token(_ token: String?) async throws {
        let api = try await APIFixture()
        let before = try await api.trace()
        for (method, target) in Self.routes {
            let answer = try await api.call(method, target, "{}", token: token)
            #expect(answer.status == 401, "\(method.rawValue) \(target)")
            #expect(answer.text("remedy")?.isEmpty == false)
        }
        #expect(try await api.trace() == before)
        #expect(try await api.call(.get, "/healthz", token: token).text == "ok\n")
    }

    @Test("Names, save IDs and users have their limits", arguments: ["Operator", "Idempotency-Key"])
    func headers(name: String) async throws {
        let api = try await APIFixture()
        let before = try await api.trace()
        var headers = Headers()
        headers[name] = String(repeating: "x", count: 129)
        #expect(try await api.call(.post, Self.newCase, "{}", headers: headers).status == 400)
        #expect(try await api.trace() == before)
    }
}
