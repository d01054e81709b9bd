import Casework
import SyncProtocol
import Testing

@Suite("Decisions on a case")
struct DecisionTests {
    @Test("Accepting pins the policy, dates the acceptance and sets the limits off")
    func accept() throws {
        var desk = try Desk("01")
        try desk.take(.submit)
        let plan = try desk.take(.accept)
        #expect(plan.notice == "acceptance")
        #expect(
            plan.answers["policyVersion"] == .unsigned(1) && plan.answers["policyID"] == .text("gx-yongfu"))
        let life = desk.life
        #expect(life.word == "受理" && life.answers.date("acceptanceDate") == desk.now.date)
        // policies.md section 1.4, with the National Day holidays of 2025.
        let due = Dictionary(uniqueKeysWithValues: life.items.map { ($0.code, $0.due?.description) })
        #expect(due["birthCert"] == "2025-09-30" && due["hukou"] == "2025-10-10")
        #expect(life.earliestDue?.description == "2025-09-30")
        #expect(!life.items.contains { $0.isLate(on: desk.now.date) })
        #expect(life.items.first { $0.code == "birthCert" }?.isLate(on: try day("2025-10-01")) == true)
    }

    private func day(_ text: String) throws -> CalendarDate { try #require(CalendarDate(text)) }

    @Test("A limit counts from what has really happened; an answered item is due no more")
    func actual() throws {
        var desk = try Desk("01")
        try desk.accept()
        try desk.answer("birthCert", on: try day("2025-09-29"))
        let items = desk.life.items
        #expect(items.first { $0.code == "hukou" }?.due?.description == "2025-10-09")
        #expect(items.first { $0.code == "birthCert" }?.due == nil)
    }

    @Test("Limits stand when an answer changes after the acceptance")
    func changedLater() throws {
        var desk = try Desk("01")
        try desk.accept()
        let before = desk.life.items.map(\.due)
        try desk.save(["ssCardAppliedElsewhere": .bool(true)])
        #expect(desk.life.judgement?.decision == .refuse)
        #expect(desk.life.stage == .accepted && desk.life.items.map(\.due) == before)
    }

    @Test(
        "A case is refused in its region's words, with the codes and sentences of all reasons, and cannot be accepted",
        arguments: [
            ("04", CaseStage.refused, "不予受理", ["YF-E10", "YF-E11"]),
            ("08", .refused, "不予联办", ["FY-X01", "FY-X02", "FY-X03"]),
            ("13", .refused, "暂不支持联办", ["GX-E06", "GX-E07", "GX-E09"]),
            ("18", .offline, "验证不通过，线下办理", ["AH-E03", "AH-E04"]),
            ("23", .refusedReturning, "不予受理出生登记", ["LZ-R01", "LZ-R02"]),
        ])
    func refuse(number: String, stage: CaseStage, word: String, codes: [String]) throws {
        var desk = try Desk(number)
        try desk.take(.submit)
        let against = desk.reasons(.accept)
        let found = try #require(desk.life.judgement).reasons
        #expect(against.first?.contains("“\(word)”") == true)
        for finding in found { #expect(against.contains(finding.text)) }
        #expect(!desk.reasons(.correct).isEmpty)
        let plan = try desk.take(.refuse)
        #expect(plan.notice == "refusal")
        #expect(desk.life.stage == stage && desk.life.word == word)
        #expect(desk.life.decision?.reasons == found.map(DecisionReason.init))
        #expect(desk.life.decision?.reasons.compactMap(\.code) == codes)
    }

    @Test("Nobody is refused without a reason of one's own where the rules would let it pass")
    func stricter() throws {
        var desk = try Desk("06")
        try desk.take(.submit)
        #expect(desk.reasons(.refuse).first?.contains("请填写理由") == true)
        try desk.take(.refuse) { $0.reasons = ["暂时不予联办：其他类似情况。"] }
        #expect(desk.life.stage == .refused)
        #expect(desk.life.decision?.reasons.map(\.code) == [nil])
    }

    @Test("Everything that lacks is told once, in a correction, and the case comes back")
    func correct() throws {
        var desk = try Desk("03")
        try desk.take(.submit)
        #expect(desk.reasons(.accept).contains("请补正：父亲居民户口簿（缺：本人页）。"))
        let plan = try desk.take(.correct)
        #expect(plan.notice == "correction")
        #expect(desk.life.stage == .correcting && desk.life.word == "一次性告知补正")
        #expect(desk.life.decision?.reasons.contains { $0.code == "YF-M03b" } == true)
        try desk.save(["sharedVerified": .codes("YF-M03b")])
        try desk.take(.submit)
        #expect(desk.life.stage == .submitted, "on the same day, too")
        #expect(desk.life.decision == nil)
        for key in try #require(desk.life.judgement).unanswered { try desk.save([key: .text("1")]) }
        #expect(desk.life.judgement?.decision == .accept)
    }

    @Test("What the form requires must be answered before a case is accepted, and may be asked for")
    func unanswered() throws {
        var desk = try Desk("01", changing: ["headName": .null])
        try desk.take(.submit)
        #expect(desk.reasons(.accept) == ["请补填：户主姓名。"])
        try desk.take(.correct)
        #expect(desk.life.decision?.reasons.map(\.text) == ["请补填：户主姓名。"])
    }

    @Test("Nothing is decided while an answer is in conflict; the sentence names it")
    func conflict() throws {
        var desk = try Desk("01")
        var other = desk.colleague(2)
        try desk.save(["motherName": .text("甲")])
        try other.save(["motherName": .text("乙")])
        desk.hear(other)
        try desk.take(.submit)
        for step in [CaseStep.accept, .refuse] {
            #expect(desk.reasons(step).first?.contains("有不一致的记录") == true)
        }
        #expect(desk.life.stage == .submitted)
    }

    @Test("Two who decide differently dispute the case, whoever is heard first; nothing may be done then")
    func disputed() throws {
        var desk = try Desk("01")
        try desk.take(.submit)
        var other = desk.colleague(2)
        try desk.take(.accept)
        try other.take(.refuse) { $0.reasons = ["材料存疑"] }
        let mine = desk
        desk.hear(other)
        other.hear(mine)
        #expect(desk.life.stage == .disputed && other.life.stage == .disputed)
        #expect(!desk.progress.isOpen)
        for step in CaseStep.allCases {
            #expect(desk.reasons(step).contains { $0.contains("有不一致的记录") }, "\(step)")
        }
    }

    @Test("Two who decide the same do not")
    func agreed() throws {
        var desk = try Desk("01")
        try desk.take(.submit)
        var other = desk.colleague(2)
        try desk.take(.accept)
        try other.take(.accept)
        desk.hear(other)
        #expect(desk.life.stage == .accepted)
    }

    @Test("A decision on what was handed in before a correction does not count for what came after")
    func overtaken() throws {
        var desk = try Desk("03")
        try desk.take(.submit)
        var other = desk.colleague(2)
        try desk.take(.correct)
        try desk.take(.submit)
        // The other has seen neither the correction nor the second submission.
        try other.take(.refuse) { $0.reasons = ["材料存疑"] }
        desk.hear(other)
        #expect(desk.life.stage == .disputed, "two decisions stand")
        let dots = try #require(desk.state.registers[try desk.group("decision")]).dots
        #expect(dots.count == 2)
        var settled = desk
        let edit = CaseEdit(desk.state, history: desk.log, dictionary: Desk.dictionary)
        let values: [String: CBOR] = ["decisionKind": .text("refuse")]
        let group = try desk.group("decision")
        let writes = try edit.writes(
            values, by: Author(role: .central, unit: "", user: "c"), seen: [group: dots])
        let content = ChangeContent(
            writes: writes, time: HybridTime(milliseconds: 1),
            author: Author(role: .central, unit: "", user: "c"))
        settled.take(
            in: try Change(
                replica: ReplicaID(rawValue: 7), sequence: 1, caseID: Desk.caseID, edition: 1,
                content: content))
        #expect(
            settled.life.stage == .submitted, "settled without a basis, it judges nothing that was handed in")
    }

    @Test("A decision without a submission, as central's settling or an older program makes it, stands")
    func withoutSubmission() throws {
        var desk = try Desk("01")
        try desk.save(["decisionKind": .text("accept"), "decisionDate": .text("2025-09-29")])
        #expect(desk.life.stage == .accepted && desk.progress.isOpen)
        try desk.take(.withdraw) { $0.reasons = ["家属要求"] }
        #expect(desk.life.stage == .withdrawn && !desk.progress.isOpen)
        #expect(desk.progress.items.allSatisfy { $0.reasons == ["申请已撤回。"] })
    }

    @Test("With a doubtful clock the day is confirmed, also if the clock runs behind")
    func doubtful() throws {
        var desk = try Desk("01")
        try desk.take(.submit)
        desk.isClockDoubtful = true
        #expect(desk.reasons(.accept).contains { $0.contains("请先确认今天的日期") })
        let day = try self.day("2025-12-01")
        try desk.take(.accept) { $0.date = day }
        #expect(desk.life.answers.date("acceptanceDate") == day)
    }

    @Test("A day in the future or before the application is refused, and so are reasons beyond their limits")
    func limits() throws {
        var desk = try Desk("04")
        try desk.take(.submit)
        #expect(desk.reasons(.refuse) { $0.date = CalendarDate("2025-10-10") } == ["日期不能晚于今天。"])
        #expect(
            desk.reasons(.refuse) { $0.date = CalendarDate("2025-10-08") } == ["日期不能早于申请日期（2025-10-09）。"])
        let longest = String(repeating: "由", count: StepInput.reasonLongest)
        #expect(desk.reasons(.refuse) { $0.reasons = [longest] }.isEmpty)
        #expect(!desk.reasons(.refuse) { $0.reasons = [longest + "由"] }.isEmpty)
        #expect(!desk.reasons(.refuse) { $0.reasons = [" "] }.isEmpty)
        #expect(!desk.reasons(.refuse) { $0.reasons = ["a\u{7}"] }.isEmpty)
        let many = [String](repeating: "由", count: StepInput.reasonsMax)
        #expect(desk.reasons(.refuse) { $0.reasons = many }.isEmpty)
        #expect(!desk.reasons(.refuse) { $0.reasons = many + ["由"] }.isEmpty)
    }

    @Test("All that speaks against a step is told at once")
    func atOnce() throws {
        var desk = try Desk("04", changing: ["headName": .null, "bornInWedlock": .bool(false)])
        try desk.take(.submit)
        let reasons = desk.reasons(.accept) { $0.date = CalendarDate("2030-01-01") }
        #expect(reasons.count >= 5, "\(reasons)")
    }
}
