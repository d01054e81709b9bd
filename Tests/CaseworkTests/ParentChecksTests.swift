import Casework
import Testing

@Suite("Answers about the parents and the papers")
struct ParentChecksTests {
    private static let mother = "450326199403129947"
    private static let father = "450326199207089933"

    @Test(
        "Two people do not have one number",
        arguments: [
            ("motherIdNo", "fatherIdNo", "父亲公民身份号码与母亲公民身份号码相同。"),
            ("motherIdNo", "delegateIdNo", "受委托人证件号码与母亲公民身份号码相同。"),
            ("delegatorIdNo", "delegateIdNo", "受委托人证件号码与委托人证件号码相同。"),
        ])
    func sameNumber(first: String, second: String, sentence: String) throws {
        // Passports, whose numbers are not judged.
        let types = ["motherIdType", "fatherIdType", "delegatorIdType", "delegateIdType"]
        var input = Dictionary(uniqueKeysWithValues: types.map { ($0, JSON.text("03")) })
        (input[first], input[second]) = (.text("E12345678"), .text("E12345678"))
        #expect(try Fixture.faults(input).map(\.chinese) == [sentence])
        #expect(try Fixture.faults(input).allSatisfy { !$0.isWarning })
        input[second] = .text("E12345679")
        #expect(try Fixture.faults(input) == [])
    }

    @Test("The child does not have a parent's number", arguments: ["mother", "father"])
    func childsNumber(parent: String) {
        let number = parent == "mother" ? Self.mother : Self.father
        let answers = Answers(["\(parent)IdNo": .text(number), "childIdNo": .text(number)])
        let faults = AnswerChecks.faults(in: answers, today: nil)
        #expect(faults.map(\.key) == ["childIdNo"])
        #expect(faults.first?.isWarning == false)
    }

