import Casework
import Foundation
import Testing

@Suite("Checking a policy's papers")
struct PaperCheckingTests {
    @Test("The shipped papers name what exists", arguments: Fixture.regions)
    func shipped(region: String) throws {
        let policy = try Fixture.policyNamed(region)
        let papers = try Fixture.paperFile(region).papers
        #expect(PolicyPaper.faults(in: papers, forms: Set(policy.sections.map(\.form))) == [])
    }

    @Test(
        "What a paper may not name is found, with its place",
        arguments: [
            (#"["{noSuchKey}"]"#, ".body[0]"), (#"["{childSex=9}"]"#, ".body[0]"),
            (#"["{declarationAccepted=maybe}"]"#, ".body[0]"), (#"["{childName=*}"]"#, ".body[0]"),
            (#"[{"form": "F-NO"}]"#, ".body[0].form"), (#"[]"#, ".body"),
            (#"[{"blocks": [{"rows": [[{"label": "甲", "span": 20}]]}]}]"#, ".body[0].blocks[0].rows[0]"),
            (#"[{"blocks": [{"rows": [[{"label": "甲", "span": 24}, "乙"]]}]}]"#, ".body[0].blocks[0].rows[0]"),
            (#"[{"blocks": [{"rows": [["{noSuchKey}"]]}]}]"#, ".body[0].blocks[0].rows[0][0]"),
        ])
    func faults(body: String, path: String) throws {
        let papers = try papers(#"{"kind": "refusal", "title": "甲", "source": "test", "body": \#(body)}"#)
        #expect(PolicyPaper.faults(in: papers, forms: []).map(\.path) == ["papers[0]" + path])
    }

    @Test("Titles, decisions, choices and twins are checked")
    func others() throws {
        let untitled = try papers(#"{"kind": "refusal", "title": "", "source": "test", "body": ["甲"]}"#)
        #expect(PolicyPaper.faults(in: untitled, forms: []).map(\.path) == ["papers[0].title"])
        let undecided = try papers(
            #"{"kind": "refusal", "outcome": "perhaps", "title": "甲", "source": "test", "body": ["甲"]}"#)
        #expect(PolicyPaper.faults(in: undecided, forms: []).map(\.path) == ["papers[0].outcome"])
        let unknown = try papers(
            #"{"kind": "refusal", "title": "甲", "source": "", "body": ["甲"], "choices": {"childSex": [{"code": "9", "label": "乙"}]}}"#
        )
        #expect(PolicyPaper.faults(in: unknown, forms: []).map(\.path) == ["papers[0].choices.childSex"])
        let twins = try Fixture.paperFile("gx-yongfu").papers.filter { $0.kind == .stock }
        #expect(PolicyPaper.faults(in: twins + twins, forms: []).map(\.path) == ["papers[1].kind"])
    }

    @Test(
        "Text with a place that cannot be read is refused",
        arguments: ["{childName", "childName}", "{}", "{a=}", "{=b}", "{a=b&c}", "{a=b=c}"])
    func syntax(text: String) {
        #expect(throws: PolicyFault.self) { try FormText(text) }
    }

    @Test("Text with places is read as it is written")
    func segments() throws {
        let text = try FormText("{a|　年}甲{b=1,2&c=3}乙{d=*}")
        #expect(
            text.segments == [
                .value(key: "a", blank: "　年"), .text("甲"),
                .box([.init(key: "b", codes: ["1", "2"]), .init(key: "c", codes: ["3"])]), .text("乙"),
                .choices(key: "d"),
            ])
        #expect(text.keys == ["a", "b", "c", "d"])
    }

    @Test("Text, papers and cells have their limits")
    func limits() throws {
        #expect(throws: Never.self) { try FormText(String(repeating: "字", count: FormText.lengthMax)) }
        #expect(throws: PolicyFault.self) {
            try FormText(String(repeating: "字", count: FormText.lengthMax + 1))
        }
        let stock = try Fixture.paperFile("gx").papers.filter { $0.kind == .stock }
        let many = [[PolicyPaper]](repeating: stock, count: PolicyPaper.countMax + 1).flatMap { $0 }
        #expect(PolicyPaper.faults(in: many, forms: []).map(\.path) == ["papers"])
        let rows = [String](repeating: #"["甲"]"#, count: PolicyPaper.cellsMax + 1).joined(separator: ",")
        let wide = try papers(
            #"{"kind": "stock", "title": "甲", "source": "", "body": [{"blocks": [{"rows": [\#(rows)]}]}]}"#)
        #expect(PolicyPaper.faults(in: wide, forms: []).map(\.path) == ["papers[0].body"])
    }

    private func papers(_ json: String) throws -> [PolicyPaper] {
        try JSONDecoder().decode([PolicyPaper].self, from: Data("[\(json)]".utf8))
    }
}
