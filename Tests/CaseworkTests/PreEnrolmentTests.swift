import Casework
import Foundation
import Testing

@Suite("Pre-enrolment")
struct PreEnrolmentTests {
    private static let guangxi = #"""
        {"idType": "其它类型", "name": {"1": "{motherName}之子", "2": "{motherName}之女"},
         "numbers": {"1": ["{motherIdNo}Y"], "2": ["{motherIdNo}x"], "multiple": ["{motherIdNo}大B", "{motherIdNo}小B"]}}
        """#

    private func rule(_ text: String = guangxi) throws -> PreEnrolmentRule {
        try JSONDecoder().decode(PreEnrolmentRule.self, from: Data(text.utf8))
    }

    private func answers(sex: String?, name: String? = "测试母甲", number: String? = "45032619940312996X")
        -> Answers
    {
        var answers = Answers()
        answers["childSex"] = sex.map { .text($0) }
        answers["motherName"] = name.map { .text($0) }
        answers["motherIdNo"] = number.map { .text($0) }
        return answers
    }

    @Test(
        "The name and the number follow the child's sex",
        arguments: [("1", "测试母甲之子", "45032619940312996XY"), ("2", "测试母甲之女", "45032619940312996Xx")])
    func single(sex: String, name: String, number: String) throws {
        let enrolment = try #require(try rule().preEnrolment(for: answers(sex: sex), isMultiple: false))
        #expect(enrolment.name == name)
        #expect(enrolment.idType == "其它类型")
        #expect(enrolment.numbers == [number])
        #expect(!enrolment.isAmbiguous)
    }

    @Test("For multiple births the seed leaves open which number is meant")
    func multiple() throws {
        let enrolment = try #require(try rule().preEnrolment(for: answers(sex: "2"), isMultiple: true))
        #expect(enrolment.name == "测试母甲之女")
        #expect(enrolment.numbers == ["45032619940312996X大B", "45032619940312996X小B"])
        #expect(enrolment.isAmbiguous)
    }

    @Test("What it suggests is not warned of")
    func suggestions() throws {
        for isMultiple in [false, true] {
            for sex in ["1", "2"] {
                let answers = answers(sex: sex, number: "450326199403129947")
                let enrolment = try rule().preEnrolment(for: answers, isMultiple: isMultiple)
                for number in try #require(enrolment).numbers {
                    var filled = answers
                    filled["preEnrolNo"] = .text(number)
                    #expect(AnswerChecks.faults(in: filled, today: nil) == [])
                }
            }
        }
    }

    @Test("Nothing is suggested while an answer is missing")
    func missing() throws {
        let rule = try rule()
        #expect(rule.preEnrolment(for: answers(sex: nil), isMultiple: false) == nil)
        #expect(rule.preEnrolment(for: answers(sex: "0"), isMultiple: true) == nil)
        #expect(rule.preEnrolment(for: answers(sex: "1", name: nil), isMultiple: false) == nil)
        #expect(rule.preEnrolment(for: answers(sex: "1", number: nil), isMultiple: false) == nil)
    }

    @Test(
        "A rule that cannot be filled is refused",
        arguments: [
            ("{motherName}之女", "{auntName}之女"), ("{motherIdNo}Y", "{motherAge}Y"),
            ("{motherIdNo}Y", "{childSex}Y"),
            ("{motherIdNo}Y", "{motherIdNo"),
            ("\"multiple\"", "\"twin\""), (#"["{motherIdNo}x"]"#, "[]"), ("其它类型", ""),
            (#""1": ["#, #""3": ["#),
            (
                #"["{motherIdNo}x"]"#,
                "[" + Array(repeating: #""{motherIdNo}x""#, count: 9).joined(separator: ",") + "]"
            ),
            ("其它类型", String(repeating: "类", count: 51)), (#""1": "{motherName}之子", "#, ""),
        ])
    func refused(old: String, new: String) throws {
        let text = Self.guangxi.replacingOccurrences(of: old, with: new)
        #expect(text != Self.guangxi)
        #expect(throws: DecodingError.self) { try rule(text) }
    }
}
