import Casework
import Testing

@Suite("Answers that must agree")
struct AnswerChecksTests {
    /// A girl's mother, as the example cases have her.
    private static let mother = "450326199403129947"
    private static let father = "450326199207089933"

    @Test("The mother's number is even and the father's odd")
    func sexOfParents() throws {
        let faults = try Fixture.faults(["motherIdNo": .text(Self.father), "fatherIdNo": .text(Self.mother)])
        #expect(faults.map(\.key) == ["motherIdNo", "fatherIdNo"])
        #expect(faults.allSatisfy { $0.problem == .sexDiffers })
    }

    @Test("Only an ID card's number is judged as one", arguments: [("01", 1), ("03", 0)])
    func otherDocuments(type: String, count: Int) throws {
        let faults = try Fixture.faults(["motherIdType": .text(type), "motherIdNo": .text("E12345678")])
        #expect(faults.count == count)
    }

    @Test(
        "A pre-enrolment number that is not made of one parent's number is a warning",
        arguments: [
            ("\(mother)x", 0), ("\(father)大B", 0), ("450326199403129957x", 1), ("\(mother)z", 1), ("12", 1),
        ])
    func preEnrolment(number: String, count: Int) throws {
        let faults = try Fixture.faults([
            "motherIdNo": .text(Self.mother), "fatherIdNo": .text(Self.father), "preEnrolNo": .text(number),
        ])
        #expect(faults.map(\.problem) == Array(repeating: .oddPreEnrolment, count: count))
        #expect(faults.allSatisfy { $0.isWarning })
    }

    @Test("A birth date beside the number must be the number's")
    func birthDate() throws {
        let faults = try Fixture.faults([
            "motherIdNo": .text(Self.mother), "motherBirthDate": .text("1994-03-13"),
        ])
        #expect(faults.map(\.problem) == [.differs(label: "母亲出生日期")])
        #expect(
            try Fixture.faults(["motherIdNo": .text(Self.mother), "motherBirthDate": .text("1994-03-12")])
                == [])
    }

    @Test("The age is the one at the child's birth", arguments: [(31, 0), (30, 1)])
    func age(years: Int, count: Int) throws {
        let faults = try Fixture.faults([
            "motherIdNo": .text(Self.mother), "motherAge": .number(31 + .init(years) - 31),
            "birthDate": .text("2025-09-26"),
        ])
        #expect(faults.count == count)
    }

    @Test("The child's number agrees with its birth date and sex")
    func child() throws {
        // 440524188001010014: a boy's, of 1880-01-01.
        let answers = Answers([
            "childIdNo": .text("440524188001010014"), "birthDate": .text("1880-01-02"),
            "childSex": .text("2"),
        ])
        let problems = AnswerChecks.faults(in: answers, today: nil).map(\.problem)
        #expect(problems == [.differs(label: "出生日期"), .sexDiffers])
    }

    @Test(
        "Dates stand in their order",
        arguments: [
            ("birthDate", "applyDate", "申请日期早于出生日期。"), ("admissionDate", "birthDate", "出生日期早于入院日期。"),
            ("delegateFrom", "delegateTo", "委托期限止早于委托期限起。"), ("applyDate", "acceptanceDate", "受理日期早于申请日期。"),
        ])
    func order(early: String, late: String, sentence: String) throws {
        let faults = try Fixture.faults([early: .text("2025-09-02"), late: .text("2025-09-01")])
        #expect(faults.map(\.chinese) == [sentence])
        #expect(try Fixture.faults([early: .text("2025-09-01"), late: .text("2025-09-01")]) == [])
    }

    @Test("Nothing has happened after today")
    func future() throws {
        let input: [String: JSON] = ["birthDate": .text("2025-09-27")]
        #expect(try Fixture.faults(input, today: CalendarDate("2025-09-26")).map(\.problem) == [.inFuture])
        #expect(try Fixture.faults(input, today: CalendarDate("2025-09-27")) == [])
    }

    @Test("The moment of application lies on its date")
    func applyDateTime() throws {
        let faults = try Fixture.faults([
            "applyDate": .text("2025-09-28"), "applyDateTime": .text("2025-09-29T09:30:00+08:00"),
        ])
        #expect(faults.map(\.problem) == [.differs(label: "申请日期")])
    }

    @Test(
        "The relation to the head implies the child's sex",
        arguments: [("30", "2", 0), ("30", "1", 1), ("97", "1", 0), ("20", "0", 0)])
    func relation(relation: String, sex: String, count: Int) throws {
        #expect(
            try Fixture.faults(["relationToHead": .text(relation), "childSex": .text(sex)]).count == count)
    }

    @Test("The child takes the ethnicity of the parent that is named")
    func ethnicity() throws {
        var input: [String: JSON] = [
            "childEthnicityFollows": .text("father"), "childEthnicity": .text("08"),
            "fatherEthnicity": .text("01"),
            "motherEthnicity": .text("08"),
        ]
        #expect(try Fixture.faults(input).map(\.problem) == [.differs(label: "父亲民族")])
        input["childEthnicityFollows"] = .text("mother")
        #expect(try Fixture.faults(input) == [])
    }

    @Test(
        "Numbers beyond any newborn are errors, unusual ones warnings",
        arguments: [
            ("apgar1", 11, false), ("birthWeightGrams", 30_000, false), ("birthWeightGrams", 400, true),
            ("gestationalWeeks", 45, true),
        ])
    func ranges(key: String, value: Int, isWarning: Bool) throws {
        #expect(try Fixture.faults([key: .number(.init(value))]).map(\.isWarning) == [isWarning])
    }
}

@Suite("Codes that stand twice")
struct RepeatedCodeTests {
    @Test("A choice is made once; two boys are two entries")
    func repeated() throws {
        let years = try Fixture.faults(["insureYears": .list([.text("next"), .text("next")])])
        #expect(years.contains { $0.key == "insureYears" && $0.problem == .repeated && !$0.isWarning })
        let sexes = try Fixture.faults(["deliverySexes": .list([.text("1"), .text("1")])])
        #expect(!sexes.contains { $0.problem == .repeated })
    }
}
