import Casework
import SyncProtocol
import Testing

@Suite("Papers of a case")
struct PaperStepTests {
    private func accepted(_ number: String = "01", changing: [String: CBOR] = [:]) throws -> Desk {
        var desk = try Desk(number, changing: changing)
        try desk.accept()
        return desk
    }

    @Test("A certificate is issued once, under the number on the paper, and sets off what waits for it")
    func issue() throws {
        var desk = try accepted()
        #expect(desk.reasons(.issue) == ["请填写出生医学证明编号。"])
        for number in ["z459990001", "Z45999000", "Z4599900011", "ZZ59990001"] {
            #expect(desk.reasons(.issue) { $0.number = number } == ["出生医学证明编号须为1位大写字母加9位数字。"])
        }
        try desk.take(.issue) { $0.number = "Z459990001" }
        #expect(desk.life.answers.text("birthCertNo") == "Z459990001")
        #expect(desk.progress.items.first { $0.item.code == "hukou" }?.state == .ready)
        #expect(desk.reasons(.issue) { $0.number = "Z459990002" }.first?.contains("已办结") == true)
    }

    @Test("A blocked case waits for its certificate, which is issued, and then goes on")
    func blocked() throws {
        var desk = try Desk("21", changing: ["birthCertNo": .null])
        try desk.take(.submit)
        #expect(desk.life.judgement?.reasons.map(\.code) == ["LZ-O01"])
        try desk.take(.refuse)
        #expect(desk.life.stage == .blocked && desk.life.word == "前置事项未完成")
        try desk.take(.issue) { $0.number = "Z459990020" }
        try desk.take(.submit)
        try desk.take(.accept)
        #expect(desk.life.word == "受理（指尖办+邮寄办）")
    }

    @Test("A way of its own is accepted as what it is: on site, the same day")
    func onSite() throws {
        var desk = try accepted(
            "21", changing: ["fatherEthnicity": .text("01"), "motherEthnicity": .text("08")])
        let life = desk.life
        #expect(life.stage == .accepted && life.decision?.kind == .offline && life.word == "现场申请，当场办结")
        #expect(desk.progress.isOpen)
        let applied = try #require(life.answers.date("applyDate"))
        #expect(life.items.first { $0.code == "hukou" }?.due == applied)
        #expect(life.decision?.reasons.first?.code == "LZ-O02")
        try desk.answerAll()
        #expect(!desk.life.items.contains { !$0.isFinished })
    }

    @Test("The booklet comes after the first vaccination where its limit says so")
    func vaccinate() throws {
        var desk = try accepted("06")
        #expect(desk.reasons(.vaccinate).first?.contains("首次接种疫苗日期") == true)
        #expect(!desk.reasons(.vaccinate) { $0.vaccinated = CalendarDate("2025-04-25") }.isEmpty)
        #expect(!desk.reasons(.vaccinate) { $0.vaccinated = CalendarDate("2025-04-30") }.isEmpty)
        try desk.take(.vaccinate) { $0.vaccinated = CalendarDate("2025-04-27") }
        #expect(desk.life.answers.date("firstVaccinationDate")?.description == "2025-04-27")
        #expect(desk.life.items.first { $0.code == "vaccCert" }?.outcome == .done)
        var other = try accepted("01")
        try other.take(.vaccinate)
    }

    @Test("A booklet beside the application is handed out, and has to be delivered, too")
    func direct() throws {
        var desk = try accepted("16")
        #expect(!desk.life.items.contains { $0.code == "vaccCert" })
        try desk.take(.vaccinate)
        #expect(desk.life.artefacts.first { $0.artefact == .vaccCert }?.state == .ready)
    }

