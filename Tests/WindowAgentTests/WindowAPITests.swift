import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("The window's API")
struct WindowAPITests {
    @Test("A case file becomes a case with a number, and can be listed, shown and changed")
    func cases() async throws {
        let api = try await APIFixture()
        let body = #"{"childName": "测试一", "childSex": "2", "siblings": [{"childName": "测试二"}]}"#
        let made = try await api.call(.post, "/api/v1/cases?policy=gx-yongfu", body)
        #expect(made.status == 201)
        #expect(made.list("cases").count == 2)
        guard case .text(let id)? = made.list("cases").first?["id"],
            case .text(let number)? = made.list("cases").first?["number"]
        else { throw Broken(what: made.text) }
        #expect(CaseNumber(number) != nil)
        let listed = try await api.call(.get, "/api/v1/cases?limit=9")
        #expect(listed.list("cases").count == 2)
        #expect(listed.text.contains(number) && listed.text.contains("测试二"))
        let changed = try await api.call(
            .patch, "/api/v1/cases/\(id)", #"{"set": {"childName": "测试三", "gestationalWeeks": "39"}}"#)
        #expect(changed.status == 200)
        let shown = try await api.call(.get, "/api/v1/cases/\(id)")
        #expect(shown.json.members?["fields"]?.members?["childName"] == .text("测试三"))
        #expect(shown.json.members?["fields"]?.members?["gestationalWeeks"] == .number(39))
        #expect(shown["items"] != nil && shown["seen"] != nil)
    }

    @Test("A page that sends back what it saw leaves both values standing, and settles them with both dots")
    func seen() async throws {
        let api = try await APIFixture()
        let id = try await api.newCase()
        let name = "\(try group("childName"))"
        func dots() async throws -> String {
            let shown = try await api.call(.get, "/api/v1/cases/\(id)")
            guard case .list(let dots)? = shown.json.members?["seen"]?.members?[name] else { return "[]" }
            return String(decoding: try JSONEncoder().encode(dots), as: UTF8.self)
        }
        let page = try await dots()
        for text in ["甲", "乙"] {
            let body = #"{"set": {"childName": "\#(text)"}, "seen": {"\#(name)": \#(page)}}"#
            #expect(try await api.call(.patch, "/api/v1/cases/\(id)", body).status == 200)
        }
        let refused = try await api.call(.patch, "/api/v1/cases/\(id)", #"{"set": {"childName": "丙"}}"#)
        #expect(refused.status == 409)
        #expect(refused.text("detail")?.contains("不同的填写内容") == true)
        let both = try await dots()
        let settle = #"{"set": {"childName": "丙"}, "seen": {"\#(name)": \#(both)}, "reason": "户口簿"}"#
        #expect(try await api.call(.patch, "/api/v1/cases/\(id)", settle).status == 200)
        let shown = try await api.call(.get, "/api/v1/cases/\(id)")
        #expect(shown["conflicts"] == .list([]))
    }

    @Test("A save that is repeated under its key returns the first answer")
    func idempotency() async throws {
        let api = try await APIFixture()
        let headers: Headers = ["Idempotency-Key": "page-1", "Operator": "li"]
        let answers = try await (
            api.call(.post, "/api/v1/cases?policy=gx-yongfu", #"{"childName": "甲"}"#, headers: headers),
            api.call(.post, "/api/v1/cases?policy=gx-yongfu", #"{"childName": "甲"}"#, headers: headers)
        )
        #expect(answers.0.text == answers.1.text)
        #expect(try await api.store.figures().changes == 1)
        #expect(
            try await api.store.log().last?.content?.author == Author(role: .window, unit: "YF01", user: "li")
        )
        let other = try await api.call(
            .post, "/api/v1/cases?policy=gx-yongfu", #"{"childName": "乙"}"#, headers: headers)
        #expect(other.status == 422 && other.text("title")?.contains("未保存") == true)
    }

    @Test("Drafts are kept, given back byte by byte, and dropped")
    func drafts() async throws {
        let api = try await APIFixture()
        let path = "/api/v1/drafts/form-1"
        #expect(try await api.call(.get, path).status == 404)
        #expect(try await api.call(.put, path, "半个名字").status == 204)
        #expect(try await api.call(.get, path).text == "半个名字")
        #expect(try await api.call(.delete, path).status == 204)
        #expect(try await api.call(.get, path).status == 404)
    }

    @Test("The outbox tells what waits, how often it was tried, why it failed and when it is tried next")
    func outbox() async throws {
        let api = try await APIFixture()
        let id = try await api.newCase()
        api.machine.pass(milliseconds: 5000)
        var line = try #require(try await api.call(.get, "/api/v1/outbox").list("outbox").first)
        #expect(
            line["caseID"] == .text(id) && line["state"] == .text("waiting") && line["tries"] == .number(0))
        #expect(line["ageSeconds"] == .number(5))
        #expect(line["nextTry"] == .number(Decimal(api.machine.now)), "it goes at once")
        await api.link.behave(.fails(.network("no route to host")))
        let run = Task { await api.exchanger.run() }
        #expect(try await api.call(.post, "/api/v1/sync").text("error")?.contains("no route") == true)
        line = try #require(try await api.call(.get, "/api/v1/outbox").list("outbox").first)
        #expect(line["state"] == .text("retrying") && line["lastError"] == .text("no route to host"))
        guard case .number(let next)? = line["nextTry"] else { throw Broken(what: "nextTry") }
        #expect(next > Decimal(api.machine.now) && next <= Decimal(api.machine.now + 300_000))
        await api.link.behave(.answers)
        #expect(try await api.call(.post, "/api/v1/sync")["error"] == nil)
        #expect(try await api.call(.get, "/api/v1/outbox").list("outbox").isEmpty)
        let status = try await api.call(.get, "/api/v1/status")
        #expect(status["outbox"] == .number(0) && status["acknowledged"] == .number(1))
        run.cancel()
        await run.value
    }

    @Test(
        "Resync says what it would do, does it, and discards nothing", arguments: ["push", "pull", "rebuild"])
    func resync(kind: String) async throws {
        let api = try await APIFixture()
        let id = try await api.newCase()
        let dry = try await api.call(.post, "/api/v1/resync", #"{"kind": "\#(kind)", "dryRun": true}"#)
        #expect(
            dry["isDryRun"] == .bool(true) && dry["cases"] == .number(1) && dry["unconfirmed"] == .number(1))
        #expect(try await api.store.figures().sync.repair == nil)
        let run = Task { await api.exchanger.run() }
        for body in [#"{"kind": "\#(kind)"}"#, #"{"kind": "\#(kind)", "case": "\#(id)"}"#] {
            let done = try await api.call(.post, "/api/v1/resync", body)
            #expect(done.status == 200 && done["isFinished"] == .bool(true), "\(done.text)")
        }
        #expect(try await api.store.figures().changes == 1)
        run.cancel()
        await run.value
    }

    @Test("An enrolment is stored, and one that central declines is told and stored nowhere")
    func enrolment() async throws {
        let api = try await APIFixture(isEnrolled: false)
        let path = "/api/v1/enrolment"
        #expect(try await api.call(.get, "/api/v1/status")["hospital"] == nil)
        let declined = try await api.call(.post, path, #"{"central": "https://c", "token": "bad"}"#)
        #expect(declined.status == 502 && declined.text("detail")?.contains("spent") == true)
        for (method, target, body) in [
            (Web.Method.post, "/api/v1/sync", ""), (.post, "/api/v1/resync", #"{"kind": "push"}"#),
            (.post, "/api/v1/cases?policy=gx-yongfu", "{}"),
        ] {
            let answer = try await api.call(method, target, body)
            #expect(answer.status == 409 && answer.text("title") == "本机尚未登记到医院", "\(target)")
        }
        let done = try await api.call(.post, path, #"{"central": "https://c", "token": "good"}"#)
        #expect(done.status == 200 && done.text("code") == "YF01")
        #expect(try await api.call(.get, "/api/v1/status").text("hospital") == "YF01")
    }

    @Test("A full disk is told in Chinese, and the same save works when there is room")
    func fullDisk() async throws {
        let api = try await APIFixture()
        try await api.store.limitPages(more: 0)
        let text = String(repeating: "记", count: 20_000)
        let body = #"{"childName": "甲", "note": "\#(text)"}"#
        let refused = try await api.call(.put, "/api/v1/drafts/a", String(repeating: "x", count: 90_000))
        #expect(refused.status == 507 && refused.text("title") == "磁盘已满，未保存")
        try await api.store.limitPages(more: nil)
        #expect(try await api.call(.post, "/api/v1/cases?policy=gx-yongfu", body).status < 500)
    }
}
