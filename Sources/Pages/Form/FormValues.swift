package import Casework
import Foundation
package import Web

/// The answers of a form as a browser has and sends them: texts by the name of the input. A field of several inputs has a
/// name for each: `birthPlace.county`; what can be chosen several times has several texts.
package struct FormValues: Hashable, Sendable {
    private var texts: [String: [String]] = [:]

    package init() {}

    package init(_ fields: FormFields) {
        for field in fields.fields { texts[field.name, default: []].append(field.value) }
    }

    /// What stands in a case.
    package init(_ answers: [String: JSON], dictionary: FieldDictionary) {
        for (key, json) in answers {
            guard let field = dictionary.field(key) else { continue }
            set(json, of: field)
        }
    }

    package subscript(name: String) -> [String] {
        get { texts[name] ?? [] }
        set { texts[name] = newValue }
    }

    /// The one text of an input; empty if there is none.
    package func text(_ name: String) -> String { texts[name]?.first ?? "" }

    private mutating func set(_ json: JSON, of field: Field) {
        switch (field.type, json) {
        case (.list, .list(let values)): texts[field.key] = values.compactMap(Self.plain)
        case (.record, .object(let parts)):
            for (name, part) in parts { texts["\(field.key).\(name)"] = Self.plain(part).map { [$0] } }
        case (.format(.dateTime), .text(let text)):
            texts[field.key] = [String(text.replacing("T", with: " ").prefix(16))]
        default: texts[field.key] = Self.plain(json).map { [$0] }
        }
    }

    private static func plain(_ json: JSON) -> String? {
        switch json {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .bool(let value): value ? "true" : "false"
        case .null, .list, .object: nil
        }
    }
}

extension FormValues {
    /// The day that somebody typed in any of the usual ways; nil if it is none.
    package static func day(_ text: String) -> CalendarDate? {
        CalendarDate(Typed.date(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// One field's answer as a case file has it; null where nothing was filled in. What cannot be read stays a text, and is
    /// refused with the sentence that belongs to the field.
    package func json(of field: Field) -> JSON {
        switch field.type {
        case .list(.code): .list(self[field.key].filter { !$0.isEmpty }.map { .text($0) }).orNull
        case .list: .list(text(field.key).split(whereSeparator: \.isNewline).map { .text(String($0)) }).orNull
        case .record(let parts): record(parts, of: field.key)
        default: Self.json(text(field.key), as: field.type)
        }
    }

    private func record(_ parts: [FieldType.Part], of key: String) -> JSON {
        var members: [String: JSON] = [:]
        for part in parts {
            let json = Self.json(text("\(key).\(part.name)"), as: part.type)
            if json != .null { members[part.name] = json }
        }
        return members.isEmpty ? .null : .object(members)
    }

    private static func json(_ text: String, as type: FieldType) -> JSON {
        let plain = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if plain.isEmpty { return .null }
        switch type {
        case .bool where plain == "true" || plain == "false": return .bool(plain == "true")
        case .int, .decimal, .money:
            // "3,250 克" is a number with its unit; anything else stays what it is.
            let digits = Typed.narrow(plain).filter { $0 != "," && $0 != " " }
            return Decimal(string: digits).map { "\($0)" == digits ? .number($0) : .text(plain) }
                ?? .text(plain)
        case .date: return .text(Typed.date(plain))
        case .format(.time): return .text(Typed.time(plain))
        case .format(.dateTime): return .text(Typed.dateTime(plain))
        case .format, .documentNumber: return .text(Typed.number(plain))
        default: return .text(plain)
        }
    }
}

extension JSON {
    fileprivate var orNull: JSON { self == .list([]) ? .null : self }
}

/// What people type, as the rules want it: full-width digits, dates without their strokes, spaces within numbers.
enum Typed {
    /// Full-width signs become their narrow ones (Unicode, Halfwidth and Fullwidth Forms).
    static func narrow(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.value {
                    case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
                    case 0x3000: " "
                    default: scalar
                    }
                }))
    }

    /// `20261120`, `2026.11.2`, `2026年11月20日` as `2026-11-20`; anything else as it is.
    static func date(_ text: String) -> String {
        let parts = narrow(text).split { !$0.isNumber }
        if parts.count == 3, parts[0].count == 4, parts[1].count <= 2, parts[2].count <= 2 {
            return "\(parts[0])-\(padded(parts[1]))-\(padded(parts[2]))"
        }
        guard parts.count == 1, parts[0].count == 8, parts[0].count == narrow(text).count else { return text }
        return "\(parts[0].prefix(4))-\(parts[0].dropFirst(4).prefix(2))-\(parts[0].suffix(2))"
    }

    /// `0315`, `3:15`, `3时15分` as `03:15`; anything else as it is.
    static func time(_ text: String) -> String {
        let parts = narrow(text).split { !$0.isNumber }
        if parts.count == 2, parts.allSatisfy({ $0.count <= 2 }) {
            return "\(padded(parts[0])):\(padded(parts[1]))"
        }
        guard parts.count == 1, parts[0].count == 4, narrow(text).count == 4 else { return text }
        return "\(parts[0].prefix(2)):\(parts[0].suffix(2))"
    }

    /// `2026-11-20 3:15` as `2026-11-20T03:15:00+08:00`; anything else as it is.
    static func dateTime(_ text: String) -> String {
        let halves = narrow(text).split(maxSplits: 1) { $0 == " " || $0 == "T" }
        guard halves.count == 2 else { return text }
        let (date, time) = (date(String(halves[0])), time(String(halves[1].prefix(5))))
        return date.count == 10 && time.count == 5 ? "\(date)T\(time):00+08:00" : text
    }

    /// Without the spaces with which long numbers are read; a check digit X is written large.
    static func number(_ text: String) -> String { narrow(text).filter { $0 != " " }.uppercased() }

    private static func padded(_ digits: Substring) -> String {
        digits.count == 1 ? "0\(digits)" : String(digits)
    }
}