    @Test("Who may collect the certificate is the region's to say, with all its sentences")
    func pickup() throws {
        var desk = try accepted()
        #expect(desk.reasons(.handOver) == ["目前没有可送达的证件。"])
        try desk.take(.issue) { $0.number = "Z459990001" }
        #expect(desk.reasons(.handOver) { $0.collector = "other" } == ["出生医学证明由新生儿母亲领取，母亲不能领取的由父亲现场领取。"])
        #expect(
            desk.reasons(.handOver) { $0.collector = "father" } == [
                "母亲不能领取出生医学证明的，需母亲签字捺印授权委托。", "由父亲现场领取出生医学证明的，需提供父母双方身份证原件。",
            ])
        #expect(!desk.reasons(.handOver) { $0.collector = "aunt" }.isEmpty)
        #expect(!desk.reasons(.handOver) { ($0.collector, $0.originals) = ("mother", ["passport"]) }.isEmpty)
        #expect(desk.reasons(.handOver) { $0.isMailed = true } == ["申请人没有选择邮寄送达出生医学证明。"])
        try desk.take(.handOver) { $0.collector = "mother" }
        #expect(desk.life.artefacts.first { $0.artefact == .birthCert }?.state == .delivered)
        #expect(!desk.reasons(.handOver) { ($0.artefact, $0.collector) = (.birthCert, "mother") }.isEmpty)
    }

    @Test("What the applicant wants by post is under way, then delivered")
    func mailed() throws {
        var desk = try accepted("16")
        try desk.take(.issue) { $0.number = "Z459990001" }
        #expect(!desk.reasons(.handOver) { ($0.isMailed, $0.progress) = (true, "lost") }.isEmpty)
        try desk.take(.handOver) { $0.isMailed = true }
        #expect(desk.life.artefacts.first?.state == .underWay)
        try desk.take(.handOver) { ($0.isMailed, $0.progress) = (true, "delivered") }
        #expect(desk.life.artefacts.first?.state == .delivered)
    }

    @Test("Two records of one paper's way dispute that paper, and nothing else")
    func twoCollectors() throws {
        var desk = try accepted()
        try desk.take(.issue) { $0.number = "Z459990001" }
        var other = desk.colleague(2)
        other.now = try #require(Moment(date: other.now.date.adding(days: 1) ?? other.now.date, seconds: 0))
        try desk.take(.handOver) { $0.collector = "mother" }
        try other.take(.handOver) { $0.collector = "mother" }
        desk.hear(other)
        #expect(desk.life.artefacts.first { $0.artefact == .birthCert }?.state == .disputed)
        #expect(desk.life.stage == .accepted)
    }

    @Test("Originals move forward only, and after a refusal only home")
    func originals() throws {
        var desk = try Desk("23")
        try desk.take(.post) { $0.progress = "pickupBooked" }
        #expect(desk.reasons(.post) { $0.progress = "applied" }.first?.contains("已预约上门取件") == true)
        #expect(!desk.reasons(.post) { $0.progress = "pickupBooked" }.isEmpty)
        #expect(!desk.reasons(.post) { $0.progress = "nowhere" }.isEmpty)
        try desk.take(.submit)
        try desk.take(.refuse)
        #expect(desk.reasons(.post) { $0.progress = "registered" } == ["不予受理后，原件只能寄回申请人。"])
        #expect(!desk.reasons(.close).isEmpty)
        try desk.take(.post) { $0.progress = "returnedToApplicant" }
        try desk.take(.close)
        #expect(desk.life.stage == .closed)
        let elsewhere = try Desk("01")
        #expect(elsewhere.reasons(.post) { $0.progress = "applied" } == ["本地区不寄递原件。"])
    }

    @Test("Every place of the way is on the dictionary's chain")
    func chain() throws {
        let group = try #require(FieldDictionary.standard.group(named: "originalsProgress"))
        #expect(group.rule == .furthest(chain: OriginalsProgress.allCases.map(\.rawValue)))
    }

    @Test("A case is evaluated once, with one of five levels, or not at all")
    func evaluate() throws {
        var desk = try accepted()
        for level in [nil, "0", "6", "满意"] {
            let reasons = desk.reasons(.evaluate) { $0.evaluation = level }
            #expect(!reasons.isEmpty)
        }
        try desk.take(.evaluate) { $0.evaluation = "4" }
        #expect(desk.life.stage == .accepted)
        #expect(desk.reasons(.evaluate) { $0.evaluation = "5" } == ["本件已评价，每件只评价一次。"])
        try desk.answerAll()
        try desk.deliverAll()
        #expect(desk.life.stage == .evaluated)
    }

    @Test("A case is closed without a reason only when nothing is left to do; a supervisor opens it again")
    func close() throws {
        var desk = try accepted()
        #expect(desk.reasons(.close).first?.contains("须填写理由") == true)
        try desk.answerAll()
        #expect(desk.life.stage == .delivering && !desk.reasons(.close).isEmpty)
        try desk.deliverAll()
        try desk.take(.close)
        #expect(desk.life.stage == .closed && !desk.progress.isOpen)
        #expect(desk.reasons(.reopen) == ["请填写理由。"])
        try desk.take(.reopen) { $0.reasons = ["误操作"] }
        #expect(desk.life.stage == .delivered)
    }

    @Test("A failed item ends; one that was sent back does not")
    func failed() throws {
        var desk = try accepted()
        try desk.answer("birthCert", .returned)
        #expect(desk.life.items.first { $0.code == "birthCert" }?.isFinished == false)
        var other = try accepted("16")
        for item in other.life.items { try other.answer(item.code, .failed) }
        #expect(other.life.stage == .delivered, "nothing is left to hand out")
    }
}

@Suite("What twins have in common")
struct SiblingTests {
    @Test(
        "The parents' and the application's answers are shared; a child's own and what nobody enters are not")
    func shared() {
        let groups = FieldDictionary.standard.groups
        let shared = Set(groups.filter(\.isSharedBySiblings).map(\.name))
        for name in [
            "motherName", "fatherIdentity", "motherPhone", "settlement", "application", "items", "materials",
        ] {
            #expect(shared.contains(name), "\(name)")
        }
        for group in groups {
            let isOwn =
                !group.isEntered || group.members.contains { $0.key.hasPrefix("child") }
                || group.name.hasSuffix("Result") || group.id.rawValue >= 200
            #expect(!(isOwn && shared.contains(group.name)), "\(group.name)")
        }
        for name in [
            "birthMoment", "birthMeasures", "birthCertNumber", "apgar", "acceptance", "preEnrolment",
        ] {
            #expect(!shared.contains(name) && groups.contains { $0.name == name }, "\(name)")
        }
    }
}
