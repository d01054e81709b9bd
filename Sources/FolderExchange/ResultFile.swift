package import Casework

/// A file of results as a department puts it into its folder.
package struct ResultFile: Hashable, Sendable {
    static let byteCountMax = 8 * 1024 * 1024

    /// In the order of the file.
    package let rows: [Row]

    package struct Row: Hashable, Sendable {
        /// The row of the table, its heading being the first; or the place in the list, from 1.
        let number: Int
        let id: String
        /// As central's API takes it; nil if it cannot be a result.
        package let result: JSON?
        package let faults: [String]
    }

    /// Why a file is not read at all, in Chinese.
    package struct Fault: Error, Hashable, Sendable { let reasons: [String] }

    /// Reads a file in the format that its name ends with.
    ///
    /// - Parameter coding: what the folder's tables are written in.
    package init(
        _ bytes: [UInt8], _ format: FolderFormat, _ coding: TableCoding = .utf8
    ) throws(Fault) {
        switch format {
        case .json: try self.init(json: bytes)
        case .csv: try self.init(csv: bytes, coding)
        }
    }

    /// What a result is given by, beside `values`.
    static let members = ["id", "caseID", "item", "outcome", "date", "number", "artefact", "note", "asOf"]
    private static let needed = ["id", "caseID", "item", "outcome", "date"]
    /// Characters of any of them.
    private static let longest = 4_000

    /// A row of members, all texts.
    private static func row(_ number: Int, _ texts: [String: String], values: [String: JSON]) -> Row {
        var faults = needed.filter { (texts[$0] ?? "").isEmpty }.map { "缺少 \($0)。" }
        if texts.values.contains(where: { $0.count > longest }) { faults.append("有内容超过 \(longest) 字。") }
        let id = texts["id"] ?? ""
        guard faults.isEmpty else {
            return Row(number: number, id: String(id.prefix(128)), result: nil, faults: faults)
        }
        var members = texts.filter { !$0.value.isEmpty }.mapValues { JSON.text($0) }
        members["values"] = .object(values)
        return Row(number: number, id: id, result: .object(members), faults: [])
    }
}

extension ResultFile {
    private init(json bytes: [UInt8]) throws(Fault) {
        let text: String
        do throws(CSV.Fault) { text = try TableText.text(bytes) } catch {
            throw Fault(reasons: [error.chinese])
        }
        // What is wrong with the JSON itself is told by its place only.
        guard let json = try? JSON(parsing: Array(text.utf8), depthMax: 8), let file = json.members else {
            throw Fault(reasons: ["文件不是完整的 JSON 对象：可能没有写完。请先写到临时文件名，再改名放入。"])
        }
        guard file["format"] == .number(1), case .list(let entries)? = file["results"] else {
            throw Fault(reasons: ["文件应为 {\"format\":1,\"results\":[…]}。"])
        }
        guard entries.count <= CSV.rowsMax else {
            throw Fault(reasons: ["文件超过 \(CSV.rowsMax) 条结果：请分成几个文件。"])
        }
        rows = entries.enumerated().map { Self.row($0.offset + 1, $0.element) }
    }

    private static func row(_ number: Int, _ entry: JSON) -> Row {
        guard let given = entry.members else {
            return Row(number: number, id: "", result: nil, faults: ["应为对象。"])
        }
        var texts: [String: String] = [:]
        var faults: [String] = []
        for key in members where given[key] != nil && given[key] != .null {
            guard case .text(let text)? = given[key] else {
                faults.append("\(key) 应为文本。")
                continue
            }
            texts[key] = text
        }
        let unknown = given.keys.filter { !members.contains($0) && $0 != "values" }.sorted()
        if !unknown.isEmpty {
            faults.append("有不认识的成员：\(unknown.prefix(5).map { $0.prefix(40) }.joined(separator: "、"))。")
        }
        var values: [String: JSON] = [:]
        switch given["values"] ?? .null {
        case .null: break
        case .object(let object): values = object
        default: faults.append("values 应为对象。")
        }
        guard faults.isEmpty else {
            return Row(
                number: number, id: String((texts["id"] ?? "").prefix(128)), result: nil, faults: faults)
        }
        return row(number, texts, values: values)
    }
}

extension ResultFile {
    private init(csv bytes: [UInt8], _ coding: TableCoding) throws(Fault) {
        let table: [[String]]
        do throws(CSV.Fault) { table = try CSV.read(bytes, coding) } catch {
            throw Fault(reasons: [error.chinese])
        }
        guard let heading = table.first else { throw Fault(reasons: ["文件是空的：第一行应为列名。"]) }
        let columns = try Self.columns(heading)
        rows = table.dropFirst().enumerated().compactMap { place, cells in
            var (texts, values) = ([String: String](), [String: JSON]())
            for (column, cell) in zip(columns, cells) {
                let text = cell.trimmed
                switch column {
                case .member(let key): texts[key] = text
                case .value(let key): if !text.isEmpty { values[key] = .text(text) }
                case .shown: break
                }
            }
            // A task that the department has not filled in.
            if (texts["outcome"] ?? "").isEmpty { return nil }
            texts["outcome"] = texts["outcome"].map { Self.outcomes[$0] ?? $0 }
            texts["date"] = texts["date"].map(Self.date)
            return Self.row(place + 2, texts, values: values)
        }
    }

    private enum Column: Hashable { case member(String), value(String), shown }

    /// What a person writes for an outcome.
    private static let outcomes = [
        "办结": "done", "已办结": "done", "未能办理": "failed", "未通过": "failed", "退回": "returned", "已退回": "returned",
    ]

    private static func columns(_ heading: [String]) throws(Fault) -> [Column] {
        var columns: [Column] = []
        var unknown: [String] = []
        for name in heading.map(\.trimmed) {
            if let column = column(name) {
                columns.append(column)
            } else {
                unknown.append(String(name.prefix(40)))
            }
        }
        guard unknown.isEmpty else {
            throw Fault(reasons: ["有不认识的列：\(unknown.prefix(10).joined(separator: "、"))。"])
        }
        let given = columns.filter { $0 != .shown }
        guard Set(given).count == given.count else { throw Fault(reasons: ["有一列出现了两次。"]) }
        let missing = needed.filter { !columns.contains(.member($0)) }
        guard missing.isEmpty else { throw Fault(reasons: ["缺少列：\(missing.joined(separator: "、"))。"]) }
        return columns
    }

    /// A heading: a member's name, a field's key, or a heading of a task file.
    private static func column(_ name: String) -> Column? {
        if members.contains(name) { return .member(name) }
        if TaskFile.fixed.contains(name) { return .shown }
        if FieldDictionary.standard.field(name) != nil { return .value(name) }
        guard name.hasSuffix("]"), let bracket = name.lastIndex(of: "[") else { return nil }
        let key = name[name.index(after: bracket)...].dropLast()
        guard key.first == "=" else { return .shown }
        let own = String(key.dropFirst())
        return FieldDictionary.standard.field(own) == nil ? nil : .value(own)
    }

    /// A spreadsheet makes `2026/9/3` of a date.
    private static func date(_ text: String) -> String {
        let parts = text.split(separator: "/").map(String.init)
        guard parts.count == 3, parts[0].count == 4, parts.allSatisfy({ $0.allSatisfy(\.isASCII) }) else {
            return text
        }
        return parts.map { $0.count == 1 ? "0" + $0 : $0 }.joined(separator: "-")
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
