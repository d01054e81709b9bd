package import Casework

/// What `check` answers, as lines for a clerk.
package struct CheckReport {
    package let lines: [String]

    /// - Parameter now: the moment for which windows that close are counted.
    package init(_ answer: CheckAnswer, now: Moment) {
        let policy = answer.file.policy
        var lines = ["\(policy.title)（\(policy.id)）"]
        for (index, evaluation) in answer.evaluations.enumerated() {
            let heading = answer.evaluations.count > 1 ? ["", "第\(index + 1)名新生儿"] : []
            lines += heading + Self.lines(evaluation, of: policy, now: now)
        }
        lines += Self.pickup(answer)
        self.lines = lines
    }

    private static func lines(_ evaluation: Evaluation, of policy: Policy, now: Moment) -> [String] {
        let decision = policy.decision(evaluation.decision)
        var lines = ["结论：\(decision?.title ?? evaluation.decision.rawValue)"]
        lines += block("原因", evaluation.reasons.map { "\($0.text)（\($0.code)）" })
        if let closing = decision?.closing { lines.append("  \(closing)") }
        lines += block("需补正", evaluation.gaps.map { "\($0.text)（\($0.code)）" })
        lines += block("提示", evaluation.prompts.map { "\($0.text)（\($0.code)）" })
        if let date = evaluation.acceptanceDate { lines.append("受理日期：\(date)") }
        lines += block("办理事项", evaluation.items.map { item($0, evaluation, policy) })
        if let total = evaluation.totalDeadline { lines.append("总办结期限：\(total.shown)") }
        if let delivery = evaluation.deliveryDeadline { lines.append("送达期限：\(delivery.shown)") }
        lines += block(
            "时限", evaluation.countdowns.map { "\($0.label)：\($0.until)，\($0.chinese(at: now))" })
        lines += block("文书和通知", evaluation.notices)
        let labels = evaluation.unanswered.compactMap { FieldDictionary.standard.field($0)?.label }
        return lines + block("受理前尚需填写", labels)
    }

    private static func item(_ item: AppliedItem, _ evaluation: Evaluation, _ policy: Policy) -> String {
        let name = { (code: String) in policy.item(code)?.name ?? code }
        var parts = [name(item.code)]
        if !item.after.isEmpty { parts.append("须先办结：\(item.after.map(name).joined(separator: "、"))") }
        if let code = evaluation.held[item.code] {
            let hold = policy.holds.first { $0.code == code }
            parts.append("暂不能办理（\(code)）：\(hold?.text ?? "见原因")")
        } else if let planned = item.planned {
            parts.append("期限：\(planned.shown)")
        } else if let promise = policy.item(item.code)?.promise {
            parts.append(promise)
        }
        if let actual = item.actual { parts.append("按实际进度：\(actual.shown)") }
        return parts.joined(separator: "；")
    }

    private static func pickup(_ answer: CheckAnswer) -> [String] {
        guard let item = answer.file.pickup else { return [] }
        let against = answer.file.policy.pickup(of: item, answer.file.newborns[0]) ?? []
        let name = answer.file.policy.item(item)?.name ?? item
        return ["领取“\(name)”：\(against.isEmpty ? "可以领取" : "不能领取")"]
            + against.map { "  \($0.text)（\($0.code)）" }
    }

    private static func block(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["\(title)："] + lines.map { "  \($0)" }
    }
}
