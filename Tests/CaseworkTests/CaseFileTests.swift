import Casework
import Foundation
import SyncProtocol
import Testing

@Suite("Case files")
struct CaseFileTests {
    @Test(
        "Every example case loads under its policy, without an error and without a warning",
        arguments: Fixture.births)
    func examples(number: String) throws {
        let input = try Fixture.birth(number)
        guard case .text(let policy)? = input["jurisdiction"] else { throw Fixture.Missing(name: number) }
        let file = try Fixture.read(input, policy: policy, today: CalendarDate("2026-12-31"))
        #expect(file.warnings == [])
        let answered = input.filter { $0.value != .null && $0.value != .text("") && $0.value != .list([]) }
        let expected = Set(answered.keys).subtracting(["jurisdiction", "siblings", "events", "pickup"])
        #expect(Set(file.answers.values.keys) == expected)
        #expect(Answers(groups: file.answers.groups()) == file.answers)
    }

    @Test("An example case is taken as it stands, with its title and what is expected of it")
    func wrapped() throws {
        let input = try Fixture.birth("01")
        let wrapped: [String: JSON] = ["id": .text("YF-01"), "expect": .object([:]), "input": .object(input)]
        #expect(try Fixture.read(wrapped) == Fixture.read(input))
    }

    @Test("A group's value has one element per member, null where unanswered")
    func groups() throws {
        let file = try Fixture.read(["motherIdNo": .text("450326199403129947")])
        let group = try #require(FieldDictionary.standard.place(of: "motherIdNo")?.group)
        #expect(file.answers.groups() == [group.id: .array([.null, .text("450326199403129947")])])
    }

