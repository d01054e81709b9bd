/// A text with placeholders `{key}` that are filled from answers: `{motherName}之女`.
///
/// A key is 1 to 64 ASCII letters and digits and begins with a letter. There is no escape: a brace that belongs to no
/// placeholder is an error, because in papers and messages it can only be a slip of the pen.
package struct Template: Hashable, Sendable {
    /// Unicode scalars of the text, placeholders included.
    package static let lengthMax = 4000
    package static let placeholdersMax = 100
    package static let keyLengthMax = 64

    /// The text as it was read.
    package let text: String
    private let parts: [Part]

    private enum Part: Hashable, Sendable {
        case literal(String)
        case placeholder(String)

        var key: String? {
            if case .placeholder(let key) = self { key } else { nil }
        }
    }

    /// Reads a text; its keys may be any.
    package init(_ text: String) throws(TemplateError) {
        // Scalars and not characters, of which one can be any number of bytes.
        guard text.unicodeScalars.count <= Self.lengthMax else { throw .tooLong }
        self.text = text
        parts = try Self.split(text)
        guard parts.count(where: { $0.key != nil }) <= Self.placeholdersMax else {
            throw .tooManyPlaceholders
        }
    }

    /// Reads a text of which every key must be a known one.
    package init(_ text: String, isKnown: (String) -> Bool) throws(TemplateError) {
        try self.init(text)
        if let key = keys.first(where: { !isKnown($0) }) { throw .unknownKey(key) }
    }

    /// The keys, each once, in the order of the text.
    package var keys: [String] {
        var seen: Set<String> = []
        return parts.compactMap(\.key).filter { seen.insert($0).inserted }
    }

    /// The text with every placeholder filled; nil where one of its values is missing.
    package func filled(_ value: (String) -> String?) -> String? {
        var result = ""
        for part in parts {
            switch part {
            case .literal(let literal): result += literal
            case .placeholder(let key):
                guard let value = value(key) else { return nil }
                result += value
            }
        }
        return result
    }
}

extension Template {
    private static func split(_ text: String) throws(TemplateError) -> [Part] {
        var parts: [Part] = []
        var rest = text.unicodeScalars[...]
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[open] == "{", let close = rest[open...].firstIndex(of: "}") else { throw .looseBrace }
            let key = String(rest[rest.index(after: open)..<close])
            guard isKey(key) else { throw key.contains("{") ? .looseBrace : .badKey }
            if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
            parts.append(.placeholder(key))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        return parts
    }

    private static func isKey(_ key: String) -> Bool {
        guard 1...keyLengthMax ~= key.utf8.count, let first = key.utf8.first, !first.isDigit else {
            return false
        }
        return key.utf8.allSatisfy { $0.isDigit || $0.isCapital || 0x61...0x7A ~= $0 }
    }
}

extension Template: Decodable {
    /// Reads a JSON string; its keys may be any.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do { try self.init(text) } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }
}

/// Why a text is no template. Templates are rules and hold no personal data, so a key may be repeated.
package enum TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong
    case tooManyPlaceholders
    /// A `{` without its `}`, or the other way round, or one inside the other.
    case looseBrace
    /// Empty, too long, or not of letters and digits.
    case badKey
    case unknownKey(String)

    package var description: String {
        switch self {
        case .tooLong: "longer than \(Template.lengthMax) characters"
        case .tooManyPlaceholders: "more than \(Template.placeholdersMax) placeholders"
        case .looseBrace: "a brace that belongs to no placeholder"
        case .badKey: "a placeholder is 1 to \(Template.keyLengthMax) letters and digits, a letter first"
        case .unknownKey(let key): "no such key: \(key)"
        }
    }
}
