package import Casework

/// A policy as lines to read beside the region's document: everything that it says, with the code and source of each rule.
package struct PolicyReport {
    package let lines: [String]

    package init(_ policy: Policy) {
        lines =
            ["\(policy.title)（\(policy.id)，第\(policy.version)版，\(policy.place)）"] + Self.items(policy)
            + Self.rules(policy) + Self.materials(policy) + Self.times(policy) + Self.form(policy)
            + Self.block("文书", policy.papers.list.map { "\($0.title)（\($0.kind.rawValue)，\($0.source)）" })
            + Self.block(
                "职责", policy.duties.map { "\($0.who)：\($0.what)\(Self.brackets([$0.due, $0.source]))" })
    }

    private static func items(_ policy: Policy) -> [String] {
        block(
            "事项",
            policy.items.map { item in
                let before = item.after.compactMap { policy.item($0)?.name }.joined(separator: "、")
                let limit = item.limits?.map { "\($0.workingDays)个工作日" }.joined(separator: "或")
                let details = [
                    policy.departments[item.department], before.isEmpty ? nil : "须先办结：\(before)", limit,
                    item.promise, item.artefact, item.place, item.source,
                ]
                return "\(item.name)\(brackets(details))"
            })
    }

    private static func rules(_ policy: Policy) -> [String] {
        let stages = policy.stages.flatMap { stage in
            block(
                "条件，不符合时“\(policy.decision(stage.decision)?.title ?? stage.decision.rawValue)”",
                stage.conditions.map(rule))
        }
        let holds = policy.holds.map { "\($0.code)  \($0.text)（\($0.source)）" }
        let prompts = policy.prompts.map { "\($0.code)  \($0.text)（\($0.source)）" }
        return stages + block("不符合时须补正", policy.corrections.map(rule)) + block("暂缓的事项", holds)
            + block("提示", prompts) + block("领取时核对", policy.pickups.flatMap(\.checks).map(rule))
    }

    private static func rule(_ condition: Policy.Condition) -> String {
        "\(condition.code)  \(condition.text)（\(condition.source)）"
    }

    private static func materials(_ policy: Policy) -> [String] {
        block(
            "材料",
            policy.materials.map { material in
                let details = [
                    material.parts.isEmpty ? nil : material.parts.joined(separator: "、"), material.form,
                    "提供：\(material.providedBy)", material.signature.map { "签名：\($0)" },
                    material.formats.map { "格式：\($0.joined(separator: ", "))" },
                    material.shared ? "数据共享核验后免交" : nil, material.source,
                ]
                return "\(material.code)  \(material.name)\(brackets(details))"
            })
    }

    private static func times(_ policy: Policy) -> [String] {
        var lines = policy.countdowns.map { "\($0.code)  \($0.label)（\($0.source)）" }
        if let total = policy.total { lines.append("总办结期限：\(total.workingDays)个工作日") }
        if let delivery = policy.delivery { lines.append("送达期限：\(delivery.workingDays)个工作日") }
        if let rule = policy.handover?.rule {
            let days = rule.days.map(\.description).joined(separator: "、")
            lines.append("副页移交：\(rule.from)至\(rule.to)，\(days)（\(rule.source)）")
        }
        return block("时限", lines)
    }

    private static func form(_ policy: Policy) -> [String] {
        policy.sections.flatMap { section in
            block(
                "表单 \(section.form) \(section.title)",
                section.fields.map { row in
                    let required = row.required.map { $0.source == "true" ? "必填" : "必填，当 \($0.source)" }
                    let choices = row.choices?.map(\.label).joined(separator: "、")
                    return "\(row.label)\(brackets([row.keys.joined(separator: ", "), required, choices]))"
                })
        }
    }

    private static func brackets(_ details: [String?]) -> String {
        let known = details.compactMap(\.self)
        return known.isEmpty ? "" : "（\(known.joined(separator: "；"))）"
    }

    private static func block(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["\(title)："] + lines.map { "  \($0)" }
    }
}
