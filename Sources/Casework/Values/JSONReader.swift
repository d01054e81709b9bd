import Foundation

/// Reads JSON (RFC 8259) and says at which line and column it stops being that.
///
/// Foundation's decoder tells no place on Linux and silently keeps one of two equal keys, which in a case file would
/// lose an answer.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0
    private let depthMax: Int

    /// Reads exactly one value, of which lists and objects are nested at most so deep.
    static func read(_ bytes: [UInt8], depthMax: Int) throws(JSONError) -> JSON {
        var reader = JSONReader(bytes: bytes, depthMax: depthMax)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.error(.syntax) }
        return value
    }

    private init(bytes: [UInt8], depthMax: Int) {
        self.bytes = bytes
        self.depthMax = depthMax
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .list(try list(depth: depth + 1))
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> [String: JSON] {
        try open(depth)
        var members: [String: JSON] = [:]
        if take(UInt8(ascii: "}")) { return members }
        repeat {
            skipSpace()
            let start = position
            let key = try text()
            try expect(UInt8(ascii: ":"))
            guard members.updateValue(try value(depth: depth), forKey: key) == nil else {
                position = start
                throw error(.repeatedKey)
            }
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
        return members
    }

    private mutating func list(depth: Int) throws(JSONError) -> [JSON] {
        try open(depth)
        var values: [JSON] = []
        if take(UInt8(ascii: "]")) { return values }
        repeat { values.append(try value(depth: depth)) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        return values
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let expected = Array("\(word)".utf8)
        guard bytes[position...].starts(with: expected) else { throw error(.syntax) }
        position += expected.count
        return value
    }

    /// `-? (0 | [1-9] digits) (. digits)? ([eE] [+-]? digits)?`
    private mutating func number() throws(JSONError) -> Decimal {
        let start = position
        step(over: "-")
        let hasLeadingZero = peek == UInt8(ascii: "0")
        guard let whole = digits(), whole == 1 || !hasLeadingZero else { throw error(.syntax) }
        if step(over: ".") { guard digits() != nil else { throw error(.syntax) } }
        if step(over: "eE") {
            step(over: "+-")
            guard digits() != nil else { throw error(.syntax) }
        }
        let literal = String(decoding: bytes[start..<position], as: UTF8.self)
        // A decimal has 38 digits; what it cannot hold exactly is no answer of any form. It is written without an exponent, and
        // what is written must be read again.
        guard literal.utf8.count <= Self.numberLengthMax, let number = Decimal(string: literal),
            number.isFinite, "\(number)".utf8.count <= Self.numberLengthMax
        else {
            position = start
            throw error(.syntax)
        }
        return number
    }

    private static let numberLengthMax = 30

    private mutating func digits() -> Int? {
        let start = position
        while peek?.isDigit == true { position += 1 }
        return position == start ? nil : position - start
    }
}

// Texts.

extension JSONReader {
    private mutating func text() throws(JSONError) -> String {
        guard step(over: "\"") else { throw error(.syntax) }
        var content: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else { throw error(.syntax) }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                position += 1
                content.append(contentsOf: String(try escaped()).utf8)
            case 0..<0x20: throw error(.syntax)
            default:
                content.append(byte)
                position += 1
            }
        }
        throw error(.syntax)
    }

    private static let escapes: [UInt8: Unicode.Scalar] = [
        UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
        UInt8(ascii: "b"): "\u{8}",
        UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]

    private mutating func escaped() throws(JSONError) -> Character {
        if let letter = peek, let scalar = Self.escapes[letter] {
            position += 1
            return Character(scalar)
        }
        var code = try hexadecimal()
        if 0xD800..<0xDC00 ~= code {  // the first half of a pair
            guard step(over: "\\") else { throw error(.syntax) }
            let second = try hexadecimal()
            guard 0xDC00..<0xE000 ~= second else { throw error(.syntax) }
            code = 0x10000 + (code - 0xD800) << 10 + (second - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error(.syntax) }
        return Character(scalar)
    }

    /// `u` and four hexadecimal digits.
    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard step(over: "u") else { throw error(.syntax) }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error(.syntax)
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}

// Steps.

extension JSONReader {
    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func open(_ depth: Int) throws(JSONError) {
        guard depth <= depthMax else { throw error(.tooDeep) }
        position += 1
    }

    private mutating func skipSpace() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    /// Steps over space and then over this byte, if it comes next.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard take(byte) else { throw error(.syntax) }
    }

    /// Steps over one of the characters, if it comes next.
    @discardableResult private mutating func step(over characters: StaticString) -> Bool {
        guard let byte = peek, "\(characters)".utf8.contains(byte) else { return false }
        position += 1
        return true
    }

    private func error(_ reason: JSONError.Reason) -> JSONError {
        let before = bytes[..<position]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let line = before.count { $0 == 0x0A } + 1
        return JSONError(
            reason: reason, line: line,
            column: String(decoding: before[lineStart...], as: UTF8.self).count + 1)
    }
}

/// Why a text is not JSON that can be taken, and where: both from 1, columns in characters.
package struct JSONError: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable { case syntax, repeatedKey, tooDeep }
    package let reason: Reason
    package let line: Int
    package let column: Int

    /// The sentence for the technician.
    package var english: String {
        let fault =
            switch reason {
            case .syntax: "not valid JSON"
            case .repeatedKey: "a key stands twice"
            case .tooDeep: "nested too deep"
            }
        return "\(fault) (line \(line), column \(column))"
    }
}
