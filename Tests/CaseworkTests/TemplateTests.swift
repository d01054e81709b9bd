import Casework
import Foundation
import Testing

@Suite("Texts with placeholders")
struct TemplateTests {
    private static let values = ["motherName": "测试母甲", "empty": "", "a1": "x"]

    @Test(
        "Every placeholder is filled by its value, and all else stays",
        arguments: [
            ("{motherName}之女", "测试母甲之女"), ("无", "无"), ("", ""), ("{a1}{a1}", "xx"), ("[{empty}]", "[]"),
            ("一{a1}二{motherName}\n三", "一x二测试母甲\n三"),
        ])
    func filled(text: String, expected: String) throws {
        let template = try Template(text)
        #expect(template.text == text)
        #expect(template.filled { Self.values[$0] } == expected)
    }

    @Test("What a value holds is not read again")
    func noSecondReading() throws {
        #expect(try Template("{a}").filled { _ in "{b}" } == "{b}")
    }

    @Test("A missing value gives no text at all")
    func missing() throws {
        #expect(try Template("{motherName}{fatherName}").filled { Self.values[$0] } == nil)
    }

    @Test("Its keys come once, in their order")
    func keys() throws {
        #expect(try Template("{b}和{a}和{b}").keys == ["b", "a"])
        #expect(try Template("无").keys == [])
    }

    @Test(
        "A text that is no template is refused with its reason",
        arguments: [
            ("{a", TemplateError.looseBrace), ("a}", .looseBrace), ("{a{b}}", .looseBrace),
            ("{a}}", .looseBrace),
            ("{}", .badKey), ("{母亲}", .badKey), ("{a b}", .badKey), ("{1a}", .badKey),
            ("{" + String(repeating: "a", count: 65) + "}", .badKey),
            (String(repeating: "字", count: 4001), .tooLong),
            ("e" + String(repeating: "\u{301}", count: 4000), .tooLong),
            (String(repeating: "{a}", count: 101), .tooManyPlaceholders),
        ])
    func refused(text: String, reason: TemplateError) {
        #expect(throws: reason) { try Template(text) }
    }

    @Test("At its limits a text is still one")
    func limits() throws {
        _ = try Template(String(repeating: "字", count: 4000))
        #expect(try Template(String(repeating: "{a}", count: 100)).keys == ["a"])
        _ = try Template("{" + String(repeating: "a", count: 64) + "}")
    }

    @Test("A key that is not known is refused by its name")
    func unknown() throws {
        let isKnown = { (key: String) in FieldDictionary.standard.field(key) != nil }
        _ = try Template("{motherName}{fatherIdNo}", isKnown: isKnown)
        #expect(throws: TemplateError.unknownKey("auntName")) {
            try Template("{motherName}{auntName}", isKnown: isKnown)
        }
    }

    @Test("It is read from a JSON string")
    func decoding() throws {
        let read = try JSONDecoder().decode([Template].self, from: Data(#"["{a}之子"]"#.utf8))
        #expect(read == [try Template("{a}之子")])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Template].self, from: Data(#"["{a之子"]"#.utf8))
        }
    }
}
