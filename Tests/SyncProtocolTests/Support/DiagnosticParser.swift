import SyncProtocol

/// Reads the diagnostic notation that ``Diagnostic`` writes, comments included.
struct DiagnosticParser {
    enum Failure: Error { case unexpected(at: Int) }

    private let characters: [Unicode.Scalar]
    private var index = 0

    private init(_ text: String) { characters = Array(text.unicodeScalars) }

    /// One data item.
    static func value(_ text: String) throws -> CBOR {
        let values = try Self.values(text)
        guard values.count == 1 else { throw Failure.unexpected(at: 0) }
        return values[0]
    }

    /// The items of a sequence, separated by commas.
    static func values(_ text: String) throws -> [CBOR] {
        var parser = DiagnosticParser(text)
        var values = [try parser.value()]
        while try parser.takes(",") { values.append(try parser.value()) }
        guard parser.index == parser.characters.count else { throw Failure.unexpected(at: parser.index) }
        return values
    }

    private mutating func value() throws -> CBOR {
        if try takes("[") { return .array(try list(until: "]") { parser in try parser.value() }) }
        if try takes("{") {
            return .map(
                of: try list(until: "}") { parser in
                    let key = try parser.value()
                    guard try parser.takes(":") else { throw Failure.unexpected(at: parser.index) }
                    return CBOR.Entry(key: key, value: try parser.value())
                })
        }
        if try takes("<<") {
            let bytes = try value().encoded
            guard try takes(">>") else { throw Failure.unexpected(at: index) }
            return .bytes(bytes)
        }
        if try takes("h'") { return .bytes(try bytes()) }
        if try takes("\"") { return .text(try text()) }
        return try word()
    }

    private mutating func list<Item>(
        until end: String, _ item: (inout DiagnosticParser) throws -> Item
    ) throws -> [Item] {
        if try takes(end) { return [] }
        var items = [try item(&self)]
        while try takes(",") { items.append(try item(&self)) }
        guard try takes(end) else { throw Failure.unexpected(at: index) }
        return items
    }

    private mutating func bytes() throws -> [UInt8] {
        let digits = run { $0 != "'" }
        index += 1
        guard let bytes = [UInt8](hexadecimal: digits) else { throw Failure.unexpected(at: index) }
        return bytes
    }

    private mutating func text() throws -> String {
        var text = ""
        while index < characters.count, characters[index] != "\"" {
            if characters[index] == "\\" {
                index += 1
                guard index < characters.count else { throw Failure.unexpected(at: index) }
                if characters[index] == "u" {
                    let digits = String(String.UnicodeScalarView(characters[(index + 1)...].prefix(4)))
                    guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else {
                        throw Failure.unexpected(at: index)
                    }
                    text.unicodeScalars.append(scalar)
                    index += 5
                    continue
                }
            }
            text.unicodeScalars.append(characters[index])
            index += 1
        }
        index += 1
        return text
    }

    private mutating func word() throws -> CBOR {
        let word = run { $0.properties.isAlphabetic || "0123456789+-.".unicodeScalars.contains($0) }
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "-18446744073709551616": return .negative(.max)
        default: break
        }
        if let number = UInt64(word) { return .unsigned(number) }
        if word.hasPrefix("-"), let number = UInt64(word.dropFirst()), number > 0 {
            return .negative(number - 1)
        }
        guard let number = Double(word) else { throw Failure.unexpected(at: index) }
        return .float(number)
    }

    private mutating func run(while holds: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while index < characters.count, holds(characters[index]) {
            text.append(characters[index])
            index += 1
        }
        return String(text)
    }

    /// Skips white space and comments, then consumes `token` if it comes next; skips behind it too.
    private mutating func takes(_ token: String) throws -> Bool {
        try skip()
        let scalars = Array(token.unicodeScalars)
        guard characters[index...].starts(with: scalars) else { return false }
        index += scalars.count
        if token != "\"" { try skip() }
        return true
    }

    private mutating func skip() throws {
        while index < characters.count {
            if characters[index].properties.isWhitespace {
                index += 1
            } else if characters[index] == "/" {
                guard let end = characters[(index + 1)...].firstIndex(of: "/") else {
                    throw Failure.unexpected(at: index)
                }
                index = end + 1
            } else {
                return
            }
        }
    }
}
