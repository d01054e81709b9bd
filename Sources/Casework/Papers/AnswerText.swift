import Foundation
import SyncProtocol

/// Answers in the words of a paper: codes by their labels, dates as `2025年9月29日`, parts of a place in one line.
package struct AnswerText: Sendable {
    let answers: Answers
    /// A form's own words for codes of a field, where they differ from the code list's.
    var choices: [String: [Policy.Choice]] = [:]
    /// Whether numbers of documents, phones and accounts are hidden.
    var isMasked = false
    var codes = CodeLists.standard
    var dictionary = FieldDictionary.standard

    package init(
        _ answers: Answers, choices: [String: [Policy.Choice]] = [:], isMasked: Bool = false,
        dictionary: FieldDictionary = .standard, codes: CodeLists = .standard
    ) {
        self.answers = answers
        self.choices = choices
        self.isMasked = isMasked
        self.dictionary = dictionary
        self.codes = codes
    }

    /// nil where nothing is answered, or where another version wrote what this one cannot read.
    package func callAsFunction(_ key: String) -> String? {
        guard let field = dictionary.field(key), let value = answers[key] else { return nil }
        // A value of another shape is not for print: the field stays empty, as if unanswered.
        guard let json = try? field.type.json(from: value) else { return nil }
        let text = words(json, of: field)
        guard !text.isEmpty else { return nil }
        guard isMasked, let masking = Masking(field) else { return text }
        return masking.masked(text)
    }

    /// Whether the answer is one of these codes; `true` and `false` are the codes of yes and no.
    package func holds(_ condition: FormText.Condition) -> Bool {
        switch answers[condition.key] {
        case .text(let code): condition.codes.contains(code)
        case .bool(let value): condition.codes.contains("\(value)")
        case .array(let values):
            values.contains { if case .text(let code) = $0 { condition.codes.contains(code) } else { false } }
        default: false
        }
    }

    /// What can be chosen for a field, in the form's order; empty for a field that is not chosen.
    package func choices(of key: String) -> [Policy.Choice] {
        if let own = choices[key] { return own }
        switch dictionary.field(key)?.type {
        case .code(let list)?, .list(.code(let list))?:
            return codes[list].map { Policy.Choice(code: $0.code, label: $0.label) }
        case .bool?:
            return [
                Policy.Choice(code: "true", label: "是"), Policy.Choice(code: "false", label: "否"),
            ]
        default: return []
        }
    }

    private func words(_ json: JSON, of field: Field) -> String {
        switch (field.type, json) {
        case (.code, .text(let code)): label(code, of: field.key)
        case (.bool, .bool(let value)): label("\(value)", of: field.key)
        case (.list(.code), .list(let values)):
            values.compactMap { if case .text(let code) = $0 { label(code, of: field.key) } else { nil } }
                .joined(separator: "、")
        case (.date, .text(let text)): CalendarDate(text)?.inChinese ?? text
        case (.format(.time), .text(let text)): Self.time(text)
        case (.format(.dateTime), .text(let text)): Self.moment(text)
        case (.record, .object(let parts)) where field.typeName == "signature":
            signature(parts, of: field.key)
        case (.record, .object(let parts)): place(parts, of: field)
        default: plain(json)
        }
    }

    private func label(_ code: String, of key: String) -> String {
        choices(of: key).first { $0.code == code }?.label ?? code
    }

    /// `08:15` as `08时15分`.
    private static func time(_ text: String) -> String {
        let parts = text.split(separator: ":")
        return parts.count == 2 ? "\(parts[0])时\(parts[1])分" : text
    }

    private static func moment(_ text: String) -> String {
        guard let date = CalendarDate(String(text.prefix(10))), text.count >= 16 else { return text }
        return date.inChinese + time(String(text.dropFirst(11).prefix(5)))
    }

    /// Who signed and how; the picture itself stays with the case.
    private func signature(_ parts: [String: JSON], of key: String) -> String {
        guard case .text(let kind)? = parts["kind"] else { return "" }
        let name = key.hasSuffix("Signature") ? key.dropLast("Signature".count) + "Name" : "motherName"
        let signer = answers.text(name) ?? answers.text("motherName") ?? ""
        return "\(signer)（\(codes.code(kind, in: "signatureKind")?.label ?? kind)）"
    }

    /// The parts of a region or police station one after the other, as an address is written.
    private func place(_ parts: [String: JSON], of field: Field) -> String {
        let names = ["province", "city", "county", "town", "village", "name", "text"]
        let text = names.map { parts[$0].map(plain) ?? "" }.joined()
        guard field.typeName == "station", !text.isEmpty, !text.hasSuffix("派出所") else { return text }
        return text + "派出所"
    }

    private func plain(_ json: JSON) -> String {
        switch json {
        case .null: ""
        case .bool(let value): value ? "是" : "否"
        case .number(let value): "\(value)"
        case .text(let value): value
        case .list(let values): values.map(plain).joined(separator: "、")
        case .object(let members):
            members.sorted { $0.key < $1.key }.map { plain($0.value) }.joined(separator: " ")
        }
    }
}

extension CalendarDate {
    /// `2025年9月29日`
    package var inChinese: String { "\(year)年\(month)月\(day)日" }
}