    @Test("All faults come at once, each with field, label and both sentences")
    func allFaults() throws {
        let faults = try Fixture.faults([
            "motherIdNo": .text("450326199403129948"), "childSex": .text("9"),
            "birthDate": .text("2025-02-30"),
            "motherPhone": .text("123"), "colour": .text("red"), "birthCertNo": .text("459990001"),
        ])
        #expect(
            Set(faults.map(\.key)) == [
                "motherIdNo", "childSex", "birthDate", "motherPhone", "colour", "birthCertNo",
            ])
        let phone = try #require(faults.first { $0.key == "motherPhone" })
        #expect(phone.label == "母亲联系电话")
        #expect(phone.chinese == "母亲联系电话不是有效的手机号码或固定电话。")
        #expect(phone.english == "motherPhone: not a mobile or land line number")
        let id = try #require(faults.first { $0.key == "motherIdNo" })
        #expect(id.chinese == "母亲公民身份号码的校验码不正确，请对照证件核对。")
        let unknown = try #require(faults.first { $0.key == "colour" })
        #expect(unknown.chinese == "“colour”不是已知的字段。")
    }

    @Test("No sentence repeats an answer or a key that might be one")
    func privacy() throws {
        let secret = "450326199403129948"
        let faults = try Fixture.faults([
            "motherIdNo": .text(secret), "childName": .list([.text(secret)]), "fatherPhone": .text(secret),
            "childSex": .text(secret), "测试母甲": .text("x"),
        ])
        #expect(faults.count == 5)
        for fault in faults {
            #expect(!"\(fault) \(fault.chinese) \(fault.english)".contains(secret))
            #expect(!"\(fault) \(fault.chinese)".contains("测试母甲"))
        }
    }

    @Test(
        "What is no case file is refused for its reason, with the place",
        arguments: [
            ("", Problem.malformed(line: 1, column: 1)),
            ("{\n  \"出生\": oops\n}", .malformed(line: 2, column: 9)),
            (#"{"a":1"#, .malformed(line: 1, column: 7)), (#"{"a":1,}"#, .malformed(line: 1, column: 8)),
            (#"{"a":01}"#, .malformed(line: 1, column: 8)),
            (#"{"a":1e99999}"#, .malformed(line: 1, column: 6)),
            ("{\"a\":\"x\ty\"}", .malformed(line: 1, column: 8)),
            (#"{"a":"\ud800"}"#, .malformed(line: 1, column: 13)),
            (#"{"a":1} 2"#, .malformed(line: 1, column: 9)),
            (#"{"a":1,"b":2,"a":3}"#, .repeatedKey(line: 1, column: 14)),
            ("[]", .notAnObject), ("3", .notAnObject), (#"{"input": 3}"#, .notAnObject),
            (#"{"a":[[[[[[[[1]]]]]]]]}"#, .tooDeep(depthMax: CaseFile.depthMax)),
            (String(repeating: "[", count: 200_000), .tooDeep(depthMax: CaseFile.depthMax)),
            (String(repeating: " ", count: CaseFile.bytesMax + 1), .tooLarge(bytesMax: CaseFile.bytesMax)),
        ])
    func noCaseFile(text: String, problem: Problem) throws {
        let policy = try Fixture.policyNamed("gx-yongfu")
        #expect {
            _ = try CaseFile([UInt8](text.utf8), policy: policy)
        } throws: {
            ($0 as? CaseFileError)?.faults.map(\.problem) == [problem]
        }
    }

    @Test("Every escape of a text is understood, also a pair for one character")
    func escapes() throws {
        let text = #"{"note":"\u6d4b\/\"\\\n\ud840\udc00"}"#
        let file = try CaseFile([UInt8](text.utf8), policy: try Fixture.policyNamed("ah"))
        #expect(file.answers.text("note") == "测/\"\\\n\u{20000}")
    }

    @Test(
        "Bytes that are not UTF-8, and a file cut anywhere, are errors and never traps",
        arguments: Fixture.births)
    func damaged(number: String) throws {
        let policy = try Fixture.policyNamed("gx")
        let bytes = try Fixture.bytes("cases/\(number).json")
        let whole = bytes.lastIndex(of: UInt8(ascii: "}")) ?? 0
        for end in stride(from: 0, through: whole, by: 61) {
            #expect(throws: CaseFileError.self) { try CaseFile(Array(bytes[..<end]), policy: policy) }
        }
        #expect(throws: CaseFileError.self) {
            try CaseFile(Array(#"{"note":""#.utf8) + [0xFF, 0x22, 0x7D], policy: policy)
        }
    }

    @Test("A byte order mark of a Windows editor does no harm")
    func byteOrderMark() throws {
        let file = try CaseFile(
            [0xEF, 0xBB, 0xBF] + Array(#"{"childName":"测试一"}"#.utf8), policy: try Fixture.policyNamed("ah"))
        #expect(file.answers.text("childName") == "测试一")
    }

    @Test("Siblings become linked cases: the first newborn's answers with their own over them")
    func siblings() throws {
        var input = try Fixture.birth("01")
        input["plurality"] = .text("twin")
        input["siblings"] = .list([.object(["childName": .text("测试二"), "birthTime": .null])])
        let file = try Fixture.read(input)
        #expect(file.newborns.count == 2)
        #expect(file.newborns[1].text("childName") == "测试二")
        #expect(file.newborns[1]["birthTime"] == nil)
        #expect(file.newborns[0].text("birthTime") == "08:15")
        #expect(file.newborns[1].text("motherName") == file.newborns[0].text("motherName"))
    }

    @Test("A sibling's fault names the newborn, and what both share is told once")
    func siblingFaults() throws {
        let faults = try Fixture.faults([
            "motherIdNo": .text("450326199403129948"), "childSex": .text("2"), "relationToHead": .text("30"),
            "siblings": .list([.object(["childSex": .text("1")])]),
        ])
        #expect(faults.map(\.key) == ["motherIdNo", "relationToHead"])
        #expect(faults.map(\.newborn) == [0, 1])
        #expect(faults.last?.chinese == "第2名新生儿：新生儿与户主关系与性别不一致。")
    }

    @Test(
        "What a window may not write, or the policy does not offer, is refused",
        arguments: [
            ("childIdNo", JSON.text("450326202509260029"), Problem.ownedByDepartment),
            ("hukouResultStatus", .text("done"), .ownedByDepartment),
            ("decisionKind", .text("accept"), .notEntered), ("hospitalCode", .text("YF01"), .notEntered),
            ("items", .list([.text("criticalInsPay")]), .notOffered),
            ("jurisdiction", .text("ah"), .jurisdictionDisagrees),
            ("siblings", .text("one"), .wrongType(.list)), ("siblings", .list([.text("one")]), .notAnObject),
            ("siblings", .list(Array(repeating: .object([:]), count: 10)), .tooManySiblings(countMax: 9)),
        ])
    func refused(key: String, value: JSON, problem: Problem) throws {
        #expect(try Fixture.faults([key: value]).map(\.problem) == [problem])
    }

    @Test("Warnings do not block")
    func warnings() throws {
        let file = try Fixture.read([
            "birthWeightGrams": .number(8000), "motherPhone": .text("0773-8512345"),
            "childName": .text("Anna"),
            "motherMarriageCertNo": .text("桂永结字12号"), "bankAccountNo": .text("4111111111111112"),
        ])
        #expect(
            file.warnings.map(\.problem) == [
                .notChineseName, .unusual(500...7000), .landLine, .oldMarriageCertificate, .noLuhnSum,
            ])
    }
}
