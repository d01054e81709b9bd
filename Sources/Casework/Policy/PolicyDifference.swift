import Foundation

/// What a version of a policy says differently from another: a line for each place of its file.
package struct PolicyDifference: Hashable, Sendable {
    /// One place. Without `before` it is new, without `after` it is gone.
    package struct Line: Hashable, Sendable {
        /// From the top, in words where there are some: `事项`, `hukou`, `days`.
        package let path: [String]
        package let before: String?
        package let after: String?

        package init(path: [String], before: String?, after: String?) {
            (self.path, self.before, self.after) = (path, before, after)
        }
    }

    /// Lines that are kept.
    package static let linesMax = 300
    /// Characters of a value that are shown.
    package static let charactersMax = 160

    package private(set) var lines: [Line] = []
    /// There were more.
    package private(set) var isCut = false

    /// - Parameters:
    ///   - old: a policy file; empty for none.
    ///   - new: likewise.
    /// - Throws: what is wrong with either as JSON.
    package init(from old: [UInt8], to new: [UInt8]) throws(JSONError) {
        let before = old.isEmpty ? .object([:]) : try JSON(parsing: old)
        compare(before, try JSON(parsing: new), at: [])
    }

    private mutating func compare(_ old: JSON?, _ new: JSON?, at path: [String]) {
        guard old != new else { return }
        switch (old, new) {
        case (.object(let before)?, .object(let after)?):
            let keys = Set(before.keys).union(after.keys).subtracting(Self.silent).sorted()
            for key in keys { compare(before[key], after[key], at: path + [Self.words[key] ?? key]) }
        case (.list(let before)?, .list(let after)?):
            guard let first = Self.named(before), let second = Self.named(after) else {
                return note(old, new, at: path)
            }
            let names = Self.names(before) + Self.names(after).filter { first[$0] == nil }
            for name in names {
                compare(
                    first[name], second[name], at: path + [Self.heading(name, first[name] ?? second[name])])
            }
        default: note(old, new, at: path)
        }
    }

    private mutating func note(_ old: JSON?, _ new: JSON?, at path: [String]) {
        guard lines.count < Self.linesMax else {
            isCut = true
            return
        }
        lines.append(Line(path: path, before: old.map(Self.text), after: new.map(Self.text)))
    }

    /// Notes for those who write files, and what says nothing to a reader.
    private static let silent: Set<String> = ["comment", "source", "format"]
    /// By which the entries of a list are known.
    private static let naming = ["code", "id", "kind", "title", "label", "name", "text"]

    private static let words = [
        "title": "名称", "version": "版本", "place": "地区", "departments": "部门", "needs": "先决内容", "sections": "表单",
        "items": "事项", "stages": "受理条件", "holds": "暂缓条件", "decisions": "决定", "materials": "材料",
        "corrections": "补正", "prompts": "提示", "pickups": "领证", "countdowns": "期限提示", "duties": "告知",
        "papers": "文书",
        "messages": "短信", "fields": "栏目", "rule": "规则", "text": "文字", "label": "标签", "name": "名称",
        "parts": "页",
        "department": "办理部门", "after": "先办事项", "limit": "时限", "when": "适用条件", "body": "内容", "choices": "选项",
        "formats": "文件格式", "rules": "规则", "deadline": "时限",
    ]

    /// What an entry of a list is called; two papers of one kind are told apart by their decision.
    private static func name(_ entry: JSON) -> String? {
        guard case .object(let members) = entry else { return nil }
        for key in naming {
            guard case .text(let name)? = members[key] else { continue }
            guard case .text(let outcome)? = members["outcome"] else { return name }
            return "\(name) \(outcome)"
        }
        if case .list(let keys)? = members["keys"] { return keys.map(text).joined(separator: "、") }
        return nil
    }

    /// A code with what people call it.
    private static func heading(_ name: String, _ entry: JSON?) -> String {
        for key in ["name", "title", "label"] {
            guard case .text(let title)? = entry?.members?[key], title != name else { continue }
            return "\(title)（\(name)）"
        }
        return name
    }

    private static func names(_ list: [JSON]) -> [String] { list.compactMap(name) }

    /// The entries by name; nil if they have none of their own.
    private static func named(_ list: [JSON]) -> [String: JSON]? {
        let names = names(list)
        guard names.count == list.count, Set(names).count == names.count else { return nil }
        return Dictionary(zip(names, list), uniquingKeysWith: { first, _ in first })
    }

    private static func text(_ value: JSON) -> String {
        let whole =
            switch value {
            case .null: "（空）"
            case .bool(let value): value ? "是" : "否"
            case .number(let value): "\(value)"
            case .text(let value): value
            case .list(let values): values.map(text).joined(separator: "、")
            case .object(let members):
                members.sorted { $0.key < $1.key }.filter { !silent.contains($0.key) }
                    .map { "\(words[$0.key] ?? $0.key)：\(text($0.value))" }.joined(separator: "；")
            }
        return whole.count > charactersMax ? whole.prefix(charactersMax) + "…" : whole
    }
}
