import Casework
import Commands
import Testing

@Suite("A policy as lines to read")
struct PolicyReportTests {
    @Test(
        "Every rule, paper, item, duty and row of a shipped policy is told",
        arguments: PolicyLibrary.standard.policies)
    func complete(policy: Policy) {
        let lines = PolicyReport(policy).lines
        let conditions =
            policy.stages.flatMap(\.conditions) + policy.corrections + policy.pickups.flatMap(\.checks)
        let codes =
            conditions.map(\.code) + policy.holds.map(\.code) + policy.prompts.map(\.code)
            + policy.materials.map(\.code) + policy.countdowns.map(\.code)
        for code in codes { #expect(lines.contains { $0.hasPrefix("  \(code)  ") }, "\(code)") }
        let texts =
            policy.items.map(\.name) + policy.duties.map { "\($0.who)：\($0.what)" }
            + policy.papers.list.map(\.title) + policy.sections.flatMap(\.fields).map(\.label)
        for text in texts { #expect(lines.contains { $0.hasPrefix("  \(text)") }, "\(text)") }
        #expect(lines.allSatisfy { !$0.hasSuffix("；）") && !$0.contains("（）") })
    }
}
