import Casework
import Foundation
import SyncProtocol
import Testing

@Suite("The rules for duplicates as data")
struct DuplicateRulesTests {
    private static func file(_ change: (inout [String: Any]) -> Void) throws -> [UInt8] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Casework/Duplicates/Duplicates.json")
        var members = try #require(
            try JSONSerialization.jsonObject(with: try Data(contentsOf: url)) as? [String: Any])
        change(&members)
        return Array(try JSONSerialization.data(withJSONObject: members))
    }

    @Test("The shipped file keeps to its schema; codes are unique, and each has a sentence without a value")
    func shipped() throws {
        let rules = try DuplicateRules(json: try Self.file { _ in })
        #expect(rules == .standard)
        #expect(rules.rules.count == 16)
        for rule in rules.rules + rules.doubts {
            #expect(rules.text(of: rule.code) == rule.text && rule.text.hasSuffix("。"), "\(rule.code)")
        }
        #expect(rules.text(of: "DC-99").contains("DC-99"))
    }

    @Test("A claim that no comparison makes, an unknown key and a code that stands twice are refused")
    func refused() throws {
        func rule(_ claim: String, _ code: String = "DC-90") -> [String: Any] {
            ["code": code, "score": 50, "when": [[claim]], "text": "。"]
        }
        for claim in ["motherID.homophone", "sex.near", "shoe.equal", "equal", ""] {
            #expect(throws: DictionaryError.self, "\(claim)") {
                try DuplicateRules(json: try Self.file { $0["rules"] = [rule(claim)] })
            }
        }
        #expect(throws: DictionaryError.self) { try DuplicateRules(json: try Self.file { $0["more"] = 1 }) }
        #expect(throws: DictionaryError.self) {
            try DuplicateRules(
                json: try Self.file { $0["rules"] = [rule("sex.equal"), rule("sex.far")] })
        }
        #expect(throws: DictionaryError.self) { try DuplicateRules(json: Array("[".utf8)) }
    }

    @Test("A word for a child without a name is no name", arguments: ["待定", "覃丽之子", "覃丽之女", "韦宝宝"])
    func nameless(name: String) { #expect(DuplicateRules.standard.isNameless(name)) }

    @Test("A name is a name", arguments: ["覃丽", "韦子涵", "王之女贞"])
    func named(name: String) { #expect(!DuplicateRules.standard.isNameless(name)) }

    @Test("Traits are read from every standing value, in one form of writing; a withdrawn case has no keys")
    func reading() throws {
        let dictionary = FieldDictionary.standard
        let id = CaseID(milliseconds: 5, random: (1, 2))
        func change(_ replica: UInt64, _ answers: [String: CBOR]) throws -> Change {
            var content = ChangeContent(
                time: HybridTime(milliseconds: 9), author: Author(role: .window, unit: "H", user: "u"))
            for (group, value) in Answers(answers).groups(in: dictionary) {
                guard case .array(let members) = value else { continue }
                content.writes[group] = ChangeContent.Write(value: members, replaces: [])
            }
            return try Change(
                replica: ReplicaID(rawValue: replica), sequence: 1, caseID: id, edition: 1, content: content)
        }
        let changes = [
            try change(
                1,
                ["motherName": .text("阿依·古丽"), "childName": .text("待定"), "birthWeightGrams": .unsigned(3100)]),
            try change(2, ["motherName": .text("阿依•古丽 "), "motherIdNo": .text("45032619950505122x")]),
            try change(3, ["motherIdNo": .text("450326199505051220")]),
        ]
        let traits = ChildTraits(id, CaseState(folding: changes), dictionary: dictionary)
        #expect(traits[.motherName] == ["阿依古丽"])
        #expect(traits[.motherID] == ["45032619950505122X", "450326199505051220"])
        #expect(traits[.childName].isEmpty && traits[.weight] == ["3100"])
        #expect(!traits.keys.isEmpty)
        let withdrawn = CaseState(folding: changes + [try change(4, ["withdrawalDate": .text("2026-01-02")])])
        #expect(ChildTraits(id, withdrawn, dictionary: dictionary).keys.isEmpty)
        for group in ChildTraits.groups(in: dictionary) { #expect(dictionary[group] != nil) }
    }
}
