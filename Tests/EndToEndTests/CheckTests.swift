import Foundation
import Programs
import Testing

/// `birthwindow check` and `policy check`, which work on files alone.
@Suite("Checking a case and a policy", .timeLimit(.minutes(4)), .onThreads)
struct CheckTests {
    private let stage: Stage
    private let window: Tool

    init() throws {
        stage = try Stage("birthwindow-check")
        window = Tool("birthwindow", data: stage.directory.appending(path: "window"), stage: stage)
    }

    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

    private static func sample(_ number: String) -> String {
        root.appending(path: "Tests/CaseworkTests/Fixtures/cases/\(number).json").path
    }

    private func file(_ name: String, _ text: String) throws -> String {
        let file = stage.directory.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// The smallest policy, as docs/policy-format.md prints it.
    private func smallest() throws -> String { try file("gx-lipu.json", try Self.examples()[1]) }

    /// What docs/policy-format.md prints: a paper, and the smallest policy.
    private static func examples() throws -> [String] {
        let page = try String(contentsOf: root.appending(path: "docs/policy-format.md"), encoding: .utf8)
        return page.split(separator: "```json\n").dropFirst().map { String($0.split(separator: "```")[0]) }
    }

    @Test("The paper that the page prints fits into the smallest policy")
    func paper() throws {
        defer { stage.clear() }
        let (paper, policy) = (try Self.examples()[0], try Self.examples()[1])
        let whole = policy.replacing(#""papers": []"#, with: #""papers": [\#(paper)]"#)
        #expect(whole != policy)
        let outcome = try window.attempt(["policy", "check", try file("gx-lipu.json", whole)])
        #expect(outcome.status == 0, "\(outcome.text)")
    }

    @Test("With --json it prints what the example expects, and nothing else", arguments: ["01", "43", "64"])
    func json(number: String) throws {
        defer { stage.clear() }
        let outcome = try window.attempt(["check", Self.sample(number), "--json"])
        #expect(outcome.status == 0)
        #expect(outcome.error.isEmpty)
        let answer = try JSONSerialization.jsonObject(with: outcome.output) as? NSDictionary
        let whole = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: Self.sample(number))))
        let expected = (whole as? [String: Any])?["expect"] as? NSDictionary
        #expect(answer != nil && answer == expected)
        #expect(!FileManager.default.fileExists(atPath: window.data.path), "it keeps nothing")
    }

    @Test("Without it a clerk reads decision, gaps and services")
    func text() throws {
        defer { stage.clear() }
        let outcome = try window.attempt(["check", Self.sample("44")])
        #expect(outcome.status == 0)
        for line in [
            "黑龙江抚远市出生“一件事”多证联办（hl-fuyuan）", "结论：现场一次性告知", "需补正：",
            "  授权委托书不在委托期限内。（FY-D01）", "  授权委托书缺少委托人或受委托人签字。（FY-D02）",
            "  落户登记；须先办结：出生医学证明", "  现场一次性告知",
        ] { #expect(outcome.text.split(separator: "\n").contains(Substring(line)), "\(outcome.text)") }
    }

    @Test("A wrong value is told on standard error, counts as unanswered, and stops nothing")
    func wrongValue() throws {
        defer { stage.clear() }
        let good = try String(contentsOf: URL(filePath: Self.sample("01")), encoding: .utf8)
        let bad = good.replacing(#""bornInWedlock": true"#, with: #""bornInWedlock": "maybe""#)
        #expect(bad != good)
        let outcome = try window.attempt(["check", "-", "--json"], input: Data(bad.utf8))
        #expect(outcome.status == 0)
        #expect(outcome.error.contains("错误：婚内生育"))
        #expect(outcome.text.contains("YF-E08"))
    }

    @Test("A file that is no JSON, or names no region, is refused; a missing one is named")
    func refused() throws {
        defer { stage.clear() }
        let torn = try file("torn.json", "{\"input\": ")
        let nowhere = try file("nowhere.json", #"{"jurisdiction": "gx-nowhere"}"#)
        let huge = try file("huge.json", String(repeating: " ", count: 256 * 1024 + 1))
        for (path, status) in [(torn, 65), (nowhere, 65), (huge, 65), ("none.json", 66)] {
            let outcome = try window.attempt(["check", path, "--json"])
            #expect(outcome.status == Int32(status), "\(path): \(outcome.error)")
            #expect(outcome.output.isEmpty)
            #expect(outcome.error.contains(path))
        }
        #expect(try window.attempt(["check"]).status == 64)
    }

    @Test("A year without a calendar is never guessed; with its file the day is counted")
    func nextYear() throws {
        defer { stage.clear() }
        let good = try String(contentsOf: URL(filePath: Self.sample("01")), encoding: .utf8)
        let late = good.replacing(
            #""acceptanceDate": "2025-09-29""#, with: #""acceptanceDate": "2026-12-21""#)
        #expect(late != good)
        let year = try file(
            "2027.json",
            #"{"format": 1, "year": 2027, "source": "测试", "holidays": {"2027-01-01": "元旦"}, "workdays": {}}"#)
        func total(_ more: [String]) throws -> String? {
            let outcome = try window.attempt(["check", "-", "--json"] + more, input: Data(late.utf8))
            #expect(outcome.status == 0)
            let answer = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
            return answer?["totalDeadline"] as? String
        }
        #expect(try total([]) == "节假日安排未发布")
        #expect(try total(["--calendar-file", year]) == "2027-02-05")
        let wrong = try file("wrong.json", #"{"format": 1, "year": 2027}"#)
        let refused = try window.attempt(["check", Self.sample("01"), "--calendar-file", wrong])
        #expect(refused.status == 65 && refused.error.contains("wrong.json"))
    }

    @Test("A county from a file is known at once, without new code")
    func sixthCounty() throws {
        defer { stage.clear() }
        let county = try smallest()
        #expect(try window.attempt(["policy", "check", county]).status == 0)
        let birth = try file(
            "birth.json",
            #"{"jurisdiction": "gx-lipu", "birthDate": "2025-01-31", "applyDate": "2025-02-28", "#
                + #""materials": [{"code": "LP-M01", "parts": ["首页"]}]}"#)
        let outcome = try window.attempt(["check", birth, "--policy-file", county])
        #expect(outcome.status == 0)
        #expect(outcome.text.contains("请补正：结婚证（缺：主页）。（LP-M01）"))
        #expect(try window.attempt(["check", birth]).status == 65)
    }

    @Test("Every fault of every file is told, with place and code")
    func policyFaults() throws {
        defer { stage.clear() }
        let county = try smallest()
        let text = try String(contentsOfFile: county, encoding: .utf8)
        let wrong = try file(
            "wrong.json",
            text.replacing("birthDate + 1 month", with: "birthDate + 1 moon"))
        let lost = try file(
            "lost.json",
            text.replacing(#""keys": ["birthDate"]"#, with: #""keys": ["birthDay"]"#)
                .replacing(#""neededFor": ["birthCert"]"#, with: #""neededFor": ["hukou"]"#))
        let outcome = try window.attempt(["policy", "check", county, wrong, lost])
        #expect(outcome.status == 65)
        #expect(
            outcome.text.split(separator: "\n").map(String.init) == [
                "\(wrong): stages[0].conditions[0].rule: LP-E01: column 28: days, months or hours was expected, not moon",
                "\(lost): sections[0].fields[1].keys: birthDay is no field",
                "\(lost): materials[0].neededFor: LP-M01: hukou is no item of this policy",
            ])
        let asJSON = try window.attempt(["policy", "check", lost, "--json"])
        #expect(asJSON.status == 65)
        let faults = try JSONSerialization.jsonObject(with: asJSON.output) as? [[String: Any]]
        #expect(faults?.count == 2)
        #expect(faults?.last?["code"] as? String == "LP-M01")
    }
}
