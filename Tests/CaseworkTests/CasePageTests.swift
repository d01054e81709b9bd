import Casework
import SyncProtocol
import Testing

@Suite("Pages of materials")
struct CasePageTests {
    private let policy: Policy
    private let dictionary = FieldDictionary.standard
    private let author = Author(role: .window, unit: "YF", user: "clerk")

    init() throws { policy = try #require(PolicyLibrary.standard["gx-yongfu"]) }

    private func page(_ seed: UInt8, _ part: String, of material: String = "YF-M02a") -> CasePage {
        CasePage(
            hash: [UInt8](repeating: seed, count: 32), format: .jpg, byteCount: 5, material: material,
            part: part)
    }

    /// A case made of writes, one change each.
    private func fold(_ steps: (CaseEdit) -> [GroupID: ChangeContent.Write]...) throws -> CaseState {
        var changes: [Change] = []
        for step in steps {
            let edit = CaseEdit(CaseState(folding: changes), history: changes, dictionary: dictionary)
            var content = ChangeContent(
                time: HybridTime(milliseconds: UInt64(changes.count + 1), counter: 0), author: author)
            content.writes = step(edit)
            changes.append(
                try Change(
                    replica: ReplicaID(rawValue: 1), sequence: UInt64(changes.count + 1),
                    caseID: CaseID(milliseconds: 1, random: (1, 1)), edition: UInt64(changes.count + 1),
                    content: content))
        }
        return CaseState(folding: changes)
    }

    private func gaps(_ state: CaseState) -> [String] {
        policy.evaluate(Answers(state: state, dictionary: dictionary)).gaps.map(\.text)
            .filter { $0.contains("母亲有效居民身份证") }
    }

    private func pages(_ state: CaseState) -> [CasePage] {
        CasePage.all(of: Answers(state: state, dictionary: dictionary))
    }

    @Test("A page that was added stands for its page of the material, and no longer once it is taken back")
    func satisfies() throws {
        let (front, back) = (page(1, "正面"), page(2, "反面"))
        let one = try fold({ $0.adding([front]) })
        let both = try fold({ $0.adding([front]) }, { $0.adding([back]) })
        let material = try #require(policy.material("YF-M02a"))
        let facts = { (state: CaseState) in
            policy.facts(of: Answers(state: state, dictionary: dictionary))
        }
        #expect(material.gaps(facts(one), verified: []).count == 1)
        #expect(material.gaps(facts(both), verified: []).isEmpty)
        let without = try fold(
            { $0.adding([front]) }, { $0.adding([back]) }, { $0.removing(front.hash, from: "YF-M02a") })
        #expect(
            material.gaps(facts(without), verified: [])
                == material.gaps(facts(one), verified: []).map {
                    $0.replacing("反面", with: "正面")
                })
        #expect(pages(without) == [back])
    }

    @Test("Pages that two clerks add at once all stand; one that stands is not added again")
    func union() throws {
        let (front, back) = (page(1, "正面"), page(2, "反面"))
        let state = try fold({ $0.adding([front, back]) }, { $0.adding([page(3, "反面")]) })
        #expect(pages(state) == [front, back, page(3, "反面")])
        let edit = CaseEdit(state, dictionary: dictionary)
        #expect(edit.adding([front]).isEmpty)
        #expect(edit.adding([front, page(4, "正面")]).values.first?.value == [.array([page(4, "正面").cbor])])
    }

    @Test(
        "Taking one page back leaves what was added with it, and another material's picture of the same file")
    func removes() throws {
        let other = page(1, "正面", of: "YF-M02b")
        let state = try fold(
            { $0.adding([page(1, "正面"), page(2, "反面"), other]) },
            { $0.removing(page(1, "").hash, from: "YF-M02a") })
        #expect(pages(state) == [page(2, "反面"), other])
        #expect(CaseEdit(state, dictionary: dictionary).removing(page(9, "").hash, from: "YF-M02a").isEmpty)
    }

    @Test("A format that the region does not accept is told, as for a paper without a picture")
    func formats() throws {
        let gx = try #require(PolicyLibrary.standard["gx"])
        let material = try #require(gx.material("GX-M05a"))
        let entry = { (format: PageFormat) in
            CasePage(
                hash: [UInt8](repeating: 7, count: 32), format: format, byteCount: 1, material: "GX-M05a",
                part: "正面"
            ).cbor
        }
        for format in PageFormat.allCases {
            let facts = gx.facts(of: Answers(["attachments": .array([entry(format)])]))
            #expect(!material.gaps(facts, verified: []).contains { $0.contains("格式不符") }, "\(format)")
        }
    }

    @Test("Every attachment that a change names is found, in whatever field, and nothing else")
    func names() throws {
        let state = try fold({ $0.adding([page(1, "正面")]) })
        let group = try #require(dictionary.group(named: "materials"))
        let paper = CBOR.array([
            .text("YF-M04"), .array([.text("首页")]), .null, .array([.bytes([UInt8](repeating: 9, count: 32))]),
        ])
        var writes = CaseEdit(CaseState(), dictionary: dictionary).adding([page(1, "正面"), page(2, "反面")])
        writes[group.id] = ChangeContent.Write(value: [.array([paper])], replaces: [])
        #expect(
            dictionary.attachments(in: writes) == Set([1, 2, 9].map { [UInt8](repeating: $0, count: 32) }))
        // Taking a page back names what stays.
        let removal = CaseEdit(state, dictionary: dictionary).removing(page(1, "").hash, from: "YF-M02a")
        #expect(!removal.isEmpty && dictionary.attachments(in: removal).isEmpty)
    }

    @Test("The first bytes tell what a file is")
    func magic() {
        #expect(PageFormat(beginning: [0xFF, 0xD8, 0xFF, 0xE0]) == .jpg)
        #expect(PageFormat(beginning: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]) == .png)
        #expect(PageFormat(beginning: Array("%PDF-1.7".utf8)) == .pdf)
        for other in [[], [0xFF, 0xD8], Array("GIF89a".utf8), Array("<html>".utf8)] as [[UInt8]] {
            #expect(PageFormat(beginning: other) == nil)
        }
    }

    @Test("A page is named by its number, its name, or all at once; where there is one, by nothing")
    func parts() throws {
        let several = try #require(policy.material("YF-M02a"))
        #expect(several.parts(named: nil) == nil && several.parts(named: "3") == nil)
        #expect(several.parts(named: "0") == nil && several.parts(named: "侧面") == nil)
        #expect(several.parts(named: "2") == ["反面"] && several.parts(named: "正面") == ["正面"])
        #expect(several.parts(named: "all") == ["正面", "反面"])
        let single = try #require(policy.materials.first { $0.parts.count == 1 })
        #expect(single.parts(named: nil) == single.parts)
    }
}
