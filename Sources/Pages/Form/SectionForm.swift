package import Casework

/// A block of a region's form as inputs, in the order and the words of the paper.
package struct SectionForm: Sendable {
    package let section: Policy.Section
    package let values: FormValues
    package let dictionary: FieldDictionary
    package let codes: CodeLists
    /// Keys that must be filled in before the case can be accepted, as things stand.
    package var required: Set<String> = []
    package var remarks: [String: [FieldControl.Remark]] = [:]
    /// By key: the values that contradict each other.
    package var conflicts: [String: HTML] = [:]
    /// Everything is shown, and nothing may be changed.
    package var isFixed = false

    package init(
        _ section: Policy.Section, values: FormValues, dictionary: FieldDictionary = .standard,
        codes: CodeLists = .standard
    ) {
        self.section = section
        self.values = values
        self.dictionary = dictionary
        self.codes = codes
    }

    /// The keys that this block asks for, each once, and that a clerk may fill in.
    package var keys: [String] { rows.flatMap(\.keys) }

    private struct Block {
        let title: String?
        var rows: [Policy.Row]
    }

    private var rows: [Policy.Row] { section.fields }

    package var html: HTML {
        var seen: Set<String> = []
        var blocks: [Block] = []
        for row in rows {
            // What names nobody belongs to whom the rows before it are about.
            let title = Self.subject(of: row.keys.first ?? "") ?? blocks.last?.title ?? nil
            if blocks.isEmpty || blocks.last?.title != title { blocks.append(Block(title: title, rows: [])) }
            blocks[blocks.count - 1].rows.append(row)
        }
        // A block of one subject needs no title of its own.
        let hasTitles = Set(blocks.map(\.title)).count > 1
        let parts = blocks.map { block -> HTML in
            let title: HTML? = block.title.map { "<h3>\($0)</h3>" }
            let controls = block.rows.flatMap { row in
                row.keys.filter { seen.insert($0).inserted }.compactMap {
                    control($0, row, under: block.title)
                }
            }
            return "\(if: hasTitles, title ?? .empty)<div class=\"fields\">\(controls)</div>"
        }
        let note: HTML? = section.note.map { "<p class=\"note\">\($0)</p>" }
        return "\(note)\(parts)"
    }

    private func control(_ key: String, _ row: Policy.Row, under subject: String?) -> HTML? {
        guard let place = dictionary.place(of: key) else { return nil }
        let field = place.field
        var control = FieldControl(
            field, label: FormLabel(row, field, subject: subject).text, choices: choices(of: field, row),
            values: values,
            isRequired: required.contains(key),
            isFixed: isFixed || row.filledBy != nil || !place.group.isEntered,
            remarks: remarks[key] ?? [], conflict: conflicts[key])
        control.group = place.group.id.rawValue
        return control.html
    }

    private func choices(of field: Field, _ row: Policy.Row) -> [Policy.Choice] {
        if let own = row.choices, field.key == row.keys.first || row.keys.count == 1 { return own }
        switch field.type {
        case .code(let list), .list(.code(let list)):
            return codes[list].map { Policy.Choice(code: $0.code, label: $0.label) }
        default: return []
        }
    }

    /// Whom a field is about, where a form asks the same of several.
    static func subject(of key: String) -> String? {
        for (prefix, title) in [
            ("mother", "母亲"), ("father", "父亲"), ("child", "新生儿"), ("birth", "新生儿"), ("head", "户主"),
        ]
        where key.hasPrefix(prefix) { return title }
        return nil
    }
}

/// The printed label of a row as the label of an input: without the blanks to write on, and without whom the heading names.
struct FormLabel: Hashable, Sendable {
    let text: String

    /// Longer labels are sentences; they stand as they are only where somebody ticks them.
    static let countMax = 16

    init(_ row: Policy.Row, _ field: Field, subject: String?) {
        let printed = Self.withoutBlanks(row.label)
        var label =
            row.keys.count == 1 && (printed.count <= Self.countMax || field.type == .bool)
            ? printed : field.label
        if let subject, label.hasPrefix(subject + " ") { label = String(label.dropFirst(subject.count + 1)) }
        text = label.hasSuffix("：") ? String(label.dropLast()) : label
    }

    private static let units: Set<String> = ["周", "克", "厘米", "元", "ml"]

    /// `出生时间 年 月 日 时 分` is 出生时间; `出生体重 克` is 出生体重（克）.
    private static func withoutBlanks(_ label: String) -> String {
        let words = label.split(separator: " ").map(String.init)
        guard words.count > 1 else { return label }
        if words.count == 2, units.contains(words[1]) { return "\(words[0])（\(words[1])）" }
        let blanks: Set<String> = [
            "年", "月", "日", "时", "分", "小时", "省", "市", "县(市、区)", "县（市、区）", "县(镇、街道)", "村(居委会)", "（",
        ]
        return words.filter { !blanks.contains($0) }.joined(separator: " ")
    }
}
