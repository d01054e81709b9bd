import Casework
import Foundation
import Testing

@Suite("Forms on paper")
struct PaperFormTests {
    /// Which paper prints which form of forms.md.
    struct Printed: Sendable, CustomTestStringConvertible {
        let region: String
        let kind: PaperKind
        let form: String
        var testDescription: String { form }
    }

    private static let printed = [
        Printed(region: "gx-yongfu", kind: .application, form: "F-YF1"),
        Printed(region: "hl-fuyuan", kind: .application, form: "F-FY1"),
        Printed(region: "hl-fuyuan", kind: .delegation, form: "F-FY2"),
        Printed(region: "gx", kind: .application, form: "F-GX1"),
        Printed(region: "ah", kind: .application, form: "F-AH1"),
    ]

    @Test("Every key of the form stands on it, in the form's order", arguments: printed)
    func order(printed: Printed) throws {
        let policy = try Fixture.policyNamed(printed.region)
        let rows = policy.sections.filter { $0.form == printed.form }.flatMap(\.fields).flatMap(\.keys)
        let paper = try paper(printed)
        #expect(firsts(paper.keys) == firsts(rows))
    }

    @Test("Taking any answer away changes the paper", arguments: printed)
    func answers(printed: Printed) throws {
        let policy = try Fixture.policyNamed(printed.region)
        let maker = try Fixture.paper(printed.region)
        var content = try PaperContent.example(printed.region, outcome: "accept")
        content.answers = try letter(over: content.answers)
        let page = try maker.html(printed.kind, content)
        let keys = policy.sections.filter { $0.form == printed.form }.flatMap(\.fields).flatMap(\.keys)
        var checked = 0
        for key in Set(keys) where content.answers[key] != nil {
            var less = content
            less.answers[key] = .null
            #expect(try maker.html(printed.kind, less) != page, "\(key)")
            checked += 1
        }
        #expect(checked >= 12)
    }

    /// The example case has no letter: a delegate of the mother.
    private func letter(over answers: Answers) throws -> Answers {
        let values: [String: JSON] = [
            "delegatorName": .text("测试母己"), "delegatorIdType": .text("01"),
            "delegatorIdNo": .text("230883199303039921"), "delegatorPhone": .text("19900000013"),
            "delegateName": .text("测试外祖母"), "delegateIdType": .text("01"),
            "delegateIdNo": .text("230883196503039925"), "delegatePhone": .text("19900000099"),
            "delegateFrom": .text("2025-04-01"), "delegateTo": .text("2025-05-31"),
        ]
        return answers.overridden(by: try Fixture.answers(values).values)
    }

    @Test("The form carries the family's own numbers in full")
    func full() throws {
        let page = try Fixture.paper("gx-yongfu").html(.application, try .example("gx-yongfu", outcome: nil))
        let text = Balance.text(of: String(decoding: page, as: UTF8.self))
        #expect(text.contains("450326199403129947") && text.contains("19900000001"))
    }

    @Test("All choices are printed and the chosen one is ticked")
    func ticked() throws {
        let page = try Fixture.paper("gx-yongfu").html(.application, try .example("gx-yongfu", outcome: nil))
        let text = Balance.text(of: String(decoding: page, as: UTF8.self)).replacing("\u{2060}", with: "")
        #expect(text.contains("☐父亲、☑母亲，桂林市永福县测试镇派出所"))
        #expect(text.contains("☐多胞胎（☐男　☐女）☑单胞胎（☐男　☑女）"))
        #expect(text.contains("☑桂林银行　☐北部湾银行"))
        #expect(text.contains("2025年9月26日08时15分"))
    }

    @Test("Items that belong to every application are ticked on its form")
    func mandatory() throws {
        let page = try Fixture.paper("ah").html(.application, try .example("ah", outcome: nil))
        let text = Balance.text(of: String(decoding: page, as: UTF8.self)).replacing("\u{2060}", with: "")
        #expect(text.contains("☑《出生医学证明》签发　☑出生登记"))
    }

    @Test("An empty form has nothing ticked and places to write on", arguments: printed)
    func empty(printed: Printed) throws {
        var content = try PaperContent.example(printed.region, outcome: nil)
        content.answers = Answers()
        let page = try Fixture.paper(printed.region).html(printed.kind, content)
        let text = String(decoding: page, as: UTF8.self)
        #expect(!text.contains("☑") && !text.contains("class=\"filled\""))
    }

    @Test("The two insurance notes of 003 are printed as they are")
    func notes() throws {
        let page = try Fixture.paper("ah").html(.application, try .example("ah", outcome: nil))
        let text = Balance.text(of: String(decoding: page, as: UTF8.self))
        #expect(text.contains("出生90天内参保缴费的，自出生之日起享受居民医保待遇；超过3个月参保缴费的，自缴费次日起享受当年居民医保待遇。"))
        #expect(text.contains("2.本年度9月1日-12月31日出生的新生儿，申请人可按规定办理缴纳本年和次年的医保费"))
    }

    @Test("A form without a layout of its own is made from the policy's sections", arguments: Fixture.regions)
    func generated(region: String) throws {
        let policy = try Fixture.policyNamed(region)
        let form = try #require(policy.sections.first).form
        let json = """
            [{"kind": "application", "title": "表", "source": "test", "body": [{"form": "\(form)"}]}]
            """
        let papers = try JSONDecoder().decode([PolicyPaper].self, from: Data(json.utf8))
        #expect(PolicyPaper.faults(in: papers, forms: [form]) == [])
        let content = try PaperContent.example(region, outcome: nil)
        let page = try Paper(policy: policy, papers: papers).html(.application, content)
        let text = Balance.text(of: String(decoding: page, as: UTF8.self))
        #expect(Balance.fault(in: String(decoding: page, as: UTF8.self)) == nil)
        for row in policy.sections.filter({ $0.form == form }).flatMap(\.fields) {
            #expect(text.contains(row.label))
        }
    }

    private func paper(_ printed: Printed) throws -> PolicyPaper {
        try #require(try Fixture.paperFile(printed.region).papers.first { $0.kind == printed.kind })
    }

    private func firsts(_ keys: [String]) -> [String] {
        var seen: Set<String> = []
        return keys.filter { FieldDictionary.standard.field($0) != nil && seen.insert($0).inserted }
    }
}
