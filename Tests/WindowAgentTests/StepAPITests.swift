import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("Steps by the window's API")
struct StepAPITests {
    @Test("A case goes from registration to its closing, and each step tells where it stands")
    func wholeLife() async throws {
        let api = try await APIFixture()
        let id = try await api.newBirth(["items": .list([.text("birthCert"), .text("vaccCert")])])
        #expect(try await api.stage(of: id) == "draft")
        for (step, members, stage) in [
            ("submit", "", "submitted"), ("accept", "", "accepted"),
            ("issue", #""number": "Z459990001""#, "accepted"), ("vaccinate", "", "delivering"),
            ("handOver", #""artefact": "birthCert", "collector": "mother""#, "delivering"),
            ("handOver", #""collector": "mother""#, "delivered"),
            ("evaluate", #""evaluation": "5""#, "evaluated"), ("close", "", "closed"),
            ("reopen", #""reasons": ["误操作"]"#, "evaluated"),
        ] {
            let answer = try await api.step(step, of: id, members)
            #expect(answer.status == 200, "\(step): \(answer.text)")
            #expect(try await api.stage(of: id) == stage, "\(step)")
        }
        #expect(try await api.store.faults().isEmpty)
    }

    @Test("A correction and a withdrawal")
    func otherLives() async throws {
        let api = try await APIFixture()
        let id = try await api.newBirth(["materials": .list([])])
        try await api.step("submit", of: id)
        let refused = try await api.step("accept", of: id)
        #expect(refused.status == 409 && refused.text("detail")?.contains("请补正：") == true)
        #expect(try await api.step("correct", of: id).status == 200)
        #expect(try await api.stage(of: id) == "correcting")
        try await api.step("submit", of: id)
        #expect(try await api.stage(of: id) == "submitted")
        let unexplained = try await api.step("withdraw", of: id)
        #expect(unexplained.status == 422 && unexplained.text("detail") == "请填写理由。")
        #expect(try await api.step("withdraw", of: id, #""reasons": ["家属要求"]"#).status == 200)
        #expect(try await api.stage(of: id) == "withdrawn")
        #expect(try await api.step("accept", of: id).status == 409)
    }

    @Test("A refusal records every code, and its paper has a number of its own")
    func refusal() async throws {
        let api = try await APIFixture()
        let id = try await api.newBirth(["bornInWedlock": .bool(false)])
        try await api.step("submit", of: id)
        let answer = try await api.step("refuse", of: id)
        guard case .text(let number)? = answer.list("cases").first?["notice"] else {
            throw Broken(what: answer.text)
        }
        #expect(CaseNumber(number) != nil)
        let life = try #require(try await api.call(.get, "/api/v1/cases/\(id)")["life"]?.members)
        #expect(life["word"] == .text("不予受理"))
        guard case .list(let notices)? = life["notices"],
            case .list(let reasons)? = life["decision"]?.members?["reasons"]
        else { throw Broken(what: "life") }
        #expect(notices.map { $0.members?["number"] } == [.text(number)])
        #expect(reasons.compactMap { $0.members?["code"] } == [.text("YF-E08")])
    }

    @Test("Notices add up: none replaces another")
    func notices() async throws {
        let api = try await APIFixture()
        let id = try await api.newBirth(["materials": .list([])])
        for step in ["submit", "correct", "submit", "correct"] {
            #expect(try await api.step(step, of: id).status == 200)
        }
        let standing = try await api.store.state(of: try #require(CaseID(id))).registers[try group("notice")]?
            .standing
        #expect(standing?.count == 2)
        #expect(Set(try #require(standing).map(\.value)).count == 2, "each has its number")
    }

    @Test("A step that is repeated under its save ID is taken once and answered the same")
    func repeated() async throws {
        let api = try await APIFixture()
        let id = try await api.newBirth()
        let headers: Headers = ["Idempotency-Key": "s-1"]
        let first = try await api.step("submit", of: id, headers: headers)
        let again = try await api.step("submit", of: id, headers: headers)
        #expect(first.status == 200 && first.text == again.text)
        #expect(try await api.store.figures().changes == 2)
        #expect(try await api.step("accept", of: id, headers: headers).status == 422, "the ID is used up")
        let accepting: Headers = ["Idempotency-Key": "s-2"]
        let accepted = try await api.step("accept", of: id, headers: accepting)
        #expect(try await api.step("accept", of: id, headers: accepting).text == accepted.text)
        #expect(try await api.step("accept", of: id).status == 409, "without the ID it is another step")
        #expect(try await api.store.figures().changes == 3)
    }

    @Test("Of two clerks with the same page the second is told that the case has moved on")
    func race() async throws {
        let api = try await APIFixture()
        let id = try await api.newBirth()
        try await api.step("submit", of: id)
        let page = try #require(try await api.call(.get, "/api/v1/cases/\(id)")["seen"])
        let seen = #""seen": \#(String(decoding: try JSONEncoder().encode(page), as: UTF8.self))"#
        let other = try await api.call(.patch, "/api/v1/cases/\(id)", #"{"set": {"note": "x"}}"#)
        #expect(other.status == 200)
        let late = try await api.step("accept", of: id, seen)
        #expect(late.status == 409 && late.text("title") == "办件已有新的变更，未保存")
        #expect(try await api.stage(of: id) == "submitted")
        let fresh = try #require(try await api.call(.get, "/api/v1/cases/\(id)")["seen"])
        let now = #""seen": \#(String(decoding: try JSONEncoder().encode(fresh), as: UTF8.self))"#
        #expect(try await api.step("accept", of: id, now).status == 200)
        #expect(try await api.step("refuse", of: id, now).status == 409)
        #expect(try await api.step("close", of: id, #""seen": {"4": ["00000000000000ff.1"]}"#).status == 409)
    }

    @Test("While the clock is in doubt a step needs its day to be given")
    func doubtfulClock() async throws {
        let api = try await APIFixture()
        let id = try await api.newBirth()
        try await api.step("submit", of: id)
        api.machine.set(now: api.machine.now - 86_400_000)
        _ = try await api.call(.patch, "/api/v1/cases/\(id)", #"{"set": {"note": "x"}}"#)
        let refused = try await api.step("accept", of: id)
        #expect(refused.status == 422 && refused.text("detail")?.contains("请先确认今天的日期") == true)
        #expect(try await api.step("accept", of: id, #""date": "2025-09-29""#).status == 200)
        let shown = try await api.call(.get, "/api/v1/cases/\(id)")
        #expect(shown["fields"]?.members?["acceptanceDate"] == .text("2025-09-29"))
        #expect(try await api.call(.get, "/api/v1/status")["isClockDoubtful"] == .bool(true))
    }

    @Test(
        "What is no step, or no value of one, is refused and leaves nothing",
        arguments: [
            ("", 400), ("{}", 400), (#"{"step": "perhaps"}"#, 400), (#"{"step": "submit", "x": 1}"#, 400),
            (#"{"step": "submit", "date": "30.9."}"#, 400), (#"{"step": "submit", "reasons": "x"}"#, 400),
            (#"{"step": "submit", "mailed": "yes"}"#, 400),
            (#"{"step": "submit", "artefact": "tooth"}"#, 400),
            (#"{"step": "submit", "seen": {"a": []}}"#, 400),
            (#"{"step": "submit", "date": "2025-10-30"}"#, 422),
            (#"{"step": "submit", "date": "2025-09-01"}"#, 422), (#"{"step": "accept"}"#, 409),
            (#"{"step": "issue", "number": "Z459990001"}"#, 409),
        ])
    func faulty(body: String, status: Int) async throws {
        let api = try await APIFixture()
        let id = try await api.newBirth()
        let before = try await api.trace()
        #expect(try await api.call(.post, "/api/v1/cases/\(id)/steps", body).status == status)
        #expect(try await api.trace() == before)
    }

    @Test("Lists beyond their limit are refused as a whole")
    func limits() async throws {
        let api = try await APIFixture()
        let id = try await api.newBirth()
        let texts = [String](repeating: #""x""#, count: 65).joined(separator: ",")
        #expect(try await api.step("submit", of: id, #""reasons": [\#(texts)]"#).status == 400)
        let unknown = try await api.call(
            .post, "/api/v1/cases/01977420-dc00-7123-8000-000000004567/steps", #"{"step": "submit"}"#)
        #expect(unknown.status == 404)
    }

    @Test("Cases are listed by their stage")
    func listed() async throws {
        let api = try await APIFixture()
        let (first, second) = (try await api.newBirth(), try await api.newBirth())
        try await api.step("submit", of: second)
        for (stage, ids) in [("draft", [first]), ("submitted", [second]), ("closed", [])] {
            let listed = try await api.call(.get, "/api/v1/cases?stage=\(stage)").list("cases")
            #expect(listed.map { $0["id"] } == ids.map { .text($0) }, "\(stage)")
        }
        #expect(try await api.call(.get, "/api/v1/cases?stage=nowhere").status == 422)
        #expect(try await api.call(.get, "/api/v1/cases").list("cases").count == 2)
    }

    @Test("What is due is told, the soonest first, with what is late; what is answered or ended is not")
    func due() async throws {
        let api = try await APIFixture()
        let (first, second) = (try await api.newBirth(), try await api.newBirth())
        #expect(try await api.call(.get, "/api/v1/due").list("due").isEmpty)
        for id in [first, second] {
            for step in ["submit", "accept"] { #expect(try await api.step(step, of: id).status == 200) }
        }
        var due = try await api.call(.get, "/api/v1/due").list("due")
        #expect(due.count == 12 && due[0]["due"] == .text("2025-09-30") && due[0]["isLate"] == .bool(false))
        let days = due.compactMap { $0["due"].flatMap { if case .text(let day) = $0 { day } else { nil } } }
        #expect(days == days.sorted())
        let police = try await api.call(.get, "/api/v1/due?department=police").list("due")
        #expect(police.count == 2 && police.allSatisfy { $0["item"] == .text("hukou") })
        #expect(police[0]["due"] == .text("2025-10-10"), "after the National Day holidays")
        api.machine.pass(milliseconds: 5 * 86_400_000)
        due = try await api.call(.get, "/api/v1/due?limit=1").list("due")
        #expect(due.count == 1 && due[0]["isLate"] == .bool(true) && due[0]["daysLeft"] == .number(-4))
        try await api.step("withdraw", of: second, #""reasons": ["家属要求"]"#)
        try await api.step("issue", of: first, #""number": "Z459990001""#)
        due = try await api.call(.get, "/api/v1/due").list("due")
        #expect(due.count == 5 && due.allSatisfy { $0["caseID"] == .text(first) })
        let before = due
        _ = try await api.store.rebuild()
        #expect(try await api.call(.get, "/api/v1/due").list("due") == before)
    }

    @Test(
        "What twins have in common is written to both in one save, and what one child has of its own is not")
    func twins() async throws {
        let api = try await APIFixture()
        let made = try await api.call(
            .post, "/api/v1/cases?policy=gx-yongfu",
            #"{"childName": "甲", "materials": [{"code": "A", "parts": ["x"]}], "siblings": [{"childName": "乙"}]}"#
        )
        let ids = made.list("cases").compactMap {
            $0["id"].flatMap { if case .text(let id) = $0 { id } else { nil } }
        }
        let body = """
            {"set": {"motherPhone": "19900000009", "birthTime": "08:00",
            "materials": [{"code": "B", "parts": ["y"]}]}, "alsoLinked": true}
            """
        let saved = try await api.call(.patch, "/api/v1/cases/\(ids[0])", body)
        #expect(saved.status == 200 && saved.list("cases").count == 2)
        let sibling = try #require(try await api.call(.get, "/api/v1/cases/\(ids[1])")["fields"]?.members)
        #expect(sibling["motherPhone"] == .text("19900000009") && sibling["birthTime"] == nil)
        #expect(sibling["childName"] == .text("乙"))
        guard case .list(let papers)? = sibling["materials"] else { throw Broken(what: "materials") }
        #expect(papers.count == 2, "what was there stays")
        #expect(try await api.store.figures().changes == 4)
        let bad = #"{"set": {"motherPhone": "19900000009"}, "alsoLinked": 1}"#
        #expect(try await api.call(.patch, "/api/v1/cases/\(ids[0])", bad).status == 400)
    }

    @Test(
        "A paper carries the number of the decision that issued it; one that does not belong to the decision is refused"
    )
    func papers() async throws {
        let api = try await APIFixture()
        let id = try await api.newBirth(["bornInWedlock": .bool(false)])
        #expect(try await api.call(.get, "/api/v1/cases/\(id)/papers/refusal").status == 409)
        try await api.step("submit", of: id)
        let answer = try await api.step("refuse", of: id)
        guard case .text(let number)? = answer.list("cases").first?["notice"] else {
            throw Broken(what: answer.text)
        }
        let page = try await api.call(.get, "/api/v1/cases/\(id)/papers/refusal")
        #expect(page.status == 200 && page.text.contains(number) && page.text.contains("不属于婚内生育的新生儿"))
        #expect(try await api.call(.get, "/api/v1/cases/\(id)/papers/receipt").status == 409)
        #expect(try await api.call(.get, "/api/v1/cases/\(id)/papers/nothing").status == 404)
    }

    @Test(
        "A certificate's number that another case holds is not issued again, and nothing of the step is saved"
    )
    func certificateTwice() async throws {
        let api = try await APIFixture()
        let ids = [try await api.newBirth(), try await api.newBirth()]
        for id in ids { for step in ["submit", "accept"] { try await api.step(step, of: id) } }
        #expect(try await api.step("issue", of: ids[0], #""number": "Z459990001""#).status == 200)
        let before = try await api.trace()
        let refused = try await api.step("issue", of: ids[1], #""number": "Z459990001""#)
        #expect(refused.status == 422 && refused.text("title") == "出生医学证明编号不能使用，未保存")
        #expect(try await api.trace() == before)
    }
}
