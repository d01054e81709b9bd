import SyncProtocol
import Testing

@testable import Casework

@Suite("What a department gets and brings")
struct TaskContentTests {
    private static func accepted(_ number: String) throws -> Desk {
        var desk = try Desk(number)
        try desk.accept()
        return desk
    }

    @Test(
        "A task shows the fields that its item consumes and the papers that it needs, and nothing else",
        arguments: TaskOrderTests.examples)
    func onlyWhatIsConsumed(policy: String, number: String) throws {
        var desk = try Self.accepted(number)
        let rules = try #require(desk.progress.policy)
        for _ in rules.items {
            for status in desk.tasks.statuses {
                let task = desk.tasks.task(status)
                #expect(Set(task.fields.map(\.field.key)).isSubset(of: status.item.needs))
                let papers = task.papers.compactMap { rules.material($0.code) }
                #expect(papers.count == task.papers.count)
                #expect(papers.allSatisfy { $0.neededFor.contains(status.item.code) })
                if status.state == .ready {
                    #expect(!task.fields.isEmpty, "\(status.item.code)")
                    try desk.hand(try desk.result(status.item.code))
                } else if case .waiting = status.state {
                    #expect(task.fields.isEmpty && task.papers.isEmpty && task.expected.isEmpty)
                }
            }
        }
        #expect(desk.tasks.statuses.allSatisfy { $0.state == .answered(.done) })
        // What the police found out is with those who need it.
        let needing = desk.tasks.statuses.filter { $0.item.needs.contains("childIdNo") }
        #expect(
            needing.map(desk.tasks.task).allSatisfy { $0.fields.contains { $0.field.key == "childIdNo" } })
    }

    @Test(
        "Every item of every region knows what its department may bring, and only its own fields",
        arguments: TaskOrderTests.examples)
    func expected(policy: String, number: String) throws {
        let desk = try Self.accepted(number)
        for status in desk.tasks.statuses {
            let ready = ItemStatus(item: status.item, state: .ready, reasons: [])
            let expected = desk.tasks.task(ready).expected
            for key in expected.map(\.field.key) {
                let group = try #require(Desk.dictionary.place(of: key)).group
                #expect(group.rule == .owner(.department(status.item.department)), "\(key)")
            }
            let keys = Set(expected.map(\.field.key))
            let wanted: [String: Set<String>] = [
                "hukou": ["childIdNo", "hukouDetailsStation"],
                "ssCard": ["ssCardDetailsBank", "ssCardDetailsAccount"],
                "medInsReg": ["childInsuranceNo", "medInsRegDetailsFrom"],
            ]
            if let wanted = wanted[status.item.code] { #expect(keys == wanted, "\(status.item.code)") }
            let isNumberNeeded = desk.tasks.statuses.contains { $0.item.needs.contains("childIdNo") }
            if status.item.code == "hukou" {
                #expect(expected.first { $0.field.key == "childIdNo" }?.isRequired == isNumberNeeded)
            }
        }
    }

    @Test(
        "A wrong number is refused with the reason: check digit, birthday, sex, a parent's; and a missing one"
    )
    func wrongNumber() throws {
        var desk = try Self.accepted("01")
        for item in ["birthCert", "vaccCert"] { try desk.hand(try desk.result(item)) }
        let good = try desk.citizenID()
        let last = good.last == "1" ? "2" : "1"
        let answers = Answers(state: desk.state, dictionary: Desk.dictionary)
        let otherSex = answers.text("childSex") == "2" ? "1" : "2"
        let wrong: [(String, String)] = [
            (good.dropLast() + last, "校验"), (try desk.citizenID(birthDate: "2020-01-01"), "出生日期"),
            (try desk.citizenID(sex: otherSex), "性别"), ("12345", "18位"),
            (try #require(answers.text("motherIdNo")), "新生儿公民身份号码"),
        ]
        for (number, word) in wrong {
            let result = try desk.result("hukou", values: ["childIdNo": .text(number)])
            guard case .refuse(let reasons) = try desk.verdict(result) else {
                Issue.record("a number that is refused for \(word)")
                continue
            }
            #expect(reasons.contains { $0.contains("新生儿公民身份号码") && $0.contains(word) }, "\(reasons)")
            // Sentences never repeat what they are about.
            #expect(!reasons.contains { $0.contains(number) })
        }
        guard case .refuse(let reasons) = try desk.verdict(try desk.result("hukou", values: [:])) else {
            Issue.record("without a number nothing can follow")
            return
        }
        #expect(reasons.contains { $0.contains("childIdNo") && $0.contains("后续事项需要") })
        #expect(try desk.hand(try desk.result("hukou")) == .take)
        #expect(Answers(state: desk.state, dictionary: Desk.dictionary).text("childIdNo") == good)
    }

    @Test(
        "What is wrong in itself is refused: a later date, one before the birth, no reason, another's field, a bad certificate number"
    )
    func refused() throws {
        let desk = try Self.accepted("01")
        let right = try desk.result("birthCert")
        func variant(
            date: CalendarDate? = nil, outcome: Outcome = .done, number: String? = nil, note: String? = nil,
            values: [String: CBOR] = [:]
        ) -> DepartmentResult {
            DepartmentResult(
                department: "health", id: "x", caseID: Desk.caseID, item: "birthCert", outcome: outcome,
                date: date ?? right.date, number: number, note: note, values: values, user: "d")
        }
        let wrong = [
            variant(date: desk.now.date.adding(days: 1)), variant(date: CalendarDate("2000-01-01")),
            variant(outcome: .returned), variant(outcome: .failed, note: ""), variant(number: "12345"),
            variant(values: ["childIdNo": .text("x")]), variant(note: "a\u{7}b"),
            variant(note: String(repeating: "长", count: 2_001)),
        ]
        for result in wrong {
            guard case .refuse(let reasons) = try desk.verdict(result) else {
                Issue.record("\(result.outcome) \(result.date)")
                continue
            }
            #expect(!reasons.isEmpty)
        }
        #expect(try desk.verdict(variant(number: "Z459990001")) == .take)
    }

    @Test(
        "A conflict in a field that an item needs keeps its result for a person; its own contradiction does not"
    )
    func conflicts() throws {
        var desk = try Self.accepted("01")
        var other = desk.colleague(2)
        try desk.save(["childName": .text("王甲")])
        try other.save(["childName": .text("王乙")])
        desk.hear(other)
        guard case .keep(let reasons) = try desk.verdict(try desk.result("birthCert")) else {
            Issue.record("held by a conflict")
            return
        }
        #expect(reasons == ["“新生儿姓名”有不一致的记录，须先处理。"])

        var twice = try Self.accepted("01")
        let (first, second) = (
            try twice.result("birthCert", id: "a"), try twice.result("birthCert", id: "b", outcome: .failed)
        )
        #expect(try twice.hand(first) == .take && twice.hand(second) == .take)
        let held = try #require(twice.tasks.statuses.first { $0.item.code == "birthCert" })
        #expect(held.state == .held(by: [try twice.group("birthCertResult")]))
        // What depends on it waits meanwhile: nothing stands.
        #expect(twice.tasks.statuses.first { $0.item.code == "hukou" }?.state == .waiting(for: ["birthCert"]))
        let third = try twice.result("birthCert", id: "c")
        #expect(try twice.hand(third) == .take)
        #expect(twice.tasks.statuses.first { $0.item.code == "birthCert" }?.state == .answered(.done))
    }

    @Test("What the window has done itself, a department contradicts only through a person")
    func window() throws {
        var desk = try Self.accepted("01")
        try desk.take(.issue) { $0.number = "Z459990001" }
        #expect(try desk.verdict(try desk.result("birthCert")) == .take)
        guard case .keep = try desk.verdict(try desk.result("birthCert", outcome: .failed)) else {
            Issue.record("contradicts the window")
            return
        }
    }
}
