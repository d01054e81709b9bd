import Casework
import SyncProtocol

/// The laws of what is data and not code: policies and what is in them, and calendars.
enum RuleLaws {
    /// A policy is read or refused with at least one fault, and so is what its short form amounts to.
    ///
    /// An input that begins with two numbers, `offset count`, and a line feed is a patch of a shipped policy: it reaches what
    /// only a whole policy does.
    static func policy(_ input: [UInt8]) throws(BrokenLaw) {
        let input = patched(input) ?? input
        do throws(PolicyError) {
            _ = try Policy(json: input, file: "fuzz.json")
        } catch {
            return try BrokenLaw.unless(!error.faults.isEmpty, "a refusal says why")
        }
        let short = try? PolicyLibrary.minified(input, file: "fuzz.json")
        try BrokenLaw.unless(short != nil, "a policy that is read has a short form")
        try BrokenLaw.unless(
            (try? Policy(json: short ?? [], file: "fuzz.json")) != nil, "its short form is read, too")
    }

    /// The shortest policy that is shipped.
    private static let whole = PolicyLibrary.shippedFiles.map(\.bytes).min { $0.count < $1.count }

    private static func patched(_ input: [UInt8]) -> [UInt8]? {
        let sides = input.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = sides[0].split(separator: 32).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        guard sides.count == 2, numbers.count == 2, numbers.allSatisfy({ 0...0xFFFF ~= $0 }),
            let whole
        else { return nil }
        return Array(whole.prefix(numbers[0])) + sides[1] + whole.dropFirst(numbers[0] + numbers[1])
    }

    /// An expression is read or refused with a place; reading it again gives the same; it has a value or none for any case.
    static func predicate(_ input: [UInt8]) throws(BrokenLaw) {
        let text = String(decoding: input, as: UTF8.self)
        let expression: Expression
        do throws(ExpressionError) { expression = try Expression(text) } catch {
            return try BrokenLaw.unless(
                (1...text.count + 1).contains(error.column), "a refusal has its place in the text")
        }
        try BrokenLaw.unless((try? Expression(text)) == expression, "one text is one expression")
        for facts in known {
            let holds = expression.holds(facts)
            try BrokenLaw.unless(expression.holds(facts) == holds, "it holds or it does not")
            _ = expression.moment(facts)
        }
    }

    private static let known = [
        Facts(Answers([:]), applied: []),
        Facts(
            Answers([
                "birthDate": .text("2026-02-28"), "motherName": .text("韦秀英"), "fatherInfoKnown": .bool(false),
                "birthWeight": .unsigned(3250),
            ]), applied: ["birthCertificate"]),
    ]

    /// A template is read or refused; with every key filled it is as long as its parts, and has no braces of its own.
    static func template(_ input: [UInt8]) throws(BrokenLaw) {
        let text = String(decoding: input, as: UTF8.self)
        guard let template = try? Template(text) else { return }
        try BrokenLaw.unless(template.keys.allSatisfy { !$0.isEmpty }, "a key is a name")
        let filled = template.filled { _ in "x" }
        try BrokenLaw.unless(filled != nil && filled?.contains("{") == false, "every placeholder is filled")
        let missing = template.filled { _ in nil }
        try BrokenLaw.unless(
            (missing == nil) == !template.keys.isEmpty, "a missing value is never passed over")
    }

    /// A calendar is read or refused with at least one fault.
    static func calendar(_ input: [UInt8]) throws(BrokenLaw) {
        do throws(CalendarError) { _ = try CalendarYear(json: input) } catch {
            try BrokenLaw.unless(!error.faults.isEmpty, "a refusal says why")
        }
        do throws(CalendarError) { _ = try WorkCalendar(json: input) } catch {
            try BrokenLaw.unless(!error.faults.isEmpty, "a refusal says why")
        }
    }
}
