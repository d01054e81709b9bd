import Casework
import Foundation
import SyncProtocol
import Testing

@Suite("The field dictionary")
struct FieldDictionaryTests {
    let dictionary = FieldDictionary.standard

    @Test("What was shipped stays as it was: IDs, members and rules only grow")
    func isAppendOnly() throws {
        let shipped = String(decoding: try Fixture.bytes("groups.txt"), as: UTF8.self).split(separator: "\n")
        #expect(shipped.count >= 146)
        let present = Set(dictionary.groups.map(Self.line))
        for line in shipped { #expect(present.contains(String(line)), "changed or gone: \(line)") }
        #expect(present.count == shipped.count, "a new group needs its line in groups.txt")
    }

    @Test("Every key of the forms and every case fact stands in exactly one group, with its type")
    func isComplete() throws {
        let vocabulary = try Fixture.decode(Vocabulary.self, from: "forms.json")
        #expect(vocabulary.keys.count == 140)
        for (key, type) in vocabulary.keys {
            let field = try #require(dictionary.field(key), "\(key) is missing")
            #expect(field.typeName == (type == "auto" ? "text" : type), "\(key)")
        }
        let notFields = ["jurisdiction", "siblings", "events", "pickup"]
        for fact in vocabulary.facts {
            #expect((dictionary.field(fact) != nil) == !notFields.contains(fact), "\(fact)")
        }
    }

    @Test("Every item has a result of its department and a progress")
    func itemsHaveResults() throws {
        for item in CodeLists.standard["item"] {
            guard case .owner(.department)? = dictionary.group(named: "\(item.code)Result")?.rule else {
                Issue.record("\(item.code) has no result")
                continue
            }
            #expect(
                dictionary.group(named: "\(item.code)Progress")?.rule
                    == .furthest(chain: ["waiting", "handling", "done"]))
        }
    }

    @Test("Every code list that a field names exists")
    func listsExist() {
        for field in dictionary.groups.flatMap(\.members) {
            for prefix in ["enum:", "multi:"] where field.typeName.hasPrefix(prefix) {
                #expect(
                    !CodeLists.standard[String(field.typeName.dropFirst(prefix.count))].isEmpty,
                    "\(field.key)")
            }
        }
    }

    @Test(
        "Rules follow DESIGN section 5",
        arguments: [
            ("birthDate", MergeRule.owner(.window)), ("childSex", .staff), ("motherPhone", .latest),
            ("childIdNo", .owner(.department("police"))), ("materials", .union), ("followParent", .staff),
            ("hospitalSettings", .staff), ("note", .union), ("hukouBookDelivery", .latest),
        ])
    func rules(key: String, rule: MergeRule) throws {
        let group = try #require(dictionary.place(of: key)?.group)
        #expect(group.rule == rule)
        #expect(dictionary.mergeRules[group.id] == rule)
    }

    @Test("An ID number stands with its type, and an unknown group has the rule staff")
    func grouping() throws {
        #expect(dictionary.place(of: "motherIdNo")?.group == dictionary.place(of: "motherIdType")?.group)
        #expect(dictionary.mergeRules[GroupID(rawValue: 4_000_000)] == .staff)
        #expect(dictionary.groups.filter { $0.id.rawValue >= 9000 }.count == 33)
    }

    @Test(
        "A dictionary in which something stands twice or is unknown is refused",
        arguments: [
            (#"{"format":1,"groups":[G1,G1]}"#, "1 stands twice"),
            (#"{"format":1,"groups":[G1,G2]}"#, "k stands twice"),
            (#"{"format":1,"groups":[G3]}"#, "field z: unknown type odd"),
            (#"{"format":1,"groups":[G4]}"#, "group g: bad rule"),
            (#"{"format":2,"groups":[]}"#, "unknown format 2"),
        ])
    func refused(json: String, fault: String) {
        let groups = [
            "G1":
                #"{"id":1,"name":"a","rule":"staff","members":[{"id":1,"key":"k","type":"text","label":"l"}]}"#,
            "G2":
                #"{"id":2,"name":"b","rule":"staff","members":[{"id":2,"key":"k","type":"text","label":"l"}]}"#,
            "G3":
                #"{"id":1,"name":"g","rule":"staff","members":[{"id":1,"key":"z","type":"odd","label":"l"}]}"#,
            "G4": #"{"id":1,"name":"g","rule":"owner","members":[]}"#,
        ]
        let text = groups.reduce(json) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
        #expect {
            try FieldDictionary(json: [UInt8](text.utf8))
        } throws: {
            "\($0)" == fault
        }
    }

    @Test("The code lists hold what forms.md lists, and 56 ethnic groups")
    func codeLists() throws {
        let lists = try Fixture.decode(Vocabulary.self, from: "forms.json").lists
        for (name, codes) in lists { #expect(CodeLists.standard[name].map(\.code) == codes, "\(name)") }
        #expect(CodeLists.standard["ethnicity"].filter { (Int($0.code) ?? 99) <= 56 }.count == 56)
        #expect(CodeLists.standard.code("08", in: "ethnicity")?.label == "壮族")
        #expect(CodeLists.standard.code("CHN", in: "country")?.label == "中国")
    }

    /// The line of `groups.txt`.
    private static func line(of group: FieldGroup) -> String {
        let rule =
            switch group.rule {
            case .staff: "staff"
            case .latest: "latest"
            case .union: "union"
            case .owner(.window): "owner window"
            case .owner(.central): "owner central"
            case .owner(.department(let code)): "owner department:\(code)"
            case .furthest(let chain): "furthest \(chain.joined(separator: ">"))"
            }
        let members = group.members.map { "\($0.id.rawValue):\($0.key):\($0.typeName)" }
        return "\(group.id) \(group.name) | \(rule) | \(members.joined(separator: " "))"
    }
}
