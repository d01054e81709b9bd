import Casework
import Foundation

/// A page of tasks as a file.
struct TaskFile {
    /// What a department is told of: its own answers it knows.
    static let states: Set<String> = ["ready", "held", "gone"]

    let department: String
    let cursor: String
    /// As central's API answers them.
    let tasks: [JSON]

    /// Nothing in it tells of a person.
    func name(_ format: FolderFormat) -> String { "tasks-\(department)-\(cursor).\(format.rawValue)" }

    func bytes(_ style: FolderStyle) throws -> [UInt8] {
        switch style.format {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            let file: JSON = .object([
                "format": .number(1), "department": .text(department), "cursor": .text(cursor),
                "tasks": .list(style.hasPapers ? tasks.map(Self.withFiles) : tasks),
            ])
            return Array(try encoder.encode(file))
        case .csv: return CSV.write(table(style), style.coding)
        }
    }

    /// The columns that every table begins with.
    static let fixed = ["caseID", "item", "name", "caseNumber", "turn", "state", "reason", "due", "asOf"]
    /// What the department fills in, in every table.
    static let answers = ["id", "outcome", "date", "number", "artefact", "note"]

    /// One row for each task, which comes back as a result when the department has filled it in.
    private func table(_ style: FolderStyle) -> [[String]] {
        let rows = tasks.compactMap(\.members)
        let shown = Self.columns(rows.flatMap { $0["fields"].entries.compactMap(\.members) })
        let expected = Self.columns(rows.flatMap { $0["expects"].entries.compactMap(\.members) })
        let heading =
            Self.fixed + shown.map { "\($0.label)[\($0.key)]" } + ["材料[papers]"]
            + (style.hasPapers ? ["材料图片[files]"] : []) + Self.answers
            + expected.map { "\($0.label)[=\($0.key)]" }
        return [heading]
            + rows.map { row in
                let fields = Self.texts(row)
                let isReady = row["state"].word == "ready"
                // The turn makes the ID of an answer to this telling of the task.
                let id = isReady ? "\(row["caseID"].word)-\(row["item"].word)-\(row["turn"].word)" : ""
                return Self.fixed.map { row[$0].word } + shown.map { fields[$0.key] ?? "" } + [
                    Self.papers(row)
                ]
                    + (style.hasPapers ? [Self.files(row)] : []) + [id]
                    + [String](repeating: "", count: Self.answers.count - 1 + expected.count)
            }
    }

    private static func columns(_ fields: [[String: JSON]]) -> [(key: String, label: String)] {
        var seen: Set<String> = []
        return fields.filter { seen.insert($0["key"].word).inserted }.map {
            ($0["key"].word, $0["label"].word)
        }
    }

    private static func texts(_ row: [String: JSON]) -> [String: String] {
        let pairs = row["fields"].entries.compactMap(\.members).map { ($0["key"].word, $0["text"].word) }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    private static func papers(_ row: [String: JSON]) -> String {
        row["papers"].entries.compactMap(\.members).map { paper in
            let parts = paper["parts"].entries.map(\.word).joined(separator: "、")
            return parts.isEmpty ? paper["name"].word : "\(paper["name"].word)（\(parts)）"
        }.joined(separator: "；")
    }
}

extension JSON {
    /// A plain value as text; empty for anything else.
    var word: String {
        switch self {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .bool(let flag): flag ? "true" : "false"
        case .null, .list, .object: ""
        }
    }
}

extension JSON? {
    var word: String { self?.word ?? "" }

    var entries: [JSON] { if case .list(let entries)? = self { entries } else { [] } }
}