    @Test(
        "An unusual age at birth is worth a second look, wherever it is known from",
        arguments: [
            ("motherIdNo", mother, "2025-09-26", 0), ("motherIdNo", mother, "2008-03-12", 0),
            ("motherIdNo", mother, "2008-03-11", 1), ("motherIdNo", mother, "2050-03-11", 0),
            ("motherIdNo", mother, "2050-03-12", 1), ("motherIdNo", mother, "1990-01-01", 1),
            ("fatherIdNo", father, "2008-07-08", 0), ("fatherIdNo", father, "2008-07-07", 1),
            ("fatherIdNo", father, "2073-07-07", 0), ("fatherIdNo", father, "2073-07-08", 1),
            ("motherBirthDate", "1969-09-26", "2025-09-26", 1),
            ("motherBirthDate", "1969-09-27", "2025-09-26", 0),
            ("fatherBirthDate", "2009-09-27", "2025-09-26", 1),
            ("fatherBirthDate", "2009-09-26", "2025-09-26", 0),
        ])
    func age(key: String, value: String, birth: String, count: Int) throws {
        let faults = try Fixture.faults([key: .text(value), "birthDate": .text(birth)])
        #expect(
            faults.map(\.problem)
                == Array(repeating: .unusualAge(key.hasPrefix("m") ? 14...55 : 16...80), count: count))
        #expect(faults.allSatisfy { $0.isWarning && $0.key == key })
    }

    @Test(
        "An age that is only stated counts too",
        arguments: [
            ("motherAge", 13, 1), ("motherAge", 14, 0), ("motherAge", 56, 1), ("fatherAge", 15, 1),
            ("fatherAge", 80, 0),
        ])
    func statedAge(key: String, age: Int, count: Int) throws {
        let faults = try Fixture.faults([key: .number(.init(age))])
        #expect(faults.map(\.key) == Array(repeating: key, count: count))
    }

    @Test("The age's sentence names the answer it comes from")
    func ageSentence() throws {
        let faults = try Fixture.faults(["motherIdNo": .text(Self.mother), "birthDate": .text("2008-03-11")])
        #expect(faults.map(\.chinese) == ["母亲公民身份号码对应的生育年龄不在14至55岁之间，请核对。"])
    }

    @Test(
        "A space or a Latin letter in a name on an ID card is worth a second look",
        arguments: [
            ("测试 甲", "01", 1), ("测试　甲", "01", 1), ("测试A", "01", 1), ("测试Ａ", "01", 1), ("测试ａ", "01", 1),
            ("Élise", nil, 1),
            ("测试甲", "01", 0), ("阿依·古丽", nil, 0), ("Anna Example", "03", 0),
        ] as [(String, String?, Int)])
    func names(name: String, type: String?, count: Int) throws {
        for parent in ["mother", "father"] {
            var input: [String: JSON] = ["\(parent)Name": .text(name)]
            input["\(parent)IdType"] = type.map { .text($0) }
            let faults = try Fixture.faults(input)
            #expect(faults.map(\.problem) == Array(repeating: .spaceOrLatin, count: count))
            #expect(faults.allSatisfy { $0.isWarning && $0.key == "\(parent)Name" })
        }
    }

    @Test(
        "A child's name is of Chinese characters, with “·” between them",
        arguments: [
            ("测试一", 0), ("阿依·古丽", 0), ("测", 1), ("·测试", 1), ("测试·", 1), ("测··试", 1), ("测试1", 1), ("测试a", 1),
            ("测 试", 1), ("〇一", 0), ("测•试", 1), (String(repeating: "测", count: 50), 0),
        ])
    func childName(name: String, count: Int) throws {
        let faults = try Fixture.faults(["childName": .text(name)])
        #expect(faults.map(\.problem) == Array(repeating: .notChineseName, count: count))
        #expect(faults.allSatisfy { $0.isWarning })
    }

    @Test(
        "The spouses' marriage certificates bear one number",
        arguments: [("J450326-2021-000001", 0), ("J450326-2021-000002", 1)])
    func marriage(fathers: String, count: Int) throws {
        let faults = try Fixture.faults([
            "motherMarriageCertNo": .text("J450326-2021-000001"), "fatherMarriageCertNo": .text(fathers),
        ])
        #expect(faults.map(\.chinese) == Array(repeating: "父亲结婚证字号与母亲结婚证字号不同，请核对。", count: count))
        #expect(faults.allSatisfy { $0.isWarning })
    }

    @Test(
        "A certificate has the province of the institution",
        arguments: [("T450000123", "450326", 0), ("T340000123", "450326", 1), ("T340000123", "340123", 0)])
    func certificate(number: String, county: String, count: Int) {
        let answers = Answers(["birthCertNo": .text(number), "institutionCountyCode": .text(county)])
        let faults = AnswerChecks.faults(in: answers, today: nil)
        #expect(faults.map(\.chinese) == Array(repeating: "出生医学证明编号的省份代码与医疗机构行政区划代码的不同，请核对。", count: count))
        #expect(faults.allSatisfy { $0.isWarning })
    }

    @Test(
        "An area code begins with a province",
        arguments: [("450326", 0), ("710000", 0), ("820000", 0), ("660000", 1), ("163000", 1), ("990000", 1)])
    func areaCode(code: String, count: Int) throws {
        for key in [
            "institutionCountyCode", "motherHukouCode", "fatherHukouCode", "settleCountyCode",
            "insureAreaCode",
        ] {
            let faults = try Fixture.faults([key: .text(code)])
            #expect(faults.map(\.problem) == Array(repeating: .noSuchProvince, count: count))
            #expect(faults.allSatisfy { $0.isWarning })
        }
    }

    @Test("All provinces of the standard are known, and no others")
    func provinces() {
        let known = (10...99).filter { UsualForm.isInProvince("\($0)0000") }
        #expect(known.count == 34)
        #expect(known.first == 11 && known.last == 82)
    }
}
