/// Reads tokens into a tree and gives each part its type: recursive descent, one function for each rule of
/// the grammar.
struct ExpressionParser {
    typealias Typed = (node: Expression.Node, type: ExpressionType)

    private let tokens: [Token]
    private let dictionary: FieldDictionary
    private let codes: CodeLists
    private var index = 0
    private var depth = 0

    init(tokens: [Token], dictionary: FieldDictionary, codes: CodeLists) {
        self.tokens = tokens
        self.dictionary = dictionary
        self.codes = codes
    }

    /// The whole text, with nothing behind it.
    mutating func whole() throws(ExpressionError) -> Typed {
        let typed = try either()
        guard token.kind == .end else { throw fault("\(token.kind.shown) was not expected") }
        return typed
    }

    private var token: Token { tokens[index] }

    private func fault(_ text: String, at offset: Int? = nil) -> ExpressionError {
        ExpressionError(at: offset ?? token.offset, text)
    }

    private mutating func take(_ sign: String) -> Bool {
        guard token.kind == .sign(sign) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ sign: String) throws(ExpressionError) {
        guard take(sign) else { throw fault("\(sign) was expected, not \(token.kind.shown)") }
    }

    private mutating func either() throws(ExpressionError) -> Typed {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Expression.depthMax else { throw fault("nested deeper than \(Expression.depthMax)") }
        var left = try both()
        while token.kind == .sign("||") {
            let offset = token.offset
            index += 1
            let right = try both()
            try truths(left, right, "||", offset)
            left = (.either(left.node, right.node), .truth)
        }
        return left
    }

    private mutating func both() throws(ExpressionError) -> Typed {
        var left = try negated()
        while token.kind == .sign("&&") {
            let offset = token.offset
            index += 1
            let right = try negated()
            try truths(left, right, "&&", offset)
            left = (.both(left.node, right.node), .truth)
        }
        return left
    }

    private func truths(_ left: Typed, _ right: Typed, _ sign: String, _ offset: Int) throws(ExpressionError)
    {
        guard left.type == .truth, right.type == .truth else {
            throw fault("\(sign) joins conditions, not \(left.type.name) and \(right.type.name)", at: offset)
        }
    }

    private mutating func negated() throws(ExpressionError) -> Typed {
        let offset = token.offset
        guard take("!") else { return try comparison() }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Expression.depthMax else { throw fault("nested deeper than \(Expression.depthMax)") }
        let inner = try negated()
        guard inner.type == .truth else {
            throw fault("! turns a condition round, not \(inner.type.name)", at: offset)
        }
        return (.not(inner.node), .truth)
    }

    private mutating func comparison() throws(ExpressionError) -> Typed {
        let left = try sum()
        let offset = token.offset
        guard let comparison = Self.comparison(token.kind) else { return left }
        index += 1
        let right = try sum()
        try check(comparison, left, right, at: offset)
        return (.compare(comparison, left.node, right.node), .truth)
    }

    private static func comparison(_ kind: Token.Kind) -> Expression.Comparison? {
        switch kind {
        case .sign(let word), .name(let word): Expression.Comparison(rawValue: word)
        default: nil
        }
    }

    /// The sides must be of one kind, and a text beside a field with choices must be one of them.
    private func check(
        _ comparison: Expression.Comparison, _ left: Typed, _ right: Typed, at offset: Int
    ) throws(ExpressionError) {
        let fits: Bool =
            switch (comparison, left.type, right.type) {
            case (.isIn, .text, .texts), (.startsWith, .text, .text), (.containsAll, .texts, .texts): true
            case (.isIn, _, _), (.startsWith, _, _), (.containsAll, _, _), (_, .texts, _): false
            case (_, .text, .text) where comparison.isOrder, (_, .truth, .truth) where comparison.isOrder:
                false
            default: left.type.matches(right.type)
            }
        guard fits else {
            throw fault(
                "\(comparison.rawValue) cannot compare \(left.type.name) with \(right.type.name)", at: offset)
        }
        guard comparison != .startsWith else { return }
        for (side, other) in [(left, right), (right, left)] {
            guard case .literal(let value) = side.node, let list = other.type.list else { continue }
            let texts =
                switch value {
                case .text(let text): [text]
                case .texts(let texts): texts
                default: [String]()
                }
            for text in texts where codes.code(text, in: list) == nil {
                throw fault("\"\(text)\" is no code of the list \(list)", at: offset)
            }
        }
    }

