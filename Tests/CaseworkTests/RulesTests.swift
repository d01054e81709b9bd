import Casework
import Foundation
import Testing

@Suite("Rules")
struct RulesTests {
    /// A rule as policies.md lists it: `Fixtures/listed.json`.
    private struct Listed: Decodable {
        let code: String
        let kind: String
        let text: String
        /// Where policies.md says that it stands; materials have none there.
        let source: String?
    }

    @Test("A policy has exactly the rules that policies.md lists, each with its sentence and source")
    func complete() throws {
        let listed = try Fixture.decode([String: [Listed]].self, from: "listed.json")
        #expect(listed.count == 5)
        for (id, rules) in listed {
            let policy = try Fixture.policyNamed(id)
            let found = Self.rules(of: policy)
            #expect(Set(found.keys) == Set(rules.map(\.code)), "\(id)")
            for rule in rules {
                #expect(found[rule.code]?.text == rule.text, "\(rule.code)")
                if let source = rule.source { #expect(found[rule.code]?.source == source, "\(rule.code)") }
            }
        }
    }

    /// Text and source by code; of a material its name.
    private static func rules(of policy: Policy) -> [String: (text: String, source: String)] {
        var rules: [String: (text: String, source: String)] = [:]
        let conditions =
            policy.stages.flatMap(\.conditions) + policy.corrections + policy.pickups.flatMap(\.checks)
        for condition in conditions { rules[condition.code] = (condition.text, condition.source) }
        for hold in policy.holds { rules[hold.code] = (hold.text, hold.source) }
        for prompt in policy.prompts { rules[prompt.code] = (prompt.text, prompt.source) }
        for material in policy.materials { rules[material.code] = (material.name, material.source) }
        return rules
    }

    @Test("Every listed rule stands in the table, and shows as the table says", arguments: 0..<121)
    func shows(index: Int) throws {
        let table = try RuleTable.shared.get()
        try #require(table.rows.count == 121)
        let row = table.rows[index]
        #expect(try RuleTable.Trial(row).objection(to: Self.policy(row)) == nil)
    }

    @Test(
        "No slip of the documents' printers (policies.md section 7) and no remark of ours reaches a clerk",
        arguments: ["gx-yongfu", "hl-fuyuan", "gx", "ah", "gx-liuzhou"])
    func slips(id: String) throws {
        let text = try Fixture.policyText(id)
        for slip in [
            "撒销", "委托权利", "授权人姓名", "缴费基础", "挂通办", "派出所所", "办理预防接种证办理", "的到总体", "定期将",
            "□", "[sic]", "DERIVED", "SILENT", "(seed",
        ] { #expect(!text.contains(slip), "\(slip)") }
    }

    @Test("The table has every listed code")
    func allCodes() throws {
        let listed = try Fixture.decode([String: [Listed]].self, from: "listed.json").values.flatMap(\.self)
        #expect(Set(try RuleTable.shared.get().rows.map(\.code)) == Set(listed.map(\.code)))
    }

    private static func policy(_ row: RuleTable.Row) throws -> Policy {
        try Fixture.policyNamed(
            [
                "YF": "gx-yongfu", "FY": "hl-fuyuan", "GX": "gx", "AH": "ah", "LZ": "gx-liuzhou",
            ][row.code.prefix(2).description] ?? "")
    }

    @Test(
        "A policy from which any rule, limit, order, part or notice is taken is noticed by a table or a case",
        arguments: ["gx-yongfu", "hl-fuyuan", "gx", "ah", "gx-liuzhou"])
    func nothingUntested(id: String) throws {
        let whole = try JSON(parsing: [UInt8](try Fixture.policyText(id).utf8))
        let witness = try Witness(id)
        #expect(try witness.objection(to: Fixture.policyNamed(id), about: nil) == nil, "the policy as it is")
        let paths = Self.removable(whole)
        #expect(paths.count > 40)
        for (path, code) in paths {
            let bytes = try JSONEncoder().encode(whole.replacing(path[...], by: nil))
            // What cannot even be read is noticed, too.
            guard let policy = try? JSONDecoder().decode(Policy.self, from: bytes) else { continue }
            #expect(
                try witness.objection(to: policy, about: code) != nil,
                "\(id)\(path.map(\.description).joined()) \(code ?? "")")
        }
    }

    /// The places of everything that decides something, with the rule's code.
    private static func removable(_ whole: JSON) -> [([PathStep], String?)] {
        var paths: [([PathStep], String?)] = []
        func add(_ list: JSON?, _ path: [PathStep], _ members: [String], _ isWhole: Bool = true) {
            for (index, entry) in (list?.list ?? []).enumerated() {
                let place = path + [.entry(index)]
                var code: String?
                if case .text(let word)? = entry.members?["code"] { code = word }
                if isWhole { paths.append((place, code)) }
                let isAsked = [nil, .text("application")].contains(entry.members?["at"])
                for member in members where isAsked && entry.members?[member] != nil {
                    paths.append((place + [.member(member)], code))
                }
                for (part, _) in (entry.members?["parts"]?.list ?? []).enumerated() {
                    paths.append((place + [.member("parts"), .entry(part)], code))
                }
                for (item, _) in (entry.members?["after"]?.list ?? []).enumerated() {
                    paths.append((place + [.member("after"), .entry(item)], code))
                }
            }
        }
        for (index, stage) in (whole.members?["stages"]?.list ?? []).enumerated() {
            add(
                stage.members?["conditions"],
                [.member("stages"), .entry(index), .member("conditions")], ["items"])
        }
        for (index, pickup) in (whole.members?["pickups"]?.list ?? []).enumerated() {
            add(
                pickup.members?["checks"], [.member("pickups"), .entry(index), .member("checks")], ["if"])
        }
        add(whole.members?["items"], [.member("items")], ["limits", "when"])
        add(whole.members?["holds"], [.member("holds")], [])
        add(whole.members?["prompts"], [.member("prompts")], ["if", "unless"])
        add(whole.members?["corrections"], [.member("corrections")], ["if"])
        add(
            whole.members?["materials"], [.member("materials")],
            ["formats", "when", "partKeys", "samePage"])
        for kind in (whole.members?["decisions"]?.members ?? [:]).keys.sorted() {
            let path: [PathStep] = [.member("decisions"), .member(kind), .member("notices")]
            add(whole.members?["decisions"]?.members?[kind]?.members?["notices"], path, ["when"])
        }
        for name in ["total", "delivery", "handover", "preEnrolment", "insurance"]
        where whole.members?[name] != nil { paths.append(([.member(name)], nil)) }
        return paths
    }
}

/// The table of rules, the table of services and the example cases of one region, asked about a policy in
/// place of the shipped one.
private struct Witness {
    private let trials: [RuleTable.Trial]
    private let services: Services
    private let cases: [(file: CheckFile, bytes: [UInt8], expect: JSON)]

