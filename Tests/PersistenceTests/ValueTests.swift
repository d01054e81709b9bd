import Testing

@testable import Persistence

@Suite("Values go in and come out as they were")
struct ValueTests {
    @Test(
        "An integer comes back",
        arguments: [Int64.min, -1, 0, 1, 255, 65_536, 9_007_199_254_740_993, Int64.max] as [Int64])
    func integers(value: Int64) throws {
        let back = try memoryDatabase().first("SELECT ?", .integer(value)) { row throws(DatabaseError) in
            try row.integer(0)
        }
        #expect(back == value)
    }

    @Test("A real number comes back", arguments: [0.1, -0.0, .infinity, .leastNonzeroMagnitude, 1e308])
    func reals(value: Double) throws {
        let back = try memoryDatabase().first("SELECT ?", .real(value)) { row throws(DatabaseError) in
            try row.real(0)
        }
        #expect(back == value)
    }

    @Test("A text comes back", arguments: ["", "李明", "a\0b", "\0", "'; DROP TABLE visit; --", "e\u{301}👶"])
    func texts(value: String) throws {
        let back = try memoryDatabase().first("SELECT ?", .text(value)) { row throws(DatabaseError) in
            try row.text(0)
        }
        #expect(back.map { Array($0.utf8) } == Array(value.utf8))
    }

    @Test("A blob comes back", arguments: [0, 1, 4_096, 1 << 20])
    func blobs(count: Int) throws {
        let value = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let back = try memoryDatabase().first("SELECT ?", .blob(value)) { row throws(DatabaseError) in
            try row.blob(0)
        }
        #expect(back == value)
    }

    @Test("NULL, the empty blob and the empty text are three values")
    func emptiness() throws {
        let types = try memoryDatabase().first(
            "SELECT typeof(?), typeof(?), typeof(?)", nil, [], ""
        ) { row throws(DatabaseError) in [try row.text(0), try row.text(1), try row.text(2)] }
        #expect(types == ["null", "blob", "text"])
    }

    private struct Optionals: Equatable {
        let integer: Int64?
        let real: Double?
        let text: String?
        let blob: [UInt8]?

        init(integer: Int64?, real: Double?, text: String?, blob: [UInt8]?) {
            (self.integer, self.real, self.text, self.blob) = (integer, real, text, blob)
        }

        init(row: borrowing Row) throws(DatabaseError) {
            integer = try row.optionalInteger(0)
            real = try row.optionalReal(1)
            text = try row.optionalText(2)
            blob = try row.optionalBlob(3)
        }
    }

    @Test("Optional getters give nil for NULL and the value otherwise")
    func optionals() throws {
        let rows = try memoryDatabase().rows(
            "VALUES (NULL, NULL, NULL, NULL), (1, 1.5, 'a', x'01')", decode: Optionals.init(row:))
        #expect(
            rows == [
                Optionals(integer: nil, real: nil, text: nil, blob: nil),
                Optionals(integer: 1, real: 1.5, text: "a", blob: [1]),
            ])
    }

    @Test(
        "A value of another type is an error that names the column and quotes nothing",
        arguments: [SQLiteValue.null, .text("Li Ming"), .blob([1, 2]), .real(1.5)])
    func wrongType(value: SQLiteValue) throws {
        let error = #expect(throws: DatabaseError.self) {
            try memoryDatabase().rows("SELECT ? AS age", value) { row throws(DatabaseError) in
                try row.integer(0)
            }
        }
        #expect(error?.kind == .unexpectedValue(column: "age"))
        #expect(error?.description.contains("column age holds") == true)
        #expect(error?.description.contains("Li Ming") == false)
    }

    @Test("Each getter refuses what the others take")
    func gettersAreStrict() throws {
        func refusal<T>(
            _ sql: StaticString, _ read: (borrowing Row) throws(DatabaseError) -> T
        ) throws -> DatabaseError.Kind? { try kind { _ = try memoryDatabase().rows(sql, decode: read) } }
        func integer(_ row: borrowing Row) throws(DatabaseError) { _ = try row.integer(0) }
        func real(_ row: borrowing Row) throws(DatabaseError) { _ = try row.real(0) }
        func text(_ row: borrowing Row) throws(DatabaseError) { _ = try row.text(0) }
        func blob(_ row: borrowing Row) throws(DatabaseError) { _ = try row.optionalBlob(0) }
        let expected = DatabaseError.Kind.unexpectedValue(column: "a")
        #expect(try refusal("SELECT 1 AS a", real) == expected)
        #expect(try refusal("SELECT 1 AS a", text) == expected)
        #expect(try refusal("SELECT 1 AS a", blob) == expected)
        #expect(try refusal("SELECT '1' AS a", integer) == expected)
        #expect(try refusal("SELECT '1' AS a", blob) == expected)
        #expect(try refusal("SELECT x'31' AS a", text) == expected)
        #expect(try refusal("SELECT CAST(x'ff' AS TEXT) AS a", text) == expected, "not UTF-8")
        #expect(try refusal("SELECT 1 AS a", integer) == nil)
    }
}
