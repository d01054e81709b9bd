import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("Decisions by pages")
struct StepPageTests {
    /// Takes a step as a clerk does: from the form on the page.
    @discardableResult
    private func take(
        _ step: String, of id: String, on pages: PageFixture, _ given: [String: String] = [:]
    ) async throws -> PageFixture.Shown {
        let page = try await pages.get("/cases/\(id)/steps")
        let action = step == "issue" ? "/cases/\(id)/certificate" : "/cases/\(id)/steps"
        let card = try #require(page.text.range(of: "data-step=\"\(step)\""), "no card for \(step)")
        let end = page.text.range(of: "</section>", range: card.upperBound..<page.text.endIndex)?.lowerBound
        let part = Markup(String(page.text[card.upperBound..<(end ?? page.text.endIndex)]))
        let form = try #require(part.form(action), "\(step) is not offered")
        let fields = form.fields.filter { given[$0.0] == nil } + given.map { ($0.key, $0.value) }
        return try await pages.post(action, fields, token: "")
    }

    @Test("A case goes from its draft to its closing by forms alone")
    func wholeLife() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth("01", ["items": .list([.text("birthCert"), .text("vaccCert")])])
        for (step, given, stage) in [
            ("submit", [:], "submitted"), ("accept", [:], "accepted"),
            ("issue", ["number": "Z459990001", "again": "z45999 0001"], "accepted"),
            ("vaccinate", ["vaccinated": "20250929"], "delivering"),
            ("handOver", ["artefact": "birthCert", "collector": "mother"], "delivering"),
            ("handOver", ["artefact": "vaccCert", "collector": "mother"], "delivered"),
            ("evaluate", ["evaluation": "5"], "evaluated"), ("close", [:], "closed"),
            ("reopen", ["reasons": "误操作"], "evaluated"),
        ] as [(String, [String: String], String)] {
            let shown = try await take(step, of: id, on: pages, given)
            #expect(shown.status == 200, "\(step): \(shown.text)")
            #expect(try await pages.api.stage(of: id) == stage, "\(step)")
            #expect(shown.markup.faults.isEmpty, "\(step): \(shown.markup.faults)")
        }
    }

    @Test("A refusal spells its reasons out before it is made, and its paper is at hand")
    func refusal() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth("01", ["bornInWedlock": .bool(false)])
        try await take("submit", of: id, on: pages)
        let page = try await pages.get("/cases/\(id)/steps")
        #expect(page.contains("本件应为") && page.contains("不予受理") && page.contains("YF-E"))
        let papers = try await take("refuse", of: id, on: pages)
        #expect(papers.contains("/cases/\(id)/papers/refusal"))
        let paper = try await pages.get("/cases/\(id)/papers/refusal")
        #expect(paper.status == 200 && !paper.contains("<style") && paper.contains("/assets/paper.css"))
        #expect(try await pages.get("/assets/paper.css").contains("@page"))
        // A paper of another decision says why it cannot be made.
        #expect(try await pages.get("/cases/\(id)/papers/acceptance").status == 409)
    }

    @Test("Two numbers that differ issue nothing, and neither does a number that is another's")
    func certificate() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth("01")
        try await take("submit", of: id, on: pages)
        try await take("accept", of: id, on: pages)
        let differ = try await take(
            "issue", of: id, on: pages, ["number": "Z459990001", "again": "Z459990002"])
        #expect(differ.status == 422 && differ.contains("两次填写的编号不一致"))
        let short = try await take("issue", of: id, on: pages, ["number": "Z4599", "again": "Z4599"])
        #expect(short.status == 422 && short.contains("1位大写字母加9位数字"))
        #expect(
            try await pages.life(of: id).answers.text(
                "birthCertNo") == nil)
    }

    @Test("A decision on what somebody has changed meanwhile is not taken")
    func moved() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth("01")
        try await take("submit", of: id, on: pages)
        let page = try await pages.get("/cases/\(id)/steps")
        let card = try #require(page.text.range(of: "data-step=\"accept\""))
        let form = try #require(Markup(String(page.text[card.upperBound...])).form("/cases/\(id)/steps"))
        _ = try await pages.api.call(
            .patch, "/api/v1/cases/\(id)", #"{"set": {"motherPhone": "13977320001"}}"#)
        let answer = try await pages.submit("/cases/\(id)/steps", form.fields, token: "")
        #expect(answer.status == 409 && answer.contains("办件已有新的变更"))
        #expect(try await pages.api.stage(of: id) == "submitted")
    }

    @Test("With a doubtful clock the day has to be said, and is what is recorded")
    func doubtfulClock() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth("01")
        pages.api.machine.set(now: pages.api.machine.now - 86_400_000)
        _ = try await pages.api.call(
            .patch, "/api/v1/cases/\(id)", #"{"set": {"motherPhone": "13977320001"}}"#)
        let page = try await pages.get("/cases/\(id)/steps")
        #expect(page.contains("本机时钟有疑") && page.contains("name=\"date\" value=\"\""))
        #expect(try await take("submit", of: id, on: pages).contains("请先确认今天的日期"))
        #expect(try await take("submit", of: id, on: pages, ["date": "明天"]).status == 422)
        try await take("submit", of: id, on: pages, ["date": "2025.9.29"])
        #expect(try await pages.api.stage(of: id) == "submitted")
    }

    @Test("The history tells every change with its author and what became of it")
    func history() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth("01")
        _ = try await pages.api.call(
            .patch, "/api/v1/cases/\(id)", #"{"set": {"motherPhone": "13977320001"}, "reason": "核对身份证"}"#,
            headers: ["Operator": "李强"])
        let shown = try await pages.get("/cases/\(id)/history")
        // The account "clerk" is 王芳's; who has none here is called as the change says.
        #expect(shown.contains("王芳") && !shown.contains(">clerk<") && shown.contains("李强"))
        #expect(try await pages.get("/audit").contains("王芳（clerk）"))
        #expect(shown.contains("母亲联系电话：139****0001") && shown.contains("理由：核对身份证"))
        #expect(shown.contains("已被更新"))
    }
}