    init(_ id: String) throws {
        let prefix = [
            "gx-yongfu": "YF", "hl-fuyuan": "FY", "gx": "GX", "ah": "AH", "gx-liuzhou": "LZ",
        ][id]
        trials = try RuleTable.shared.get().rows.filter { $0.code.prefix(2).description == prefix }
            .map(RuleTable.Trial.init)
        services = try Services(id)
        var cases: [(CheckFile, [UInt8], JSON)] = []
        for number in Fixture.births + Fixture.furtherBirths {
            let bytes = try Fixture.bytes("cases/\(number).json")
            let file = try CheckFile(bytes) { PolicyLibrary.standard[$0] }
            guard file.policy.id == id, let expect = try JSON(parsing: bytes).members?["expect"] else {
                continue
            }
            cases.append((file, bytes, expect))
        }
        self.cases = cases
    }

    /// What differs first, or nil if nothing does. The rule's own rows are asked first, because it goes
    /// faster.
    func objection(to policy: Policy, about code: String?) throws -> String? {
        for trial in trials where trial.row.code == code {
            if let objection = trial.objection(to: policy) { return objection }
        }
        if let objection = services.objection(to: policy) { return objection }
        for sample in cases {
            let file = try CheckFile(sample.bytes) { _ in policy }
            if CheckAnswer(file, calendar: .standard).json != sample.expect { return "a case" }
        }
        return code == nil ? trials.lazy.compactMap { $0.objection(to: policy) }.first : nil
    }
}

@Suite("Services")
struct ServicesTests {
    @Test(
        "Each service has the department, choice, order, limits and condition of policies.md",
        arguments: ["gx-yongfu", "hl-fuyuan", "gx", "ah", "gx-liuzhou"])
    func services(id: String) throws {
        #expect(try Services(id).objection(to: Fixture.policyNamed(id)) == nil)
    }
}

/// `Fixtures/services.json`: what policies.md says of each service, typed from its tables 1.4, 2.4, 3.4, 4.4
/// and 5.4.
struct Services {
    private let rows: [[String]]
    private let whole: [String]
    private let materials: [[String]]

    private struct File: Decodable {
        /// Code, department, choice, the items before, limits.
        let items: [[String]]
        /// The limits of the whole: total, delivery.
        let whole: [String]
        /// Code, pages, whether shared data exempts it, and when it is wanted.
        let materials: [[String]]
    }

    init(_ id: String) throws {
        let file = try Fixture.decode([String: File].self, from: "services.json")[id]
        guard let file else { throw Fixture.Missing(name: id) }
        (rows, whole, materials) = (file.items, file.whole, file.materials)
    }

    /// The first row that differs.
    func objection(to policy: Policy) -> String? {
        let found = policy.items.map { item in
            [
                item.code, item.department, item.choice.rawValue, item.after.joined(separator: " "),
                (item.limits ?? []).map(Self.written).joined(separator: " "),
            ]
        }
        if let pair = zip(found, rows).first(where: { $0 != $1 }) { return "\(pair.0) is not \(pair.1)" }
        if found.count != rows.count { return "\(found.count) items" }
        let limits = [policy.total, policy.delivery].map { $0.map(Self.written) ?? "" }
        if limits != whole { return "\(limits)" }
        let papers = policy.materials.map { material in
            [
                material.code, material.parts.joined(separator: ","), material.shared ? "yes" : "no",
                material.at.rawValue,
            ]
        }
        return papers == materials ? nil : "materials"
    }

    private static func written(_ limit: Policy.Limit) -> String {
        let start =
            switch limit.from {
            case .acceptance: "acceptance"
            case .application: "application"
            case .predecessors: "predecessors"
            case .date(let key): key
            }
        return "\(limit.workingDays)@\(start)" + (limit.path.map { "/\($0)" } ?? "")
    }
}
