import Casework
import Foundation
import Testing

@Suite("Papers of the regions")
struct PaperTests {
    private static let kinds: [String: [PaperKind]] = [
        "gx-yongfu": [.acceptance, .correction, .refusal, .application, .handover, .stock],
        "hl-fuyuan": [.receipt, .correction, .refusal, .application, .delegation, .stock],
        "gx": [.correction, .refusal, .application, .stock],
        "ah": [.refusal, .correction, .application, .stock],
        "gx-liuzhou": [.refusal, .posting, .stock],
    ]

    @Test("A paper exists only where the region has it", arguments: Fixture.regions, PaperKind.allCases)
    func kinds(region: String, kind: PaperKind) throws {
        let maker = try Fixture.paper(region)
        let expected = try #require(Self.kinds[region])
        #expect(maker.kinds == expected)
        let papers = maker.papers.filter { $0.kind == kind }
        guard expected.contains(kind) else {
            let error = #expect(throws: PaperError.self) {
                try maker.html(kind, try .example(region, outcome: "accept"))
            }
            #expect(error == .notInRegion(place: maker.policy.place, kind: kind))
            return
        }
        for paper in papers {
            let content = try PaperContent.example(region, outcome: paper.outcome)
            let page = String(decoding: try maker.html(kind, content), as: UTF8.self)
            #expect(Balance.fault(in: page) == nil)
            #expect(page.contains("<h1>\(paper.title)</h1>"))
        }
    }

    @Test("Titles are official only where the seed names them")
    func titles() throws {
        var official: [String] = []
        for region in Fixture.regions {
            official += try Fixture.paperFile(region).papers.filter { !$0.isWorkingTitle }.map(\.title)
        }
        #expect(
            official.sorted() == [
                "不予受理通知书", "受理通知书", "安徽省新生儿出生“一件事”办理申请表", "抚远市出生“一件事”多证联办授权委托书",
                "抚远市出生“一件事”多证联办申请表", "新生儿“出生即入户”材料寄递委托书", "新生儿出生“一件事”办理登记表",
                "新生儿出生“一件事”申请表",
            ])
    }

    @Test("A notice belongs to its decision")
    func outcome() throws {
        let maker = try Fixture.paper("gx-yongfu")
        #expect(throws: PaperError.otherDecision(title: "受理通知书", decision: "不予受理")) {
            try maker.html(.acceptance, try .example("gx-yongfu", outcome: "refuse"))
        }
        let error = #expect(throws: PaperError.self) {
            try maker.html(.refusal, try .example("gx-yongfu", outcome: nil))
        }
        #expect(error?.description == "尚未作出办理结论，不能出具《不予受理通知书》。")
        #expect(maker.kinds(for: "refuse") == [.refusal, .application, .handover, .stock])
        let liuzhou = try Fixture.paper("gx-liuzhou")
        for outcome in ["refuseAndReturn", "offline", "blocked"] {
            #expect(liuzhou.kinds(for: outcome).contains(.refusal))
        }
    }

    @Test("A refusal gives all its reasons, a correction all gaps; without any it is not made")
    func reasons() throws {
        for region in Fixture.regions {
            let maker = try Fixture.paper(region)
            for paper in maker.papers where [.refusal, .correction].contains(paper.kind) {
                var content = try PaperContent.example(region, outcome: paper.outcome)
                let page = String(decoding: try maker.html(paper.kind, content), as: UTF8.self)
                for reason in paper.kind == .refusal ? content.reasons : content.gaps {
                    #expect(page.contains("<li>\(reason.text)</li>"))
                }
                (content.reasons, content.gaps) = ([], [])
                let error = #expect(throws: PaperError.self) { try maker.html(paper.kind, content) }
                #expect(error?.description.contains("《\(paper.title)》：缺少") == true)
            }
        }
    }

    @Test(
        "A notice addresses whoever applies, with that person's phone",
        arguments: [
            ("mother", "测试母", "199****0001"), ("father", "测试父", "199****0002"),
            ("delegate", "测试外祖母", "199****0003"), ("guardianOther", "测试母", "199****0001"),
        ])
    func applicant(role: String, name: String, phone: String) throws {
        let answers = try Fixture.answers([
            "applicantRole": .text(role), "motherName": .text("测试母"), "fatherName": .text("测试父"),
            "delegateName": .text("测试外祖母"), "motherPhone": .text("19900000001"),
            "fatherPhone": .text("19900000002"), "delegatePhone": .text("19900000003"),
        ])
        let content = try PaperContent.example("hl-fuyuan", answers: answers, outcome: "refuse")
        let page = try Fixture.paper("hl-fuyuan").html(.refusal, content)
        let text = String(decoding: page, as: UTF8.self)
        #expect(text.contains("<p class=\"salutation\"><span class=\"filled\">\(name)</span>：</p>"))
        #expect(text.contains(">\(phone)<"))
    }

    @Test("安徽's refusal ends with the sentence of 003 二(四)")
    func offline() throws {
        let page = try Fixture.paper("ah").html(.refusal, try .example("ah", outcome: "offline"))
        #expect(Balance.text(of: String(decoding: page, as: UTF8.self)).contains("不符合条件的可按各部门政务服务工作要求在线下办理。"))
    }

    @Test("Nobody's full number stands on a notice, register or list", arguments: Fixture.regions)
    func masked(region: String) throws {
        let numbers: [String: String] = [
            "idNo": "450326199403129947", "phone": "19912345678", "bankCard": "6222021234567890123",
            "preEnrolNo": "450326199403129947Y", "text": "88776655443322110099",
        ]
        var values: [String: JSON] = [:]
        for field in FieldDictionary.standard.groups.flatMap(\.members) where Masking(field) != nil {
            values[field.key] = .text(try #require(numbers[field.typeName]))
        }
        let answers = try Fixture.answers(region == "gx" ? "11" : "01").overridden(
            by: try Fixture.answers(values).values)
        let maker = try Fixture.paper(region)
        var checked = 0
        for paper in maker.papers where ![.application, .delegation].contains(paper.kind) {
            let content = try PaperContent.example(region, answers: answers, outcome: paper.outcome)
            let page = String(decoding: try maker.html(paper.kind, content), as: UTF8.self)
            for number in numbers.values { #expect(!page.contains(number), "\(paper.title)") }
            checked += 1
        }
        #expect(checked > 1)
    }

    @Test("Served pages have no style of their own, files need nothing else", arguments: Fixture.regions)
    func style(region: String) throws {
        let maker = try Fixture.paper(region)
        let content = try PaperContent.example(region, outcome: "accept")
        let served = String(decoding: try maker.html(.stock, content), as: UTF8.self)
        #expect(served.contains("<link rel=\"stylesheet\" href=\"/assets/paper.css\"/>"))
        #expect(!served.contains("<style") && !served.contains(" style="))
        let file = String(decoding: try maker.html(.stock, content, standsAlone: true), as: UTF8.self)
        #expect(!file.contains("<link") && !file.contains("http") && file.contains(Paper.styleSheet))
        #expect(Paper.styleSheet.contains("size: A4"))
    }

    @Test("Random text in every answer and line stays text", arguments: 0..<40)
    func escaped(seed: UInt64) throws {
        var random = PaperRandom(seed: seed)
        for region in Fixture.regions {
            var values = try Fixture.answers(Fixture.birthOfRegion[region] ?? "").values
            var name = ""
            for field in FieldDictionary.standard.groups.flatMap(\.members) where field.typeName == "text" {
                let text = random.text()
                values[field.key] = .text(text)
                if field.key == "childName" { name = text }
            }
            let maker = try Fixture.paper(region)
            for paper in maker.papers {
                var content = try PaperContent.example(
                    region, answers: Answers(values), outcome: paper.outcome, hospital: random.text())
                content.reasons[0] = .init(code: random.text(), text: random.text())
                content.clerk = random.text()
                let page = String(decoding: try maker.html(paper.kind, content), as: UTF8.self)
                #expect(Balance.fault(in: page) == nil, "seed \(seed), \(region), \(paper.title)")
                if paper.kind == .application {
                    #expect(Balance.text(of: page).contains(name), "seed \(seed), \(region)")
                }
            }
        }
    }

    @Test("More entries than a paper may have are refused")
    func limit() throws {
        var content = try PaperContent.example("gx-yongfu", outcome: "refuse")
        content.reasons = Array(repeating: content.reasons[0], count: PaperContent.entriesMax + 1)
        let maker = try Fixture.paper("gx-yongfu")
        #expect(throws: PaperError.tooMany(countMax: 10_000)) { try maker.html(.refusal, content) }
    }
}
