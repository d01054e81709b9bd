/// A case as text for a terminal, from the JSON that both ends' APIs answer (see ``CaseView``).
package struct CaseText: Sendable {
    private let members: [String: JSON]
    private let dictionary: FieldDictionary

    package init(_ json: JSON, dictionary: FieldDictionary) {
        members = json.members ?? [:]
        self.dictionary = dictionary
    }

    /// Fields by their Chinese labels in the dictionary's order, then items, conflicts and what was set aside.
    package var lines: [String] {
        ["办件 \(plain(members["id"]))"] + departed + rules + stage + fields + items + conflicts + beside
            + stale + asides
    }

    /// Where the case stands, with what was decided or would be; a window tells it, central does not.
    private var stage: [String] {
        guard let life = members["life"]?.members else { return [] }
        var lines = ["阶段：\(plain(life["word"]))"]
        let decided = life["decision"]?.members ?? life["judgement"]?.members ?? [:]
        if let decision = life["decision"]?.members {
            lines.append("决定：\(plain(decision["title"] ?? decision["kind"]))（\(plain(decision["date"]))）")
        } else if life["judgement"]?.members != nil {
            lines.append("按规定应为：\(plain(decided["title"] ?? decided["decision"]))")
        }
        for kind in ["reasons", "gaps"] {
            guard case .list(let entries)? = decided[kind] else { continue }
            lines += entries.compactMap(\.members).map { "  \(plain($0["code"]))  \(plain($0["text"]))" }
        }
        if case .list(let blanks)? = decided["unanswered"], !blanks.isEmpty {
            lines.append("  待填写：\(blanks.map { plain($0.members?["label"]) }.joined(separator: "、"))")
        }
        if case .list(let countdowns)? = life["countdowns"] {
            lines += countdowns.compactMap(\.members).map { "\(plain($0["label"]))：\(plain($0["words"]))" }
        }
        if case .list(let messages)? = life["messages"] {
            lines += messages.compactMap(\.members).map { "告知（\(plain($0["code"]))）：\(plain($0["text"]))" }
        }
        return lines
    }

    /// That the case is another hospital's by now, if so.
    private var departed: [String] { members["departed"].map { [plain($0)] } ?? [] }

    /// Why nothing can be decided on the case here, if so.
    private var rules: [String] { members["rules"].map { [plain($0)] } ?? [] }

    private var fields: [String] {
        let fields = members["fields"]?.members ?? [:]
        return dictionary.groups.flatMap(\.members).compactMap { field in
            fields[field.key].map { "  \(field.label)（\(field.key)）：\(plain($0))" }
        }
    }

    private var items: [String] {
        // A window also tells by when.
        let told = members["life"]?.members?["items"] ?? members["items"]
        guard case .list(let entries)? = told else { return [] }
        let items = entries.compactMap(\.members).map { item in
            let reasons = item["reasons"].map { plain($0) } ?? ""
            let due = plain(item["due"])
            let limit = due.isEmpty ? "" : "  期限 \(due)\(item["isLate"] == .bool(true) ? " 已逾期" : "")"
            return
                "  \(plain(item["name"]))：\(Self.word(plain(item["state"])))\(reasons.isEmpty ? "" : "（\(reasons)）")\(limit)"
        }
        return items.isEmpty ? [] : ["事项"] + items
    }

    private var conflicts: [String] {
        list("conflicts").flatMap { conflict in
            ["有不同的填写内容：\(plain(conflict["labels"]))"] + values(of: conflict)
        }
    }

    private var beside: [String] {
        list("beside").flatMap { group in ["另有记录（保留备查）：\(plain(group["labels"]))"] + values(of: group) }
    }

    private var stale: [String] {
        list("staleDecisions").map { "决定所依据的内容已有变化：\(plain($0["labels"]))（\(plain($0["changed"]))）" }
    }

    private var asides: [String] {
        list("asides").map {
            "已搁置的变更 \(plain($0["change"]).prefix(12))…：\(plain($0["sentences"] ?? $0["reasons"]))"
        }
    }

    private func values(of group: [String: JSON]) -> [String] {
        guard case .list(let values)? = group["values"] else { return [] }
        return values.compactMap(\.members).map { value in
            let author = [value["role"], value["unit"], value["user"]].map { plain($0) }.filter {
                !$0.isEmpty
            }
            return "  \(plain(value["value"]))  — \(author.joined(separator: " "))  [\(plain(value["dot"]))]"
        }
    }

    private func list(_ name: String) -> [[String: JSON]] {
        guard case .list(let entries)? = members[name] else { return [] }
        return entries.compactMap(\.members)
    }

    private func plain(_ json: JSON?) -> String {
        switch json ?? .null {
        case .null: ""
        case .bool(let value): value ? "是" : "否"
        case .number(let value): "\(value)"
        case .text(let value): value
        case .list(let values): values.map { plain($0) }.joined(separator: "、")
        case .object(let members):
            members.sorted { $0.key < $1.key }.map { plain($0.value) }.filter { !$0.isEmpty }.joined(
                separator: " ")
        }
    }

    private static func word(_ state: String) -> String {
        switch state {
        case "waiting": "等待"
        case "held": "暂缓"
        case "ready": "办理中"
        case "done": "已办结"
        case "failed": "未通过"
        case "returned": "已退回"
        default: state
        }
    }
}
