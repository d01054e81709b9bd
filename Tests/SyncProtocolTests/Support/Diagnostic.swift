import SyncProtocol

/// Writes CBOR in diagnostic notation (RFC 8949 section 8, RFC 8610 appendix G for `<< >>`), as the vectors and
/// PROTOCOL.md show it. Byte strings that hold a change's body are shown as what they hold.
struct Diagnostic {
    private let widthMax = 100

    /// One data item on one line.
    static func line(_ value: CBOR) -> String { Diagnostic().line(value) }

    /// A request or a response: the head with its keys' names, then the items of the sequence.
    static func message(_ bytes: [UInt8], keys: [String]) throws -> String {
        var reader = CBORReader(bytes)
        var items: [String] = []
        while !reader.isAtEnd {
            let item = try reader.readValue(depthMax: Limits.valueDepthMax + 4)
            items.append(
                items.isEmpty ? Diagnostic().head(item, keys: keys) : Diagnostic().block(item, indent: 0))
        }
        return items.joined(separator: ",\n")
    }

    private func head(_ value: CBOR, keys: [String]) -> String {
        guard case .map(let entries) = value else { return block(value, indent: 0) }
        let members = entries.map { entry -> String in
            guard case .unsigned(let key) = entry.key else { return "" }
            let name = keys.indices.contains(Int(key)) ? keys[Int(key)] : "of a later version"
            return "  / \(name) / \(key): " + block(entry.value, indent: 2)
        }
        return "{\n" + members.joined(separator: ",\n") + "\n}"
    }

    /// On one line if it is short, else each part on its own.
    private func block(_ value: CBOR, indent: Int) -> String {
        let short = line(value)
        if short.count + indent <= widthMax { return short }
        let margin = String(repeating: " ", count: indent + 2)
        let end = "\n" + String(repeating: " ", count: indent)
        switch value {
        case .array(let items):
            return "[\n" + items.map { margin + block($0, indent: indent + 2) }.joined(separator: ",\n") + end
                + "]"
        case .map(let entries):
            let members = entries.map { margin + line($0.key) + ": " + block($0.value, indent: indent + 2) }
            return "{\n" + members.joined(separator: ",\n") + end + "}"
        case .bytes(let bytes):
            guard let body = Self.body(bytes) else { return short }
            return "<<\n" + margin + block(body, indent: indent + 2) + end + ">>"
        default: return short
        }
    }

    private func line(_ value: CBOR) -> String {
        switch value {
        case .unsigned(let number): return String(number)
        case .negative(let number): return number == .max ? "-18446744073709551616" : "-\(number + 1)"
        case .bytes(let bytes):
            if let body = Self.body(bytes) { return "<<" + line(body) + ">>" }
            return "h'\(bytes.hexadecimal)'"
        case .text(let text): return Self.quoted(text)
        case .array(let items): return "[" + items.map(line).joined(separator: ", ") + "]"
        case .map(let entries):
            return "{" + entries.map { line($0.key) + ": " + line($0.value) }.joined(separator: ", ") + "}"
        case .bool(let flag): return String(flag)
        case .null: return "null"
        case .float(let number): return "\(number)"
        }
    }

    /// What a byte string holds, if it is no name or digest and holds an array of at least four items.
    private static func body(_ bytes: [UInt8]) -> CBOR? {
        guard bytes.count > 36, let value = try? CBOR(decoding: bytes, depthMax: Limits.valueDepthMax + 4),
            case .array(let items) = value, items.count >= 4
        else { return nil }
        return value
    }

    private static func quoted(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "\"") { quoted, scalar in
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                quoted += "\\u" + String(UInt64(scalar.value).hexadecimal.suffix(4))
            default: quoted.unicodeScalars.append(scalar)
            }
        } + "\""
    }
}
