import Casework
import Cryptography
import Foundation
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("The departments' HTTP interface")
struct TaskAPITests {
    private let world: World
    private let api: CentralAPI
    private let router: Router
    private let staff: Token

    init() throws {
        world = try World()
        staff = Token(world.environment)
        api = world.api(for: staff)
        router = api.router { _, _ in }
    }

    private func call(
        _ method: Web.Method, _ target: String, _ body: String = "", token: String? = nil, user: String? = nil
    ) async throws -> (status: Int, json: JSON?, text: String) {
        var headers: Headers = ["Authorization": "Bearer \(token ?? staff.text)"]
        if let user { headers["Operator"] = user }
        let response = await router.respondByContract(
            to: Request(method, target, headers: headers, body: Array(body.utf8)))
        let text = String(decoding: response.body, as: UTF8.self)
        return (response.status, try? JSON(parsing: response.body), text)  // an empty body is none
    }

    private func token(_ code: String) async throws -> String {
        let added = try await call(.post, "/api/v1/departments", #"{"code":"\#(code)","name":"局"}"#)
        #expect(added.status == 201)
        guard case .text(let token)? = added.json?.members?["token"] else { throw Broken(what: "a token") }
        return token
    }

    /// Values that no other field has, so that a leak of any shows.
    private static let secrets: [UInt32: [CBOR]] = [
        50: [.text("母亲秘密姓名")], 55: [.text("13800001234")],
        120: [.null, .null, .text("秘密开户行"), .text("6222020000001234567"), .text("oneStop")],
        130: [.text("guilin")],
    ]

    @Test("Nothing leaves but what the item consumes, not even what stands in the same group")
    func privacy() async throws {
        let (ward, caseID, first) = try await world.accepted(items: [
            "birthCert", "hukou", "ssCard", "maternity",
        ])
        var writer = first
        try writer.write(caseID, Self.secrets.mapValues { ($0, []) })
        try await ward.push(writer.run(2))
        for code in ["health", "cdc", "police", "medins", "hrss"] {
            let token = try await token(code)
            let answer = try await call(.get, "/api/v1/departments/\(code)/tasks?limit=200", token: token)
            #expect(answer.status == 200)
            let policy = try #require(PolicyLibrary.standard["gx"])
            let tasks = try #require(answer.json?.members?["tasks"].entries)
            #expect(!tasks.isEmpty)
            for task in tasks.compactMap(\.members) {
                guard case .text(let item)? = task["item"], case .list(let fields)? = task["fields"] else {
                    Issue.record("a task with fields")
                    continue
                }
                let needs = try #require(policy.item(item)).needs
                for field in fields.compactMap(\.members) {
                    guard case .text(let key)? = field["key"] else { continue }
                    #expect(needs.contains(key), "\(item) shows \(key)")
                }
                if task["state"] == .text("held") { #expect(fields.isEmpty) }
            }
            // No region-wide item consumes the account, and only the card's own item the bank.
            for word in ["秘密开户行", "6222020000001234567", "guilin", "桂林银行"] {
                #expect(!answer.text.contains(word), "\(code): \(word)")
            }
            if code == "medins" { #expect(answer.text.contains("oneStop") && answer.text.contains("母亲秘密姓名")) }
        }
    }

    @Test(
        "A batch is answered result by result; one too many is refused; what cannot be read hinders no other")
    func batch() async throws {
        let (_, caseID, _) = try await world.accepted()
        let token = try await token("health")
        func result(_ id: String, item: String = "birthCert", more: String = "") -> String {
            #"{"id":"\#(id)","caseID":"\#(caseID)","item":"\#(item)","outcome":"done","date":"2026-09-21"\#(more)}"#
        }
        let rows = [
            result("a"), result("a"), result("b", item: "hukou"),
            result("c", item: "parenting", more: #","values":{"x":1}"#),
            #"{"id":"d","caseID":"?","item":"parenting","outcome":"done","date":"2026-09-21"}"#,
            #"{"id":"e","caseID":"\#(caseID)","item":"parenting","outcome":"maybe","date":"21.9."}"#,
            result("f", item: "parenting", more: #","asOf":"20:zz""#), result("g", item: "parenting"),
        ]
        let path = "/api/v1/departments/health/result-batches"
        let answer = try await call(
            .post, path, #"{"results":[\#(rows.joined(separator: ","))]}"#, token: token)
        #expect(answer.status == 200)
        let states = answer.json?.members?["results"].entries.compactMap { $0.members?["state"] }
        #expect(
            states
                == ["taken", "repeated", "refused", "refused", "refused", "refused", "refused", "taken"].map {
                    .text($0)
                })
        #expect(answer.text.contains("办结日期（date）应为 YYYY-MM-DD。"))
        let many = [String](repeating: result("z"), count: DepartmentDesk.batchCountMax + 1).joined(
            separator: ",")
        #expect(try await call(.post, path, #"{"results":[\#(many)]}"#, token: token).status == 400)
    }

    @Test("A result by hand tells who gave it: 201 taken, 200 repeated, 202 kept, 422 with the reasons")
    func byHand() async throws {
        let (_, caseID, _) = try await world.accepted()
        func send(_ id: String, _ department: String, _ item: String, _ more: String = "") async throws -> (
            Int, String
        ) {
            let body =
                #"{"id":"\#(id)","caseID":"\#(caseID)","item":"\#(item)","outcome":"done","date":"2026-09-21"\#(more)}"#
            let answer = try await call(.post, "/api/v1/departments/\(department)/results", body, user: "王科员")
            return (answer.status, answer.text)
        }
        let number = #","values":{"childIdNo":"\#(World.number)"}"#
        #expect(try await send("early", "police", "hukou", number).0 == 202)
        #expect(try await send("b", "health", "birthCert").0 == 201)
        #expect(try await send("b", "health", "birthCert").0 == 200)
        let author = try await world.state(of: caseID).registers[GroupID(rawValue: 200)]?.standing.first?
            .author
        #expect(author == Author(role: .department, unit: "health", user: "王科员"))
        let wrong = try await send("h", "police", "hukou", #","values":{"childIdNo":"450326202609010011"}"#)
        #expect(wrong.0 == 422 && wrong.1.contains("新生儿公民身份号码") && !wrong.1.contains("450326202609010011"))
        #expect(try await send("h", "police", "hukou").1.contains("childIdNo"))
        #expect(try await send("h", "police", "hukou", number).0 == 201)
        #expect(try await send("x", "police", "ssCard").0 == 404)
    }

    @Test("A claim goes to its operator; the department renews its own token; another's addresses stay shut")
    func doors() async throws {
        let (_, caseID, _) = try await world.accepted()
        let (health, police) = (try await token("health"), try await token("police"))
        let claim = "/api/v1/departments/health/tasks/\(caseID)/birthCert/claim"
        #expect(try await call(.post, claim, #"{"minutes":5}"#, token: health, user: "a").status == 200)
        let other = try await call(.post, claim, #"{"minutes":5}"#, token: health, user: "b")
        #expect(other.status == 409 && other.text.contains("milliseconds"))
        #expect(try await call(.delete, claim, token: health, user: "a").status == 204)
        for (method, path) in [
            (Web.Method.get, "tasks"), (.get, "tasks/\(caseID)/birthCert"),
            (.post, "tasks/\(caseID)/birthCert/claim"),
            (.get, "tasks/\(caseID)/birthCert/attachments/00"), (.post, "results"), (.post, "result-batches"),
            (.post, "token"),
        ] {
            #expect(
                try await call(method, "/api/v1/departments/health/\(path)", token: police).status == 401,
                "\(path)")
        }
        #expect(try await call(.post, "/api/v1/departments/health/disabling", token: health).status == 401)
        let renewed = try await call(.post, "/api/v1/departments/health/token", token: health)
        #expect(renewed.status == 201)
        #expect(try await call(.post, "/api/v1/departments/health/disabling").status == 204)
        #expect(try await call(.get, "/api/v1/departments/health/tasks", token: health).status == 401)
        #expect(try await call(.get, "/api/v1/departments/health/tasks?after=x").status == 400)
        #expect(try await call(.get, "/api/v1/departments/health/tasks?state=odd").status == 400)
        let hash = String(repeating: "0", count: 64)
        let page = "/api/v1/departments/police/tasks/\(caseID)/hukou/attachments/\(hash)"
        #expect(try await call(.get, page, token: police).status == 404)
    }
}

extension JSON? {
    fileprivate var entries: [JSON] { if case .list(let entries)? = self { entries } else { [] } }
}
