import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("Birth certificates at a window")
struct StockTests {
    private let fixture: APIFixture
    private var store: WindowStore { fixture.store }

    init() async throws { fixture = try await APIFixture() }

    private func assigned(_ first: String = "Z000000001", _ last: String = "Z000000030") async throws
        -> ModelCentral
    {
        var central = ModelCentral.with(.test)
        try central.assign(first, last)
        try await central.settle(with: store)
        return central
    }

    private func number(_ text: String) throws -> CertificateNumber { try #require(CertificateNumber(text)) }

    private func use(_ number: String, in id: String) async throws -> APIFixture.Answer {
        try await fixture.call(.patch, "/api/v1/cases/\(id)", #"{"set": {"birthCertNo": "\#(number)"}}"#)
    }

    @Test("Used, voided and remaining ones are accounted for, and the next one is told")
    func accounting() async throws {
        _ = try await assigned()
        let (one, two) = (try await fixture.newCase(), try await fixture.newCase())
        #expect(try await use("Z000000001", in: one).status == 200)
        #expect(try await use("Z000000002", in: two).status == 200)
        let void = #"{"number": "Z000000003", "reason": "打印损坏"}"#
        #expect(try await fixture.call(.post, "/api/v1/stock/voids", void).status == 200)
        let stock = try await fixture.call(.get, "/api/v1/stock")
        let counts = ["assigned", "used", "voided", "remaining"].map { stock[$0] }
        #expect(counts == [.number(30), .number(2), .number(1), .number(27)])
        #expect(stock.text("next") == "Z000000004" && stock["isLow"] == .bool(false))
        // Taken back, it is free again; the same number once more is no change.
        #expect(try await use("Z000000002", in: two).status == 200)
        #expect(try await use("", in: two).status == 200)
        #expect(try await store.stock().usedCount == 1)
        let rows = try await uses()
        _ = try await store.rebuild()
        #expect(try await uses() == rows)
        try await store.execute("DELETE FROM certificate_use")
        _ = try await store.rebuild()
        #expect(try await uses() == rows && rows.count == 1)
    }

    private func uses() async throws -> [String] {
        let stock = try await store.stock()
        return try (1...40).flatMap { stock.uses(of: try number("Z0000000\($0 < 10 ? "0" : "")\($0)")) }
            .map { "\($0.number) \($0.caseID) \($0.caseNumber ?? "")" }
    }

    @Test(
        "A number is refused with a sentence, and nothing is saved",
        arguments: [
            ("Z000000001", "已用于办件 YF01-"), ("Z000000003", "已作废"), ("Z000000031", "不在本院领用的号段内"),
            ("Y000000001", "不在本院领用的号段内"),
        ])
    func refused(text: String, words: String) async throws {
        _ = try await assigned()
        let (first, second) = (try await fixture.newCase(), try await fixture.newCase())
        #expect(try await use("Z000000001", in: first).status == 200)
        _ = try await store.void(try number("Z000000003"), reason: "x", .clerk)
        let trace = try await fixture.trace()
        for answer in [
            try await use(text, in: second),
            try await fixture.call(
                .post, "/api/v1/cases?policy=gx-yongfu",
                #"{"childName": "测试二", "birthCertNo": "\#(text)"}"#),
        ] {
            #expect(answer.status == 422 && answer.text("detail")?.contains(words) ?? false, "\(answer.text)")
            #expect(!answer.text.contains("测试"))
        }
        #expect(try await fixture.trace() == trace)
        let check = try await fixture.call(.get, "/api/v1/stock/\(text)")
        #expect(check["isUsable"] == .bool(false) && check.text("sentence")?.contains(words) ?? false)
    }

    @Test("Of twins with the same number none is saved")
    func twins() async throws {
        _ = try await assigned()
        let answer = try await fixture.call(
            .post, "/api/v1/cases?policy=gx-yongfu",
            #"{"childName": "测试一", "birthCertNo": "Z000000001", "siblings": [{"childName": "测试二"}]}"#)
        #expect(answer.status == 422 && answer.text("detail")?.contains("已用于办件") ?? false)
        #expect(try await store.cases(limit: 9).isEmpty)
        #expect(try await store.stock().usedCount == 0)
    }

    @Test("Of clerks who save one number at the same time exactly one has it", arguments: 0..<4)
    func race(round: Int) async throws {
        _ = try await assigned()
        var ids: [String] = []
        for _ in 0..<4 { ids.append(try await fixture.newCase()) }
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for id in ids {
                group.addTask { try await use("Z000000007", in: id).status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200, 422, 422, 422])
        #expect(try await store.stock().usedTwice.isEmpty)
        #expect(try await store.stock().usedCount == 1)
    }

    @Test("Without a range any number passes, with a warning, but not twice")
    func unassigned() async throws {
        let (one, two) = (try await fixture.newCase(), try await fixture.newCase())
        let answer = try await use("Q123456789", in: one)
        #expect(answer.status == 200)
        #expect(answer["warnings"] == .list([.text(CertificateRefusal.unassignedWarning)]))
        #expect(try await use("Q123456789", in: two).status == 422)
        #expect(try await fixture.call(.get, "/api/v1/stock")["isLow"] == .bool(false))
    }

    @Test("A save that is repeated under its ID gives the same answer, although the number is used by now")
    func repeated() async throws {
        _ = try await assigned()
        let id = try await fixture.newCase()
        let body = #"{"set": {"birthCertNo": "Z000000001"}}"#
        let headers: Web.Headers = ["Idempotency-Key": "s1"]
        let first = try await fixture.call(.patch, "/api/v1/cases/\(id)", body, headers: headers)
        let again = try await fixture.call(.patch, "/api/v1/cases/\(id)", body, headers: headers)
        #expect(first.status == 200 && first.json == again.json)
    }

    @Test(
        "What another window of the hospital used meanwhile is found, and so are numbers outside and voided ones"
    )
    func troubles() async throws {
        var central = try await assigned()
        let id = try await fixture.newCase()
        #expect(try await use("Z000000001", in: id).status == 200)
        try await central.settle(with: store)
        let group = try group("birthCertNumber")
        for (index, text) in ["Z000000001", "X000000001", "Z000000002"].enumerated() {
            let other = CaseID(milliseconds: 5, random: (UInt64(index), 5))
            central.enter(other, .test)
            try central.write([group: .init(value: [.text(text)], replaces: [])], on: other)
        }
        try await central.settle(with: store)
        let warned = try await fixture.call(
            .post, "/api/v1/stock/voids", #"{"number": "Z000000002", "reason": "x"}"#)
        #expect(warned.status == 200 && warned.text.contains("该编号仍用于办件"))
        let stock = try await fixture.call(.get, "/api/v1/stock")
        let found = ["usedTwice", "usedOutside", "voidedAndUsed"].map { stock.list($0).map { $0["number"] } }
        #expect(found == [[.text("Z000000001")], [.text("X000000001")], [.text("Z000000002")]])
        // A case that goes to another hospital keeps its number.
        central.leave(CaseID(milliseconds: 5, random: (0, 5)), .test)
        try await central.settle(with: store)
        #expect(try await store.stock().usedTwice.count == 1)
    }

    @Test("A void needs a reason and a number of this hospital, is written once, and reaches central")
    func voids() async throws {
        var central = try await assigned()
        let long = String(repeating: "损", count: 201)
        for body in [
            #"{"number": "Z000000002", "reason": ""}"#, #"{"number": "z1", "reason": "x"}"#,
            #"{"number": "Y000000001", "reason": "x"}"#, #"{"number": "Z000000002", "reason": "\#(long)"}"#,
        ] {
            #expect(try await fixture.call(.post, "/api/v1/stock/voids", body).status == 422)
        }
        let body = #"{"number": "Z000000002", "reason": "打印损坏"}"#
        let answers = [
            try await fixture.call(.post, "/api/v1/stock/voids", body),
            try await fixture.call(.post, "/api/v1/stock/voids", body),
        ]
        #expect(answers.map { $0["isChanged"] } == [.bool(true), .bool(false)])
        try await central.settle(with: store)
        #expect(HospitalRecordView(central.state(of: HospitalID.test.record)).voids.map(\.reason) == ["打印损坏"])
        try await central.expectSettled(with: store)
        #expect(try await fixture.call(.get, "/api/v1/stock/Z000000002").text("voidedReason") == "打印损坏")
    }

    @Test("A warning comes when few are left, at the number that the hospital's settings say")
    func low() async throws {
        var central = try await assigned("Z000000001", "Z000000020")
        #expect(try await fixture.call(.get, "/api/v1/stock")["isLow"] == .bool(true))
        try central.record(
            ["hospitalSettings": .object(["lowCertificateStock": .text("5")])], in: "hospitalSettings")
        try await central.settle(with: store)
        #expect(try await fixture.call(.get, "/api/v1/stock")["isLow"] == .bool(false))
    }

    @Test("A store that was restored from a backup knows again what is used once it has exchanged")
    func restored() async throws {
        var central = try await assigned()
        let machine = fixture.machine
        try machine.copy(to: "backup.sqlite")
        let id = try await fixture.newCase()
        #expect(try await use("Z000000001", in: id).status == 200)
        try await central.settle(with: store)
        let restored = try await machine.open("backup.sqlite")
        #expect(try await restored.stock().usedCount == 0)
        try await central.settle(with: restored)
        let used = try number("Z000000001")
        #expect(try await restored.stock(of: used).refusal(of: used) != nil)
        let other = try await restored.newCase()
        await #expect(throws: StoreError.self) {
            try await restored.edit(other, ["birthCertNo": .text("Z000000001")], .clerk)
        }
        try await central.settle(with: restored)
        try await central.expectSettled(with: restored)
    }

    @Test(
        "Without a number the next one is proposed and nothing is issued; --next takes it, and a repeat the same"
    )
    func proposed() async throws {
        _ = try await assigned()
        let ids = [try await fixture.newBirth(), try await fixture.newBirth()]
        for id in ids { for step in ["submit", "accept"] { try await fixture.step(step, of: id) } }
        let trace = try await fixture.trace()
        let proposal = try await fixture.step("issue", of: ids[0])
        #expect(proposal.status == 422 && proposal.text("detail")?.contains("Z000000001") == true)
        #expect(proposal.text("remedy")?.contains("--number") == true)
        #expect(try await fixture.trace() == trace)
        let headers: Web.Headers = ["Idempotency-Key": "i-1"]
        let taken = try await fixture.step("issue", of: ids[0], #""next": true"#, headers: headers)
        #expect(taken.status == 200, "\(taken.text)")
        let again = try await fixture.step("issue", of: ids[0], #""next": true"#, headers: headers)
        #expect(again.text == taken.text)
        #expect(try await fixture.step("issue", of: ids[1], #""next": true"#).status == 200)
        for (id, number) in zip(ids, ["Z000000001", "Z000000002"]) {
            let fields = try await fixture.call(.get, "/api/v1/cases/\(id)")["fields"]?.members
            #expect(fields?["birthCertNo"] == .text(number))
        }
        #expect(try await store.stock().usedTwice.isEmpty)
    }

    @Test("Where the hospital was given no numbers there is none to propose")
    func nothingProposed() async throws {
        let id = try await fixture.newBirth()
        for step in ["submit", "accept"] { try await fixture.step(step, of: id) }
        #expect(try await fixture.step("issue", of: id).text("detail") == "请填写出生医学证明编号。")
        let next = try await fixture.step("issue", of: id, #""next": true"#)
        #expect(next.status == 422 && next.text("detail")?.contains("没有可用的出生医学证明编号") == true)
    }

    @Test("A window that belongs to no hospital says so")
    func notEnrolled() async throws {
        let bare = try await APIFixture(isEnrolled: false)
        let answer = try await bare.call(
            .post, "/api/v1/stock/voids", #"{"number": "Z000000002", "reason": "x"}"#)
        #expect(answer.status == 409)
        #expect(try await bare.call(.get, "/api/v1/stock").status == 200)
    }
}
