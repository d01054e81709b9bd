import Casework
import Foundation
import Persistence
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("The handover of second pages at a window")
struct HandoverTests {
    private let api: APIFixture
    private var store: WindowStore { api.store }

    init() async throws { api = try await APIFixture() }

    /// A case whose certificate is issued, today or on a day.
    @discardableResult
    private func issue(_ number: String, on day: String? = nil) async throws -> String {
        let id = try await api.newBirth()
        let date = day.map { #", "date": "\#($0)""# } ?? ""
        for (step, members) in [
            ("submit", ""), ("accept", ""), ("issue", #""number": "\#(number)"\#(date)"#),
        ] {
            let answer = try await api.step(step, of: id, members)
            guard answer.status == 200 else { throw Broken(what: answer.text) }
        }
        return id
    }

    private func pass(days: UInt64) { api.machine.pass(milliseconds: days * 86_400_000) }

    private func show(_ quarter: String) async throws -> APIFixture.Answer {
        try await api.call(.get, "/api/v1/handovers/\(quarter)")
    }

    private func record(
        _ quarter: String, on day: String, headers: Web.Headers = Headers()
    ) async throws -> APIFixture.Answer {
        try await api.call(
            .post, "/api/v1/handovers/\(quarter)", #"{"date": "\#(day)"}"#, headers: headers)
    }

    /// The numbers of a register, those that are left over with a mark.
    private func numbers(_ quarter: String, _ list: String = "certificates") async throws -> [String] {
        try await show(quarter).list(list).map { row in
            Self.word(row["number"]) + (row["isLeftOver"] == .bool(true) ? " left" : "")
        }
    }

    private static func word(_ json: JSON?) -> String { if case .text(let word)? = json { word } else { "" } }

    @Test("A quarter is listed, recorded once, and what is found later stands in the next register")
    func life() async throws {
        try await issue("Z000000002")
        try await issue("Z000000001")
        pass(days: 3)  // to 2 October
        try await issue("Z000000003")
        #expect(try await numbers("2025Q3") == ["Z000000001", "Z000000002"])
        #expect(try await numbers("2025Q4") == ["Z000000001 left", "Z000000002 left", "Z000000003"])
        let shown = try await show("2025Q3")
        #expect(shown.text("due") == "2025-09-30" && shown.text("firstDay") == "2025-07-01")
        #expect(shown["count"] == .number(2) && shown["handedOver"] == nil)
        let changes = try await store.figures().changes
        let done = try await record("2025Q3", on: "2025-09-30")
        #expect(done["isChanged"] == .bool(true) && done["count"] == .number(2), "\(done.text)")
        let again = try await record("2025Q3", on: "2025-09-30")
        #expect(again["isChanged"] == .bool(false) && again["warnings"] == .list([]))
        let other = try await record("2025Q3", on: "2025-10-01")
        #expect(other["isChanged"] == .bool(false) && other.text.contains("已于2025年9月30日登记交接"))
        #expect(try await store.figures().changes == changes + 1)
        try await issue("Z000000004", on: "2025-09-30")
        #expect(try await numbers("2025Q3") == ["Z000000001", "Z000000002"])
        #expect(try await numbers("2025Q3", "later") == ["Z000000004"])
        #expect(try await numbers("2025Q4") == ["Z000000003", "Z000000004 left"])
        let (third, fourth) = (try await numbers("2025Q3"), try await numbers("2025Q4"))
        try await store.execute("DELETE FROM issued_certificate")
        _ = try await store.rebuild()
        let rebuilt = (try await numbers("2025Q3"), try await numbers("2025Q4"))
        #expect(rebuilt == (third, fourth))
    }

    @Test("Voided certificates and withdrawn cases are left out")
    func leftOut() async throws {
        try await issue("Z000000001")
        let id = try await issue("Z000000002")
        try await issue("Z000000003")
        let void = #"{"number": "Z000000003", "reason": "打印损坏"}"#
        #expect(try await api.call(.post, "/api/v1/stock/voids", void).status == 200)
        #expect(try await numbers("2025Q3") == ["Z000000001", "Z000000002"])
        #expect(try await api.step("withdraw", of: id, #""reasons": ["家属要求"]"#).status == 200)
        #expect(try await numbers("2025Q3") == ["Z000000001"])
    }

    @Test("What another window of the hospital issued and recorded counts here once it has come")
    func otherWindow() async throws {
        var central = ModelCentral.with(.test)
        let machine = try TestMachine(seed: 2)
        let other = try await machine.open()
        try await issue("Z000000001")
        let quarter = try #require(HandoverQuarter("2025Q3"))
        let following = try #require(HandoverQuarter("2025Q4"))
        let policy = try testPolicy()
        let rule = try #require(policy.handover?.rule)
        let day = try #require(CalendarDate("2025-09-29"))
        try await central.settle(with: other, device: "device-2")
        _ = try await other.recordHandover(quarter, of: policy, by: rule, on: day, .clerk)
        try await central.settle(with: other, device: "device-2")
        try await central.settle(with: store)
        try await central.settle(with: other, device: "device-2")
        for each in [store, other] {
            let shown = try #require(try await each.handoverRegister(quarter, of: policy))
            #expect(shown.handedOver == day && shown.rows.isEmpty)
            #expect(shown.later.map(\.number.description) == ["Z000000001"])
            let next = try #require(try await each.handoverRegister(following, of: policy))
            #expect(next.rows.map(\.isLeftOver) == [true])
        }
        #expect(try await record("2025Q3", on: "2025-09-29")["isChanged"] == .bool(false))
        try await central.expectSettled(with: store)
    }

    @Test("A repeated save answers the same, although more was issued meanwhile")
    func repeated() async throws {
        try await issue("Z000000001")
        let headers: Web.Headers = ["Idempotency-Key": "h-1"]
        let first = try await record("2025Q3", on: "2025-09-29", headers: headers)
        try await issue("Z000000002")
        let again = try await record("2025Q3", on: "2025-09-29", headers: headers)
        #expect(first.status == 200 && first.json == again.json)
        #expect(try await record("2025Q3", on: "2025-09-28", headers: headers).status == 422)
    }

    @Test("The register and its paper hold numbers and nobody's name")
    func paper() async throws {
        try await issue("Z000000001")
        let page = try await api.call(.get, "/api/v1/handovers/2025Q3/paper")
        #expect(page.status == 200 && page.text.contains("出生医学证明副页交接登记表"))
        for word in ["Z000000001", "2025年第三季度", "1 份", "2025年9月30日", "测试卫生院"] {
            #expect(page.text.contains(word), "\(word)")
        }
        let birth = try await api.newBirth()
        let fields = try #require(try await api.call(.get, "/api/v1/cases/\(birth)")["fields"]?.members)
        for text in [page.text, try await show("2025Q3").text] {
            for key in ["childName", "motherName", "fatherName", "motherIdNo", "motherPhone"] {
                let word = Self.word(fields[key])
                #expect(!word.isEmpty && !text.contains(word), "\(key)")
            }
        }
    }

    @Test(
        "What is no quarter or no day is refused, and nothing is saved",
        arguments: [
            ("2025Q5", "2025-09-29", "季度须写作"), ("2025Q33333333333", "2025-09-29", "季度须写作"),
            ("2025Q3", "2025-02-30", "须为有效日期"), ("2025Q3", "2025-06-30", "不能早于本季度第一个签发日（2025年7月1日）"),
            ("2025Q3", "2025-09-30", "不能晚于今天"),
        ])
    func refused(quarter: String, day: String, words: String) async throws {
        try await issue("Z000000001")
        let trace = try await api.trace()
        let answer = try await record(quarter, on: day)
        #expect(answer.status == 422 && answer.text("detail")?.contains(words) == true, "\(answer.text)")
        #expect(try await api.trace() == trace)
    }

    @Test("A region without a handover says so")
    func noRule() async throws {
        let named = try await api.call(.get, "/api/v1/handovers/2025Q3?policy=ah")
        #expect(named.status == 409 && named.text("detail")?.hasSuffix("没有出生医学证明副页移交的要求。") == true)
        var central = ModelCentral.with(.test)
        try central.record(["hospitalPolicies": .list([.text("ah")])], in: "hospitalPolicies")
        try await central.settle(with: store)
        for answer in [try await show("2025Q3"), try await record("2025Q3", on: "2025-09-29")] {
            #expect(answer.status == 409)
            #expect(answer.text("detail") == "本院适用的办理规定没有出生医学证明副页移交的要求。")
        }
        #expect(try await api.call(.get, "/api/v1/due").list("handovers").isEmpty)
    }

    @Test("More than one register holds is refused with a sentence, listed, printed or recorded")
    func tooMany() async throws {
        try await store.issue(10_001)
        for answer in [try await show("2025Q3"), try await record("2025Q3", on: "2025-09-29")] {
            #expect(
                answer.status == 422 && answer.text("detail")?.contains("10000") == true, "\(answer.text)")
        }
        #expect(try await api.call(.get, "/api/v1/handovers/2025Q3/paper").status == 409)
        try await store.execute(
            "DELETE FROM issued_certificate WHERE case_id = (SELECT min(case_id) FROM issued_certificate)")
        #expect(try await show("2025Q3")["count"] == .number(10_000))
        #expect(try await record("2025Q3", on: "2025-09-29")["count"] == .number(10_000))
        #expect(try await show("2025Q3")["handedOver"] == .text("2025-09-29"))
    }

    @Test("The list of what is due tells the next handover until it is recorded")
    func due() async throws {
        let before = try await api.call(.get, "/api/v1/due").list("handovers")
        #expect(before == [["quarter": .text("2025Q3"), "due": .text("2025-09-30")]])
        _ = try await record("2025Q3", on: "2025-09-29")
        #expect(try await api.call(.get, "/api/v1/due").list("handovers").isEmpty)
        pass(days: 3)
        #expect(
            try await api.call(.get, "/api/v1/due").list("handovers").first?["due"] == .text("2025-12-30"))
    }

    @Test("While the clock is in doubt the day that a person gives holds, also one that it calls the future")
    func doubtfulClock() async throws {
        try await issue("Z000000001")
        api.machine.set(now: api.machine.now - 86_400_000)
        _ = try await api.newCase()
        #expect(try await api.call(.get, "/api/v1/status")["isClockDoubtful"] == .bool(true))
        #expect(try await record("2025Q3", on: "2025-09-29")["count"] == .number(1))
        #expect(try await show("2025Q3").text("handedOver") == "2025-09-29")
    }
}

extension WindowStore {
    /// Notes that many certificates as issued, each of a case that is not here.
    fileprivate func issue(_ count: Int) throws {
        try database.transaction(.immediate) {
            for number in 0..<count {
                let digits = String(1_000_000_000 + number).dropFirst()
                try database.execute(
                    "INSERT INTO issued_certificate (policy, issued, case_id, number) VALUES (?, ?, ?, ?)",
                    "gx-yongfu", "2025-08-01", .blob(Array("0000000\(digits)".utf8)),
                    .name("Z\(digits)", order: ""))
            }
        }
    }
}
