import Accounts
import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("Reading a case that is over")
struct ReasonTests {
    private let fixture: AccountFixture
    private let id: String

    init() async throws {
        fixture = try await AccountFixture()
        try await fixture.sign(Account(name: "li", displayName: "李", roles: [.clerk]))
        try await fixture.sign(Account(name: "wang", displayName: "王", roles: [.clerk]))
        id = try await fixture.window.newCase()
    }

    private func close() async throws -> CaseID {
        let caseID = try #require(CaseID(id))
        guard try await !fixture.window.store.isOver(caseID) else { return caseID }
        let group = try #require(FieldDictionary.standard.group(named: "withdrawal")).id
        var central = await fixture.window.link.withCentral { $0 }
        central.enter(caseID, .test)
        try central.write([group: .init(value: [.text("2026-09-22"), .null], replaces: [])], on: caseID)
        _ = try await central.settle(with: fixture.window.store)
        #expect(try await fixture.window.store.isOver(caseID))
        return caseID
    }

    @Test(
        "A page asks for the reason and then shows the case; the line has it; another person, another session and half an hour later are asked again"
    )
    func page() async throws {
        _ = try await close()
        let session = try await fixture.session(of: "li")
        let first = await fixture.respond(.get, "/cases/\(id)", session)
        #expect(first.status == 303)
        let form = try #require(first.headers["Location"])
        #expect(form.hasPrefix("/cases/\(id)/reason?next="))
        #expect(await fixture.respond(.get, form, session).status == 200)
        #expect(await fixture.post("/cases/\(id)/reason", session, "reason=&next=/cases/\(id)").status == 422)
        let given = await fixture.post(
            "/cases/\(id)/reason", session, "basis=%E7%BE%A4%E4%BC%97%E5%92%A8%E8%AF%A2&next=/cases/\(id)")
        #expect(given.status == 303 && given.headers["Location"] == "/cases/\(id)")
        #expect(await fixture.respond(.get, "/cases/\(id)", session).status == 200)
        let line = try #require(
            try await fixture.window.store.auditTrail().first {
                $0.route == "GET /cases/{id}" && $0.status == nil && $0.reason != nil
            })
        #expect(line.reason == "群众咨询" && line.who == "li" && line.cases.first?.description == id)
        #expect(
            await fixture.respond(.get, "/cases/\(id)", try await fixture.session(of: "wang")).status == 303)
        #expect(
            await fixture.respond(.get, "/cases/\(id)", try await fixture.session(of: "li")).status == 303)
        fixture.window.machine.pass(milliseconds: ReasonMemory.milliseconds)
        #expect(await fixture.respond(.get, "/cases/\(id)", session).status == 303)
        // Nothing leads out of the case.
        let astray = await fixture.post("/cases/\(id)/reason", session, "reason=x&next=//evil.example")
        #expect(astray.headers["Location"] == "/cases/\(id)")
    }

    @Test("A program gives it in a header; without one it is told so in Chinese, and nothing is shown")
    func program() async throws {
        _ = try await close()
        let refused = try await fixture.window.call(
            .get, "/api/v1/cases/\(id)", headers: ["Operator": "zhao"])
        #expect(refused.status == 428 && refused.text("title")?.contains("理由") == true)
        var headers: Headers = ["Operator": "zhao"]
        headers["Reason"] = PercentCoding.encode("投诉核查")
        #expect(try await fixture.window.call(.get, "/api/v1/cases/\(id)", headers: headers).status == 200)
        headers["Reason"] = "%20"
        #expect(try await fixture.window.call(.get, "/api/v1/cases/\(id)", headers: headers).status == 400)
        let lines = try await fixture.window.store.auditTrail().filter { $0.reason == "投诉核查" }
        #expect(lines.count == 1 && lines.first?.isMachine == true && lines.first?.who == "zhao")
    }

    @Test("Who has just ended the case himself is not asked")
    func own() async throws {
        let other = try await fixture.window.newCase(#"{"childName": "测试三"}"#)
        let session = try await fixture.session(of: "li")
        _ = await fixture.respond(.patch, "/api/v1/cases/\(other)", session, #"{"set": {"note": "x"}}"#)
        let caseID = try #require(CaseID(other))
        let group = try #require(FieldDictionary.standard.group(named: "withdrawal")).id
        var central = await fixture.window.link.withCentral { $0 }
        central.enter(caseID, .test)
        try central.write([group: .init(value: [.text("2026-09-22"), .null], replaces: [])], on: caseID)
        _ = try await central.settle(with: fixture.window.store)
        #expect(await fixture.respond(.get, "/cases/\(other)", session).status == 200)
        #expect(
            await fixture.respond(.get, "/cases/\(other)", try await fixture.session(of: "wang")).status
                == 303)
    }
}
