import Casework
import SyncProtocol
import Testing

@Suite("Expressions")
struct ExpressionTests {
    /// Answers of every kind of field.
    static let answers = Answers([
        "motherHukouCode": .text("450326"), "motherEthnicity": .text("01"), "fatherEthnicity": .text("08"),
        "bornInWedlock": .bool(true), "singleParent": .bool(false), "maternityInsMonths": .unsigned(12),
        "birthDate": .text("2025-01-31"), "birthTime": .text("22:30"), "applyDate": .text("2025-02-28"),
        "birthLengthCm": .float(49.5), "payAmountYuan": .unsigned(38_050),
        "applyDateTime": .text("2025-02-28T14:00:00+08:00"),
        "originalsPosted": .array([.text("LZ-M04"), .text("LZ-M05")]),
        "materials": .array([.array([.text("X-1"), .array([.text("正面")]), .null, .null])]),
    ])

    static func holds(_ source: String, _ answers: Answers = answers, applied: Set<String> = ["hukou"]) throws
        -> Bool
    {
        try Expression(source).holds(Facts(answers, applied: applied))
    }

    @Test(
        "What is true holds",
        arguments: [
            "true", "!false", "!!true", "bornInWedlock", "!singleParent", "bornInWedlock == true",
            "singleParent == false", "singleParent != bornInWedlock", #"motherEthnicity == "01""#,
            #"motherEthnicity != fatherEthnicity"#, #"motherEthnicity in ["08", "01"]"#,
            #"motherHukouCode startsWith "45""#, #"motherHukouCode startsWith """#,
            #"originalsPosted containsAll ["LZ-M05"]"#,
            #"originalsPosted containsAll ["LZ-M05", "LZ-M04"]"#,
            "maternityInsMonths >= 12", "maternityInsMonths <= 12", "maternityInsMonths < 12.5",
            "maternityInsMonths > 11",
            "birthLengthCm == 49.5", "payAmountYuan == 380.5", "birthDate < applyDate",
            "applyDate <= birthDate + 1 month",
            "applyDate == birthDate + 28 days", "birthDate == applyDate - 28 days",
            "applyDate < birthDate + 1 month + 1 day",
            "dateOf(applyDateTime) == applyDate",
            #"at(birthDate, birthTime) + 8 hours == at(birthDate + 1 day, "06:30")"#,
            "at(birthDate, birthTime) < applyDateTime", "answered(birthDate)", "!answered(childName)",
            "answered(materials)",
            #"applies("hukou")"#, #"!applies("ssCard")"#, #"handedIn("X-1")"#, #"handedIn("X-1", "正面")"#,
            #"!handedIn("X-1", "反面")"#, #"!handedIn("X-2")"#,
        ])
    func holding(source: String) throws {
        #expect(try Self.holds(source))
        #expect(try !Self.holds("!(\(source))"))
    }

    @Test(
        "! binds before a comparison's result is joined, && before ||, and parentheses before all",
        arguments: [
            ("true || false && false", true), ("(true || false) && false", false),
            ("!false && false", false), ("!(false && false)", true), ("false && false || true", true),
            ("true && !false || false", true), (#"!singleParent == true || false"#, true),
            ("false || false || true", true), ("true && true && false", false),
        ])
    func precedence(source: String, holds: Bool) throws {
        #expect(try Self.holds(source) == holds, "\(source)")
    }

    @Test(
        "What is unknown neither holds nor does its contrary",
        arguments: [
            "liveBirth", "liveBirth == false", "childSex == \"1\"", "childSex != \"1\"",
            "fatherHukouCode startsWith \"45\"", "payDate <= birthDate + 90 days",
            "applyDate <= payDate - 1 month", "gestationalWeeks < 40",
            "at(payDate, birthTime) < applyDateTime",
            "dateOf(dischargeDateTime) == applyDate", "items containsAll [\"hukou\"]",
            "liveBirth && bornInWedlock", "liveBirth || singleParent", "liveBirth == liveBirth",
        ])
    func unknown(source: String) throws {
        #expect(try !Self.holds(source))
        #expect(try !Self.holds("!(\(source))"))
    }

    @Test("Each fault is told with its column", arguments: Self.faults)
    func faulty(source: String, description: String) throws {
        #expect {
            try Expression(source)
        } throws: {
            "\($0)" == description
        }
    }