    private mutating func sum() throws(ExpressionError) -> Typed {
        var left = try primary()
        while token.kind == .sign("+") || token.kind == .sign("-") {
            let offset = token.offset
            let factor = token.kind == .sign("+") ? 1 : -1
            index += 1
            guard case .number(let amount) = token.kind, let whole = Int(exactly: amount), 0...10_000 ~= whole
            else { throw fault("a whole number up to 10000 was expected, not \(token.kind.shown)") }
            index += 1
            let unit = try unit()
            guard left.type == .moment || (left.type == .date && unit != .hours) else {
                throw fault("that cannot be added to \(left.type.name)", at: offset)
            }
            left = (.later(left.node, factor * whole, unit), left.type)
        }
        return left
    }

    private mutating func unit() throws(ExpressionError) -> Expression.Unit {
        let unit: Expression.Unit
        switch token.kind {
        case .name("day"), .name("days"): unit = .days
        case .name("month"), .name("months"): unit = .months
        case .name("hour"), .name("hours"): unit = .hours
        default: throw fault("days, months or hours was expected, not \(token.kind.shown)")
        }
        index += 1
        return unit
    }

    private mutating func primary() throws(ExpressionError) -> Typed {
        let start = token
        index += 1
        switch start.kind {
        case .text(let text): return (.literal(.text(text)), .text(list: nil))
        case .number(let number): return (.literal(.number(number)), .number)
        case .name("true"): return (.literal(.truth(true)), .truth)
        case .name("false"): return (.literal(.truth(false)), .truth)
        case .sign("("):
            let inner = try either()
            try expect(")")
            return inner
        case .sign("["): return try list()
        case .name(let name):
            return take("(") ? try call(name, at: start.offset) : try fact(name, at: start.offset)
        default:
            index -= 1
            throw fault("a value was expected, not \(start.kind.shown)")
        }
    }

    private mutating func list() throws(ExpressionError) -> Typed {
        var texts: [String] = []
        repeat { texts.append(try text("a text")) } while take(",")
        try expect("]")
        return (.literal(.texts(texts)), .texts(list: nil))
    }

    private func fact(_ key: String, at offset: Int) throws(ExpressionError) -> Typed {
        guard let field = dictionary.field(key) else { throw fault("\(key) is no field", at: offset) }
        let type = field.type.expressionType
        guard type != .opaque else {
            throw fault("\(key) can only be asked for by answered(\(key))", at: offset)
        }
        return (.fact(key, field.type), type)
    }
}

// Calls.

extension ExpressionParser {
    /// The functions, as an error lists them.
    private static let functions = "answered, applies, handedIn, at, dateOf"

    private mutating func call(_ name: String, at offset: Int) throws(ExpressionError) -> Typed {
        let typed: Typed
        switch name {
        case "answered":
            guard case .name(let key) = token.kind else { throw fault("the key of a field was expected") }
            guard dictionary.field(key) != nil else { throw fault("\(key) is no field") }
            index += 1
            typed = (.answered(key), .truth)
        case "applies":
            let place = token.offset
            let item = try text("the code of an item")
            guard codes.code(item, in: "item") != nil else {
                throw fault("\"\(item)\" is no code of the list item", at: place)
            }
            typed = (.applies(item), .truth)
        case "handedIn":
            let code = try text("the code of a material")
            typed = (.handedIn(code, part: take(",") ? try text("a part of the material") : nil), .truth)
        case "at":
            let date = try argument(.date)
            try expect(",")
            typed = (.at(date, try argument(.text(list: nil))), .moment)
        case "dateOf": typed = (.dateOf(try argument(.moment)), .date)
        default: throw fault("\(name) is no function; there are \(Self.functions)", at: offset)
        }
        try expect(")")
        return typed
    }

    private mutating func text(_ what: String) throws(ExpressionError) -> String {
        guard case .text(let text) = token.kind else {
            throw fault("\(what) was expected, not \(token.kind.shown)")
        }
        index += 1
        return text
    }

    private mutating func argument(_ type: ExpressionType) throws(ExpressionError) -> Expression.Node {
        let offset = token.offset
        let typed = try sum()
        guard typed.type.matches(type) else {
            throw fault("\(type.name) was expected, not \(typed.type.name)", at: offset)
        }
        return typed.node
    }
}

extension ExpressionType {
    /// The code list behind the values.
    var list: String? {
        switch self {
        case .text(let list), .texts(let list): list
        default: nil
        }
    }
}

extension FieldType {
    var expressionType: ExpressionType {
        switch self {
        case .text, .lines, .documentNumber: .text(list: nil)
        case .format(.dateTime): .moment
        case .format: .text(list: nil)
        case .code(let list): .text(list: list)
        case .int, .decimal, .money: .number
        case .bool: .truth
        case .date: .date
        case .list(.code(let list)): .texts(list: list)
        case .list(.text): .texts(list: nil)
        case .caseID, .hash, .pairs, .list, .record: .opaque
        }
    }
}
