/// One word or sign of an expression, with its place.
struct Token: Hashable, Sendable {
    let kind: Kind
    /// Characters before it.
    let offset: Int

    enum Kind: Hashable, Sendable {
        case name(String)
        case text(String)
        case number(Double)
        case sign(String)
        case end

        var shown: String {
            switch self {
            case .name(let name): name
            case .text(let text): "\"\(text)\""
            case .number(let number): "\(number)"
            case .sign(let sign): sign
            case .end: "the end"
            }
        }
    }

    /// Longest first, so that `<=` is not read as `<`.
    private static let signs = [
        "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", "+", "-",
    ]

    static func list(of source: String) throws(ExpressionError) -> [Token] {
        let characters = Array(source)
        var tokens: [Token] = []
        var index = 0
        while index < characters.count {
            if characters[index] == " " {
                index += 1
                continue
            }
            let (kind, length) = try read(characters[index...])
            tokens.append(Token(kind: kind, offset: index))
            index += length
        }
        return tokens + [Token(kind: .end, offset: characters.count)]
    }

    private static func read(_ rest: ArraySlice<Character>) throws(ExpressionError) -> (Kind, length: Int) {
        let first = rest[rest.startIndex]
        if first == "\"" {
            guard let end = rest.dropFirst().firstIndex(of: "\"") else {
                throw ExpressionError(at: rest.startIndex, "the text has no closing quotation mark")
            }
            return (.text(String(rest[(rest.startIndex + 1)..<end])), end - rest.startIndex + 1)
        }
        if first.isASCII, first.isLetter {
            let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
            return (.name(String(name)), name.count)
        }
        if first.isASCII, first.isNumber {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(String(digits)) else {
                throw ExpressionError(at: rest.startIndex, "\(String(digits)) is no number")
            }
            return (.number(number), digits.count)
        }
        let two = String(rest.prefix(2))
        guard let sign = signs.first(where: two.hasPrefix) else {
            throw ExpressionError(at: rest.startIndex, "\(first) means nothing here")
        }
        return (.sign(sign), sign.count)
    }
}
