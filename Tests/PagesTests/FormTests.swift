import Casework
import Foundation
import Pages
import Testing
import Web

@Suite("Forms")
struct FormTests {
    static let policies = ["gx-yongfu", "hl-fuyuan", "gx", "ah", "gx-liuzhou"]

    private func sections(_ id: String) throws -> [Policy.Section] {
        try #require(PolicyLibrary.standard[id]).sections
    }

    @Test(
        "Every question of a region's form that a clerk answers has an input with a label",
        arguments: policies)
    func inputs(policy: String) throws {
        for section in try sections(policy) {
            let form = SectionForm(section, values: FormValues()).html.markup
            for key in section.fields.flatMap(\.keys) {
                #expect(
                    form.contains("name=\"\(key)\"") || form.contains("name=\"\(key)."),
                    "\(section.title): \(key)")
            }
            #expect(
                !form.contains("<label></label>") && !form.contains("<legend></legend>"), "\(section.title)")
            #expect(!form.contains("style=") && !form.contains(" on"), "\(section.title)")
        }
    }

    @Test("What a case holds goes into the inputs and comes back the same", arguments: 0..<100)
    func roundTrip(seed: UInt64) {
        var random = AnswerRandom(seed: seed)
        let dictionary = FieldDictionary.standard
        let answers = random.answers(dictionary)
        let values = FormValues(answers, dictionary: dictionary)
        for (key, json) in answers {
            let back = dictionary.field(key).map(values.json(of:))
            #expect(back == json, "seed \(seed), \(key)")
        }
    }

    @Test(
        "Dates, times and numbers are taken as people type them",
        arguments: [
            ("birthDate", "20261120", "2026-11-20"), ("birthDate", "２０２６．１１．２", "2026-11-02"),
            ("birthDate", "2026年3月5日", "2026-03-05"), ("birthDate", "昨天", "昨天"),
            ("birthTime", "0315", "03:15"),
            ("birthTime", "3：15", "03:15"), ("birthTime", "3时5分", "03:05"),
            ("motherPhone", "139 0773 2208", "13907732208"),
            ("motherIdNo", " 11010519491231002x ", "11010519491231002X"),
            ("dischargeDateTime", "2026-11-22 9:30", "2026-11-22T09:30:00+08:00"),
            ("childName", " 韦子墨 ", "韦子墨"),
        ])
    func typed(key: String, typed: String, meant: String) throws {
        let field = try #require(FieldDictionary.standard.field(key))
        #expect(FormValues(FormFields([.init(key, typed)])).json(of: field) == .text(meant))
    }

    @Test("A number may carry its separators; what is none is left for the field's own sentence")
    func numbers() throws {
        let field = try #require(FieldDictionary.standard.field("birthWeightGrams"))
        #expect(FormValues(FormFields([.init(field.key, "３,２５０")])).json(of: field) == .number(3250))
        #expect(FormValues(FormFields([.init(field.key, "三公斤")])).json(of: field) == .text("三公斤"))
        #expect(FormValues(FormFields([.init(field.key, "  ")])).json(of: field) == .null)
    }

    @Test("A code that the form does not offer is kept by saving the form again")
    func foreignCode() throws {
        let field = try #require(FieldDictionary.standard.field("ssCardBank"))
        var values = FormValues()
        values[field.key] = ["elsewhere"]
        let choices = (0..<9).map { Policy.Choice(code: "\($0)", label: "银行 \($0)") }
        let html = FieldControl(field, label: "办理银行", choices: choices, values: values).html.markup
        #expect(html.contains("<option value=\"elsewhere\" selected>"))
    }

    @Test("A remark is tied to its field, and what is wrong is marked for readers, too")
    func remarks() throws {
        let field = try #require(FieldDictionary.standard.field("motherIdNo"))
        let html = FieldControl(
            field, label: "公民身份号码", choices: [], values: FormValues(), isRequired: true,
            remarks: [.init(.bad, "第 18 位校验码应为 5。")]
        ).html.markup
        #expect(
            html.contains("aria-invalid=\"true\"") && html.contains("aria-describedby=\"say-motherIdNo\""))
        #expect(html.contains("data-state=\"bad\">第 18 位校验码应为 5。"))
    }
}

/// Answers of every type, from a seed.
struct AnswerRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    private mutating func number(_ count: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(count))
    }

    mutating func answers(_ dictionary: FieldDictionary) -> [String: JSON] {
        var answers: [String: JSON] = [:]
        for field in dictionary.groups.filter(\.isEntered).flatMap(\.members) where number(3) > 0 {
            if let json = json(of: field.type) { answers[field.key] = json }
        }
        return answers
    }

    private mutating func json(of type: FieldType) -> JSON? {
        switch type {
        case .text, .lines: .text(["韦<子>墨", "a \"b\" & 'c'", "三河村 12 号"][number(3)])
        case .int: .number(Decimal(number(5000)))
        case .bool: .bool(number(2) == 1)
        case .date: .text("2026-0\(1 + number(9))-1\(number(10))")
        case .format(.time): .text("0\(number(10)):1\(number(10))")
        case .format(.dateTime): .text("2026-11-2\(number(10))T0\(number(10)):30:00+08:00")
        case .format(.phone): .text("1390773\(1000 + number(9000))")
        case .documentNumber: .text("4503261990010100\(10 + number(90))")
        case .code(let list): CodeLists.standard[list].first.map { .text($0.code) }
        case .list(.code(let list)):
            .list(CodeLists.standard[list].prefix(1 + number(3)).map { .text($0.code) })
        case .record(let parts): .object(record(parts))
        default: nil
        }
    }

    private mutating func record(_ parts: [FieldType.Part]) -> [String: JSON] {
        var members: [String: JSON] = ["text": .text("x")]
        for part in parts { members[part.name] = json(of: part.type) }
        return members.filter { name, _ in parts.contains { $0.name == name } }
    }
}
