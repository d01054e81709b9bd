/// A condition or a moment in a policy, as text in the data: `docs/rules-language.md`.
///
/// It is total: reading it takes one pass and always ends, and it never fails on any case. What is not
/// answered is unknown, and unknown goes through comparisons and `&&`, `||`, `!` as in Kleene's logic: `false
/// && unknown` is false, `true && unknown` is unknown. A condition holds only if it is true; unknown does not
/// satisfy it (policies.md section 0).
package struct Expression: Hashable, Sendable {
    /// As the policy has it.
    package let source: String
    package let type: ExpressionType
    let root: Node

    /// Bytes of one expression.
    package static let bytesMax = 1000
    /// Nesting of parentheses, calls and `!`.
    package static let depthMax = 16

    /// Reads an expression and checks every name, code and type in it against the dictionary.
    package init(
        _ source: String, dictionary: FieldDictionary = .standard, codes: CodeLists = .standard
    ) throws(ExpressionError) {
        guard source.utf8.count <= Self.bytesMax else {
            throw ExpressionError(at: 0, "longer than \(Self.bytesMax) bytes")
        }
        var parser = ExpressionParser(
            tokens: try Token.list(of: source), dictionary: dictionary, codes: codes)
        let typed = try parser.whole()
        self.source = source
        type = typed.type
        root = typed.node
    }

    /// What an expression is made of.
    indirect enum Node: Hashable, Sendable {
        case literal(RuleValue)
        case fact(String, FieldType)
        case not(Node)
        case both(Node, Node)
        case either(Node, Node)
        case compare(Comparison, Node, Node)
        case later(Node, Int, Unit)
        case answered(String)
        case applies(String)
        case handedIn(String, part: String?)
        case at(Node, Node)
        case dateOf(Node)
    }

    enum Comparison: String, Hashable, Sendable, CaseIterable {
        case equal = "==", unequal = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual =
            ">="
        case isIn = "in", startsWith, containsAll

        var isOrder: Bool {
            switch self {
            case .less, .lessOrEqual, .greater, .greaterOrEqual: true
            default: false
            }
        }
    }

    /// What is added to a date or a moment.
    enum Unit: Hashable, Sendable { case days, months, hours }
}

/// What kind of value an expression has.
package enum ExpressionType: Hashable, Sendable {
    /// A text; of a field with choices, one code of that list.
    case text(list: String?)
    case number
    case truth
    case date
    case moment
    /// Several texts; of a field with choices, codes of that list.
    case texts(list: String?)
    /// Of a literal list without entries or a field that only `answered` can ask for.
    case opaque

    var name: String {
        switch self {
        case .text: "a text"
        case .number: "a number"
        case .truth: "true or false"
        case .date: "a date"
        case .moment: "a date and time"
        case .texts: "a list"
        case .opaque: "a value that only answered(…) can ask for"
        }
    }

    /// The same kind, whatever code list stands behind.
    func matches(_ other: Self) -> Bool {
        switch (self, other) {
        case (.text, .text), (.number, .number), (.truth, .truth), (.date, .date), (.moment, .moment),
            (.texts, .texts):
            true
        default: false
        }
    }
}

/// A value while an expression is read.
enum RuleValue: Hashable, Sendable {
    case text(String)
    case number(Double)
    case truth(Bool)
    case date(CalendarDate)
    case moment(Moment)
    case texts([String])
}

/// Why a text is no expression: where in it, counted in characters from 1, and what is wrong.
package struct ExpressionError: Error, Hashable, Sendable, CustomStringConvertible {
    package let column: Int
    package let fault: String

    init(at offset: Int, _ fault: String) {
        column = offset + 1
        self.fault = fault
    }

    package var description: String { "column \(column): \(fault)" }
}
