import SyncProtocol
import Testing

@Suite("Vectors: CBOR")
struct CBORVectorTests {
    struct Valid: Codable, Equatable {
        let diagnostic: String
        let hex: String
    }

    struct Malformed: Codable, Equatable {
        let name: String
        let hex: String
        let reason: String
        let offset: Int
    }

    @Test("Each value has the golden bytes, and the golden bytes the value")
    func valid() throws {
        let made = try Self.values.map {
            Valid(diagnostic: $0, hex: try DiagnosticParser.value($0).encoded.hexadecimal)
        }
        for vector in try VectorFile.vectors("cbor", made: made) {
            let value = try CBOR(decoding: try bytes(vector.hex))
            #expect(Diagnostic.line(value) == vector.diagnostic)
            #expect(value == (try DiagnosticParser.value(vector.diagnostic)))
            #expect(value.encoded.hexadecimal == vector.hex)
        }
    }

    @Test("Each malformed form is refused for its reason, at its place")
    func malformed() throws {
        let made = try Self.refused.map { name, hex in
            let error = try #require(Self.error(try bytes(hex)), "\(name) is taken")
            return Malformed(name: name, hex: hex, reason: "\(error.reason)", offset: error.offset)
        }
        for vector in try VectorFile.vectors("cbor-malformed", made: made) {
            let error = try #require(Self.error(try bytes(vector.hex)), "\(vector.name)")
            #expect("\(error.reason)" == vector.reason && error.offset == vector.offset, "\(vector.name)")
        }
    }

    private static func error(_ bytes: [UInt8]) -> CBORError? {
        do throws(CBORError) {
            _ = try CBOR(decoding: bytes)
            return nil
        } catch { return error }
    }

    private static let values = [
        "0", "1", "10", "23", "24", "100", "255", "256", "1000", "65535", "65536", "1000000", "4294967295",
        "4294967296", "9223372036854775807", "18446744073709551615", "-1", "-24", "-25", "-100", "-256",
        "-257",
        "-1000", "-65536", "-65537", "-4294967296", "-4294967297", "-9223372036854775808",
        "-18446744073709551616",
        "false", "true", "null",
        "0.0", "-0.0", "1.0", "1.5", "-4.0", "65504.0", "5.960464477539063e-08", "6.103515625e-05",
        "0.00048828125",
        "100000.0", "65505.0", "3.4028234663852886e+38", "1.401298464324817e-45", "5.960465188081798e-08",
        "1.1", "-4.1", "1e+300", "5e-324", "1.7976931348623157e+308", "65504.00000000001",
        "h''", "h'01020304'", "\"\"", "\"a\"", "\"IETF\"", "\"\\\"\\\\\"", "\"ü\"", "\"水\"", "\"𐅑\"",
        "\"\\u000a\"",
        "\"é\"", "\"e\u{301}\"", "\"123456789012345678901234\"",
        "[]", "[1, 2, 3]", "[1, [2, 3], [4, 5]]", "[[[[[[[[null]]]]]]]]", "{}", "{1: 2, 3: 4}",
        "{\"a\": 1, \"b\": [2, 3]}",
        "{10: 0, 100: 0, -1: 0, h'00': 0, \"z\": 0, \"aa\": 0, [100]: 0, false: 0}",
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]",
    ]

    private static let refused: [(name: String, hex: String)] = [
        ("nothing", ""), ("an integer ends early", "18"),
        ("an integer of 8 bytes ends early", "1b00000001000000"),
        ("a text ends early", "6261"), ("a byte string ends early", "4201"), ("an array ends early", "8201"),
        ("a map ends early", "a101"), ("a map claims more pairs than bytes", "a2010203"),
        ("a float of 16 bits ends early", "f93c"), ("23 in 2 bytes", "1817"), ("255 in 3 bytes", "1900ff"),
        ("65535 in 5 bytes", "1a0000ffff"), ("4294967295 in 9 bytes", "1b00000000ffffffff"),
        ("-24 in 2 bytes", "3817"), ("a length in more bytes than needed", "580100"),
        ("a text's length in more bytes than needed", "780161"), ("an array's count in 2 bytes", "980101"),
        ("a map's count in 2 bytes", "b8010101"), ("1.0 in 32 bits", "fa3f800000"),
        ("1.5 in 64 bits", "fb3ff8000000000000"), ("100000.0 in 64 bits", "fb40f86a0000000000"),
        ("0.0 in 64 bits", "fb0000000000000000"), ("infinity in 16 bits", "f97c00"),
        ("minus infinity in 16 bits", "f9fc00"), ("NaN in 16 bits", "f97e00"),
        ("infinity in 32 bits", "fa7f800000"),
        ("NaN in 64 bits", "fb7ff8000000000000"), ("an indefinite byte string", "5f4100ff"),
        ("an indefinite text", "7f6161ff"), ("an indefinite array", "9f01ff"),
        ("an indefinite map", "bf0101ff"),
        ("a break alone", "ff"), ("additional information 28", "1c"),
        ("additional information 30 of a text", "7e"),
        ("a tag", "c000"), ("a self-describing tag", "d9d9f700"), ("undefined", "f7"),
        ("simple value 0", "e0"),
        ("simple value 32", "f820"), ("text that is not UTF-8", "61ff"), ("an overlong UTF-8 form", "62c080"),
        ("a surrogate in UTF-8", "63eda080"), ("a UTF-8 character cut off", "61c3"),
        ("keys out of order", "a202000100"),
        ("a key twice", "a201000100"),
        ("shorter text after longer", "a2626161006162 00".replacing(" ", with: "")),
        ("text before integer", "a261610001 00".replacing(" ", with: "")),
        ("nine arrays", "818181818181818181f6"),
        ("nine maps", "a1f6a1f6a1f6a1f6a1f6a1f6a1f6a1f6a1f6f6"), ("a byte after the end", "0000"),
        ("a length of 2^64 - 1", "5bffffffffffffffff"), ("an array of 2^62 items", "9b4000000000000000"),
    ]
}
