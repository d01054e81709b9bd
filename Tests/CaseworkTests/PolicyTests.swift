import Casework
import Foundation
import SyncProtocol
import Testing

@Suite("Policies")
struct PolicyTests {
    /// What an example case expects of its items.
    private struct Expected: Decodable {
        let policy: String
        let ticked: [String]?
        let applied: [String]?
        let after: [String: [String]]?
    }

    private static let forms = [
        "gx-yongfu": ["F-YF1"], "hl-fuyuan": ["F-FY1", "F-FY2"], "gx": ["F-GX1", "F-GX2"], "ah": ["F-AH1"],
        "gx-liuzhou": ["F-LZ"],
    ]

    @Test("The form has the rows of forms.md in their order", arguments: forms.keys.sorted())
    func rows(id: String) throws {
        let policy = try Fixture.policyNamed(id)
        let vocabulary = try Fixture.decode(Vocabulary.self, from: "forms.json")
        for form in Self.forms[id] ?? [] {
            let rows = policy.sections.filter { $0.form == form }.flatMap(\.fields).map(\.keys)
            let printed = try #require(vocabulary.forms[form])
            // The forms of 柳州 print names only: the shared keys stand before them.
            #expect(rows.suffix(printed.count) == printed[...])
            #expect(form == "F-LZ" || rows.count == printed.count)
        }
    }

    @Test("Items, their order and their prerequisites are those of the example cases")
    func items() throws {
        var checked = 0
        for (number, expected) in try Fixture.decode([String: Expected].self, from: "items.json") {
            guard let applied = expected.applied else { continue }
            let policy = try Fixture.policyNamed(expected.policy)
            let ticked = CBOR.array((expected.ticked ?? []).map { .text($0) })
            let facts = policy.facts(of: Answers(["items": ticked, "motherEmployed": .bool(true)]))
            #expect(facts.applied.isSuperset(of: applied.filter { $0 != "maternity" }), "case \(number)")
            for code in applied {
                #expect(policy.item(code)?.after == expected.after?[code], "case \(number), \(code)")
            }
            checked += 1
        }
        #expect(checked == 8)
    }

    @Test(
        "Every item that a department handles is fed by fields that it is said to use",
        arguments: PolicyLibrary.standard.policies)
    func needs(policy: Policy) {
        for item in policy.items {
            let used = policy.sections.flatMap(\.fields).filter { $0.consumers.contains(item.department) }
            let keys = Set(used.flatMap(\.keys))
            let given: Set<String> = ["birthCertNo", "childIdNo"]  // results of the items before
            #expect(keys.union(given).isSuperset(of: item.needs), "\(policy.id) \(item.code)")
        }
    }

    @Test(
        "A faulty policy is refused with file, path and fault",
        arguments: [
            (
                #""format": 2"#, #""format": 9"#,
                "x.json: format: needs newer software: this program reads format 2, the file is of format 9"
            ),
            (
                #""id": "gx-yongfu""#, #""id": "GX""#,
                "x.json: id: must be small letters, digits and hyphens"
            ),
            (
                #""after": ["birthCert"]"#, #""after": ["nothing"]"#,
                "x.json: items[2].after: nothing is no item of this policy"
            ),
            (
                #""after": []"#, #""after": ["hukou"]"#,
                "x.json: items: birthCert, vaccCert, hukou, ssCard, maternity, medInsReg, parenting wait for each other"
            ),
            (
                #""keys": ["childName"]"#, #""keys": ["shoeSize"]"#,
                "x.json: sections[0].fields[0].keys: shoeSize is no field"
            ),
            (
                #""results": ["hukouResult"]"#, #""results": ["ssCardResult"]"#,
                "x.json: items[2].results: ssCardResult belongs to another department"
            ),
            (
                #""results": ["hukouResult"]"#, #""results": []"#,
                "x.json: items[2].results: must be 1 entries or more"
            ),
            (
                #""code": "parenting""#, #""code": "hukou""#,
                """
                x.json: items[2].code: hukou stands twice
                x.json: items[6].code: hukou stands twice
                x.json: materials[0].neededFor: YF-M01: parenting is no item of this policy
                """
            ),
            (#""title": "广西永福县新生儿出生“一件事”","#, "", "x.json: title: is missing"),
            (
                #"motherNationality == \"CHN\" &&"#, #"motherNationality == \"CHX\" &&"#,
                #"x.json: stages[0].conditions[3].rule: YF-E04: column 19: "CHX" is no code of the list country"#
            ),
            (
                "birthDate + 1 month", "birthDate + 1 moon",
                """
                x.json: countdowns[0].until: YF-E11: column 15: days, months or hours was expected, not moon
                x.json: stages[0].conditions[10].rule: YF-E11: column 28: days, months or hours was expected, not moon
                """
            ),
            (#""version": 1"#, #""version": "one""#, "x.json: version: must be an integer"),
        ])
    func faulty(old: String, new: String, description: String) throws {
        let policy = try Fixture.policyText("gx-yongfu")
        #expect(policy.contains(old))
        #expect {
            try Policy(json: [UInt8](policy.replacingOccurrences(of: old, with: new).utf8), file: "x.json")
        } throws: {
            "\($0)" == description
        }
    }

    @Test("The library gives the newest version, and every version by its number")
    func versions() throws {
        let first = try Fixture.policyText("ah")
        let second = first.replacingOccurrences(of: #""version": 1"#, with: #""version": 2"#)
        let library = try PolicyLibrary(files: [("1", [UInt8](first.utf8)), ("2", [UInt8](second.utf8))])
        #expect(library["ah"]?.version == 2)
        #expect(library["ah", version: 1]?.version == 1)
        #expect(library["gx"] == nil)
        #expect(throws: PolicyError.self) {
            try PolicyLibrary(files: [("1", [UInt8](first.utf8)), ("again", [UInt8](first.utf8))])
        }
        #expect(
            PolicyLibrary.standard.policies.map(\.id) == ["ah", "gx", "gx-liuzhou", "gx-yongfu", "hl-fuyuan"])
    }
}

