import Casework
import Foundation
import SyncProtocol
import Testing

@Suite("Coding of answers")
struct FieldCodingTests {
    private static func type(_ key: String) throws -> FieldType {
        try #require(FieldDictionary.standard.field(key)).type
    }

    @Test(
        "An answer is coded exactly as its type says",
        arguments: [
            ("childName", JSON.text("  测试一 "), CBOR.text("测试一")),
            ("motherName", .text("e\u{301}"), .text("\u{E9}")),
            ("childName", .text(" "), .null),
            ("birthWeightGrams", .number(3200), .unsigned(3200)),
            ("birthLengthCm", .number(50.5), .float(50.5)),
            ("payAmountYuan", .number(Decimal(1230) / 100), .unsigned(1230)),
            ("maternityClaim", .bool(false), .bool(false)),
            ("motherIdNo", .text("11010519491231002x"), .text("11010519491231002X")),
            (
                "insureYears", .list([.text("current"), .text("next")]),
                .array([.text("current"), .text("next")])
            ),
            ("sharedVerified", .list([]), .null),
            (
                "settlePoliceStation", .object(["city": .text("桂林市"), "town": .text("测试镇")]),
                .array([.text("桂林市"), .null, .text("测试镇"), .null])
            ),
            ("birthPlace", .object(["text": .text("")]), .null),
            ("mergedInto", .text("0192d6b0-0000-7000-8000-000000000001"), .bytes(mergedID)),
        ])
    func coding(key: String, json: JSON, expected: CBOR) throws {
        #expect(try Self.type(key).cbor(from: json) == expected)
    }

    private static let mergedID: [UInt8] = [0x01, 0x92, 0xD6, 0xB0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1]

    @Test(
        "What is not of the type is refused with its problem",
        arguments: [
            ("childName", JSON.number(1), Problem.wrongType(.text)),
            ("childName", .text(String(repeating: "长", count: 51)), .tooLong(countMax: 50)),
            ("motherHukouAddress", .text("a\nb"), .controlCharacter),
            ("birthWeightGrams", .number(3200.5), .wrongType(.wholeNumber)),
            ("birthWeightGrams", .number(-1), .wrongType(.wholeNumber)),
            ("birthWeightGrams", .text("3200"), .wrongType(.wholeNumber)),
            ("birthLengthCm", .number(-0.5), .wrongType(.number)),
            ("payAmountYuan", .number(Decimal(12345) / 1000), .wrongType(.amount)),
            ("liveBirth", .text("true"), .wrongType(.yesOrNo)),
            ("birthDate", .text("2025-02-29"), .noSuchDate),
            ("birthTime", .text("24:00"), .badFormat(.time)),
            ("childSex", .text("3"), .unknownCode),
            ("childSex", .number(1), .wrongType(.code)),
            ("insureYears", .text("next"), .wrongType(.list)),
            ("originalsPosted", .list(Array(repeating: .text("a"), count: 65)), .tooMany(countMax: 64)),
            ("birthPlace", .object(["planet": .text("x")]), .unknownPart),
            ("birthPlace", .object(["provinceCode": .text("45")]), .badFormat(.countyCode)),
            ("birthPlace", .text("桂林"), .wrongType(.object)),
            ("mergedInto", .text("x"), .wrongType(.caseID)),
        ])
    func refusing(key: String, json: JSON, problem: Problem) throws {
        let type = try Self.type(key)
        #expect {
            try type.cbor(from: json)
        } throws: {
            ($0 as? ValueError)?.problem == problem
        }
    }

    @Test("Reading back and coding again changes nothing", arguments: Fixture.births)
    func roundTrip(number: String) throws {
        let input = try Fixture.birth(number)
        var checked = 0
        for (key, json) in input {
            guard let type = FieldDictionary.standard.field(key)?.type else { continue }
            let coded = try type.cbor(from: json)
            #expect(try type.cbor(from: type.json(from: coded)) == coded, "\(key)")
            checked += coded == .null ? 0 : 1
        }
        #expect(checked > 10)
    }

    @Test(
        "An amount comes back to the last fen, and a decimal to its last digit",
        arguments: [0.01, 12.3, 380, 99999.99])
    func amounts(yuan: Double) throws {
        let amount = JSON.number(try #require(Decimal(string: "\(yuan)")))
        let (money, length) = (try Self.type("payAmountYuan"), try Self.type("birthLengthCm"))
        #expect(try money.json(from: money.cbor(from: amount)) == amount)
        #expect(try length.json(from: length.cbor(from: amount)) == amount)
    }

    @Test("A material keeps its code, pages, file types and photographs")
    func material() throws {
        let type = try Self.type("materials")
        let hash = String(repeating: "0f", count: 32)
        let json = JSON.list([
            .object([
                "code": .text("GX-M02"), "parts": .list([.text("首页")]),
                "formats": .object(["首页": .text("jpg")]),
                "attachments": .list([.text(hash)]),
            ])
        ])
        #expect(try type.json(from: type.cbor(from: json)) == json)
    }

    @Test("A value of another shape is an error, never a trap", arguments: FieldDictionary.standard.groups)
    func total(group: FieldGroup) {
        let values: [CBOR] = [
            .unsigned(.max), .negative(0), .bytes([]), .text(""), .array([.array([.bool(true)])]),
            .map(of: []),
            .bool(true), .float(1e300),
        ]
        for field in group.members {
            #expect((try? field.type.json(from: .null)) == .null)
            let read = values.compactMap { try? field.type.json(from: $0) }
            #expect(read.count < values.count, "\(field.key) reads everything")
        }
    }

    @Test("A part that a later version added to a record is passed over")
    func laterPart() throws {
        let type = try Self.type("settlePoliceStation")
        let later = CBOR.array([.text("a"), .null, .null, .null, .text("later")])
        #expect(try type.json(from: later) == .object(["city": .text("a")]))
    }
}