    static let faults: [(String, String)] = [
        ("", "column 1: a value was expected, not the end"),
        ("nothing", "column 1: nothing is no field"),
        ("bornInWedlock &", "column 15: & means nothing here"),
        ("bornInWedlock = true", "column 15: = means nothing here"),
        ("bornInWedlock && motherEthnicity", "column 15: && joins conditions, not true or false and a text"),
        ("applyDate || true", "column 11: || joins conditions, not a date and true or false"),
        ("!applyDate", "column 1: ! turns a condition round, not a date"),
        (#"motherEthnicity == "99x""#, #"column 17: "99x" is no code of the list ethnicity"#),
        (#"motherEthnicity in ["01", "xx"]"#, #"column 17: "xx" is no code of the list ethnicity"#),
        ("birthDate == maternityInsMonths", "column 11: == cannot compare a date with a number"),
        (#"motherEthnicity < fatherEthnicity"#, "column 17: < cannot compare a text with a text"),
        ("bornInWedlock > false", "column 15: > cannot compare true or false with true or false"),
        (#"motherEthnicity in "01""#, "column 17: in cannot compare a text with a text"),
        (#"items == ["hukou"]"#, "column 7: == cannot compare a list with a list"),
        (#"birthDate startsWith "2025""#, "column 11: startsWith cannot compare a date with a text"),
        (#"birthDate + 1"#, "column 14: days, months or hours was expected, not the end"),
        ("birthDate + days", "column 13: a whole number up to 10000 was expected, not days"),
        ("birthDate + 10001 days", "column 13: a whole number up to 10000 was expected, not 10001.0"),
        ("birthDate + 1.5 days", "column 13: a whole number up to 10000 was expected, not 1.5"),
        ("birthDate + 1 hour", "column 11: that cannot be added to a date"),
        ("maternityInsMonths + 1 day", "column 20: that cannot be added to a number"),
        ("materials == true", "column 1: materials can only be asked for by answered(materials)"),
        ("answered(nothing)", "column 10: nothing is no field"),
        (#"answered("birthDate")"#, "column 10: the key of a field was expected"),
        (#"applies("x")"#, #"column 9: "x" is no code of the list item"#),
        ("applies(hukou)", "column 9: the code of an item was expected, not hukou"),
        ("handedIn()", "column 10: the code of a material was expected, not )"),
        ("at(birthDate)", "column 13: , was expected, not )"),
        ("at(birthTime, birthDate)", "column 4: a date was expected, not a text"),
        ("dateOf(birthDate)", "column 8: a date and time was expected, not a date"),
        (
            "years(birthDate)",
            "column 1: years is no function; there are answered, applies, handedIn, at, dateOf"
        ),
        ("(true", "column 6: ) was expected, not the end"),
        ("true false", "column 6: false was not expected"),
        ("[] == true", "column 2: a text was expected, not ]"),
        (#""open"#, "column 1: the text has no closing quotation mark"),
        ("1.2.3 == 1", "column 1: 1.2.3 is no number"),
        ("true == 新", "column 9: 新 means nothing here"),
        ("true\n&& true", "column 5: \n means nothing here"),
        (
            String(repeating: " ", count: 1001),
            "column 1: longer than 1000 bytes"
        ),
        (
            String(repeating: "(", count: 16) + "true" + String(repeating: ")", count: 16),
            "column 17: nested deeper than 16"
        ),
        (String(repeating: "!", count: 16) + "true", "column 17: nested deeper than 16"),
    ]

    @Test("As deep and as long as the limits allow is read")
    func limits() throws {
        let deep = String(repeating: "(", count: 15) + "true" + String(repeating: ")", count: 15)
        #expect(try Self.holds(deep))
        #expect(try Self.holds("true" + String(repeating: " ", count: Expression.bytesMax - 4)))
        let long = (["true"] + Array(repeating: "&& true", count: 120)).joined(separator: " ")
        #expect(long.utf8.count <= Expression.bytesMax)
        #expect(try Self.holds(long))
    }

    @Test("Dates stop at their ends and at the last day of a month; beyond the calendar nothing is known")
    func arithmetic() throws {
        let moment = { (source: String, birth: String) in
            try Expression(source).moment(Facts(Answers(["birthDate": .text(birth)]), applied: []))?
                .description
        }
        #expect(try moment("birthDate + 1 month", "2025-01-31") == "2025-02-28T23:59:59+08:00")
        #expect(try moment("birthDate + 1 month", "2024-01-31") == "2024-02-29T23:59:59+08:00")
        #expect(try moment("birthDate + 3 months", "2025-11-30") == "2026-02-28T23:59:59+08:00")
        #expect(try moment("birthDate - 1 month", "2025-03-31") == "2025-02-28T23:59:59+08:00")
        #expect(try moment("birthDate + 365 days", "2024-01-01") == "2024-12-31T23:59:59+08:00")
        #expect(try moment(#"at(birthDate, "22:30") + 8 hours"#, "2024-12-31") == "2025-01-01T06:30:00+08:00")
        #expect(
            try moment(#"at(birthDate, "06:00") - 1 day - 7 hours"#, "2024-03-01")
                == "2024-02-28T23:00:00+08:00")
        #expect(
            try moment(#"at(birthDate, "06:00") + 1 month"#, "2025-01-31") == "2025-02-28T06:00:00+08:00")
        #expect(try moment("birthDate + 10000 months", "2999-12-31") == nil)
        #expect(try moment(#"at(birthDate, "25:00")"#, "2025-01-01") == nil)
        #expect(try moment("birthDate == birthDate", "2025-01-01") == nil)
    }
}

@Suite("Expressions: laws")
struct ExpressionLawTests {
    /// A random condition over three facts, with what Kleene's tables say of it.
    private struct Sample {
        let source: String
        let truth: Bool?
    }

    private static let facts = ["bornInWedlock", "singleParent", "liveBirth"]

    private static func sample(
        _ random: inout SeededRandom, _ values: [Bool?], depth: Int
    ) -> Sample {
        guard depth > 0, !Bool.random(using: &random) || depth == 4 else {
            let index = Int.random(in: 0..<3, using: &random)
            return Sample(source: facts[index], truth: values[index])
        }
        let left = sample(&random, values, depth: depth - 1)
        if Int.random(in: 0..<3, using: &random) == 0 {
            return Sample(source: "!(\(left.source))", truth: left.truth.map { !$0 })
        }
        let right = sample(&random, values, depth: depth - 1)
        let isBoth = Bool.random(using: &random)
        return Sample(
            source: "(\(left.source)) \(isBoth ? "&&" : "||") (\(right.source))",
            truth: isBoth ? both(left.truth, right.truth) : either(left.truth, right.truth))
    }

    /// Kleene's tables, written out.
    private static func both(_ left: Bool?, _ right: Bool?) -> Bool? {
        switch (left, right) {
        case (true, true): true
        case (false, _), (_, false): false
        default: nil
        }
    }

    private static func either(_ left: Bool?, _ right: Bool?) -> Bool? {
        switch (left, right) {
        case (false, false): false
        case (true, _), (_, true): true
        default: nil
        }
    }

    @Test("Conditions follow Kleene's tables: true holds, its contrary's contrary too, unknown never")
    func kleene() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(state: seed)
        for _ in 0..<2000 {
            let values = (0..<3).map { _ in [true, false, nil][Int.random(in: 0..<3, using: &random)] }
            let answers = Answers(
                Dictionary(
                    uniqueKeysWithValues: zip(Self.facts, values).map { ($0, $1.map { .bool($0) } ?? .null) })
            )
            let sample = Self.sample(&random, values, depth: 4)
            let facts = Facts(answers, applied: [])
            #expect(
                try Expression(sample.source).holds(facts) == (sample.truth == true),
                "seed \(seed): \(sample.source) \(values)")
            #expect(
                try Expression("!(\(sample.source))").holds(facts) == (sample.truth == false),
                "seed \(seed): not \(sample.source) \(values)")
        }
    }

    private static let words = [
        "birthDate", "bornInWedlock", "motherEthnicity", "items", "materials", "true", "false", "\"01\"",
        "\"",
        "1", "10001", "1.5", "day", "months", "hours", "&&", "||", "!", "==", "!=", "<", "<=", "in",
        "startsWith", "containsAll", "(", ")", "[", "]", ",", "+", "-", "answered(", "applies(", "handedIn(",
        "at(", "dateOf(", "新", "\u{0}", "&",
    ]

    @Test("Any soup of words is read or refused, and what is read can be judged for any case")
    func total() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(state: seed)
        var readCount = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...12, using: &random)
            let source = (0..<count).compactMap { _ in Self.words.randomElement(using: &random) }
                .joined(separator: " ")
            do throws(ExpressionError) {
                let expression = try Expression(source)
                readCount += 1
                for answers in [Answers(), ExpressionTests.answers] {
                    let facts = Facts(answers, applied: [])
                    _ = (expression.holds(facts), expression.moment(facts))
                }
            } catch {
                #expect(1...(source.count + 1) ~= error.column, "seed \(seed): \(source)")
            }
        }
        #expect(readCount > 0, "seed \(seed)")
    }
}

/// A random generator with a seed that a test prints.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