@Suite("A file to check")
struct CheckFileTests {
    @Test("Without a date of application, that of its moment counts; a date that stands there counts first")
    func applyDate() throws {
        var input = try Fixture.birth("01")
        for (date, decision) in [
            (JSON.null, DecisionKind.refuse), (.text("2025-10-26"), .accept), (.text("2025-10-27"), .refuse),
        ] {
            input["applyDate"] = date
            input["applyDateTime"] = .text("2025-10-27T00:00:00+08:00")
            let bytes = [UInt8](try JSONEncoder().encode(input))
            let file = try CheckFile(bytes) { PolicyLibrary.standard[$0] }
            #expect(CheckAnswer(file, calendar: .standard).shown.decision == decision, "\(date)")
        }
    }
}

@Suite("Tasks of the departments")
struct ItemStatusTests {
    private static let all: Set<String> = [
        "birthCert", "vaccCert", "hukou", "ssCard", "maternity", "medInsReg", "parenting",
    ]

    private static func states(
        outcomes: [String: Outcome] = [:], conflicts: [String] = [], applied: Set<String> = all
    ) throws -> [String: ItemStatus] {
        let groups = conflicts.compactMap { FieldDictionary.standard.place(of: $0)?.group.id }
        #expect(groups.count == conflicts.count)
        let tasks = try Fixture.policyNamed("gx-yongfu").tasks(
            applied: applied, outcomes: outcomes, conflicts: Set(groups))
        #expect(Set(tasks.map(\.item.code)) == applied)
        return Dictionary(uniqueKeysWithValues: tasks.map { ($0.item.code, $0) })
    }

    private static func group(_ key: String) throws -> GroupID {
        try #require(FieldDictionary.standard.place(of: key)).group.id
    }

    @Test("At first what has no prerequisite is ready, and the rest waits for it")
    func atFirst() throws {
        let states = try Self.states().mapValues(\.state)
        for code in ["birthCert", "vaccCert", "maternity", "parenting"] { #expect(states[code] == .ready) }
        #expect(states["hukou"] == .waiting(for: ["birthCert"]))
        #expect(states["ssCard"] == .waiting(for: ["hukou"]))
    }

    @Test(
        "A done item sets off those after it, and no others; a failed or returned one does not",
        arguments: Outcome.allCases)
    func after(outcome: Outcome) throws {
        let states = try Self.states(outcomes: ["birthCert": outcome]).mapValues(\.state)
        #expect(states["birthCert"] == .answered(outcome))
        #expect(states["hukou"] == (outcome == .done ? .ready : .waiting(for: ["birthCert"])))
        #expect(states["ssCard"] == .waiting(for: ["hukou"]))
    }

    @Test("A conflict holds the items whose department needs the field, and says which")
    func held() throws {
        let states = try Self.states(
            outcomes: ["birthCert": .done, "hukou": .done], conflicts: ["insureArea"])
        #expect(states["medInsReg"]?.state == .held(by: [try Self.group("insureArea")]))
        #expect(states["medInsReg"]?.reasons.first?.contains("参保地") == true)
        #expect(states["ssCard"]?.state == .ready)
        #expect(states["maternity"]?.state == .ready)
        #expect(states["hukou"]?.state == .answered(.done))
    }

    @Test(
        "A conflict of policy, items or decision holds everything that is not answered",
        arguments: ["policyID", "items", "decisionKind"])
    func heldWhole(key: String) throws {
        let states = try Self.states(outcomes: ["birthCert": .done], conflicts: [key]).mapValues(\.state)
        for code in ["vaccCert", "hukou", "maternity", "parenting"] {
            #expect(states[code] == .held(by: [try Self.group(key)]))
        }
        #expect(states["birthCert"] == .answered(.done))
    }

    @Test("Results that contradict each other hold their own item")
    func contradictory() throws {
        let states = try Self.states(outcomes: ["hukou": .done], conflicts: ["hukouResultStatus"]).mapValues(
            \.state)
        #expect(states["hukou"] == .held(by: [try Self.group("hukouResultStatus")]))
    }

    @Test("An item not applied for is still waited for, unless its paper was shown")
    func notApplied() throws {
        let waiting = try Self.states(applied: ["hukou"])
        #expect(waiting["hukou"]?.reasons == ["等待“出生医学证明办理（首签）”办结（本件未申请该事项）。"])
        #expect(try Self.states(outcomes: ["birthCert": .done], applied: ["hukou"])["hukou"]?.state == .ready)
    }

    @Test("More done never makes less ready", arguments: PolicyLibrary.standard.policies)
    func monotone(policy: Policy) {
        let applied = Set(policy.items.map(\.code))
        var done: [String: Outcome] = [:]
        for _ in policy.items {
            let ready = policy.tasks(applied: applied, outcomes: done, conflicts: []).filter {
                $0.state == .ready
            }
            for status in ready.prefix(1) { done[status.item.code] = .done }
        }
        #expect(Set(done.keys) == applied, "every item's turn comes")
    }
}
