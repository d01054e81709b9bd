import Casework
import SyncProtocol
import Testing

@Suite("Numbers and dates")
struct NumberTests {
    @Test("The standard's own examples are valid", arguments: ["11010519491231002X", "440524188001010014"])
    func validIDs(text: String) throws {
        #expect(try CitizenID(text).text == text)
    }

    @Test("Date and sex are read from the number")
    func parts() throws {
        let id = try CitizenID("440524188001010014")
        #expect(id.birthDate.description == "1880-01-01")
        #expect(id.isMale)
        #expect(try CitizenID("11010519491231002X").isMale == false)
    }

    @Test(
        "A wrong number says what is wrong",
        arguments: [
            ("110105194912310021", CitizenID.Fault.checkDigit), ("11010519490231002X", .birthDate),
            ("1101051949123100", .shape), ("01010519491231002X", .shape), ("11010519491231002x", .shape),
            ("", .shape), ("１1010519491231002X", .shape),
        ])
    func invalidIDs(text: String, fault: CitizenID.Fault) {
        #expect(throws: fault) { try CitizenID(text) }
    }

    @Test("One wrong digit is always found", arguments: 0..<17)
    func singleDigit(place: Int) {
        let good = Array("440524188001010014")
        for digit in "0123456789" where digit != good[place] {
            var wrong = good
            wrong[place] = digit
            #expect(throws: CitizenID.Fault.self) { try CitizenID(String(wrong)) }
        }
    }

    @Test(
        "Formats take what they should and nothing else",
        arguments: [
            (
                TextFormat.phone,
                ["13800000000", "19900000001", "0773-8512345", "07738512345", "010-12345678"],
                [
                    "12800000000", "1380000000", "138000000000", "773-8512345", "0773-851-2345",
                    "1990000000１", "",
                ]
            ),
            (.birthCertificate, ["Z459990001"], ["z459990001", "45999000123", "Z45999000", "Z4599900011"]),
            (
                .bankCard, ["123456789012", "6222021234567890123"],
                ["12345678901", "62220212345678901234", "1234 567890123"]
            ),
            (.countyCode, ["450326"], ["4503", "050326", "45032a"]),
            (.time, ["00:00", "23:59"], ["24:00", "8:15", "08:60", "08:15:00", ""]),
            (
                .dateTime, ["2025-09-29T09:30:00+08:00"],
                [
                    "2025-09-29T09:30:00Z", "2025-02-29T09:30:00+08:00", "2025-09-29 09:30:00+08:00",
                    "2025-09-29T09:30:60+08:00", "2025-09-29T24:00:00+08:00",
                ]
            ),
        ])
    func formats(format: TextFormat, good: [String], bad: [String]) {
        for text in good { #expect(format.matches(text), "\(text)") }
        for text in bad { #expect(!format.matches(text), "\(text)") }
    }

    @Test(
        "Only days that exist are dates",
        arguments: [
            ("2024-02-29", true), ("2025-02-29", false), ("1900-02-29", false), ("2000-02-29", true),
            ("2025-04-31", false), ("2025-13-01", false), ("2025-1-01", false), ("2025-00-10", false),
            ("+025-01-01", false), ("2025-09-29-", false), ("", false),
        ])
    func dates(text: String, exists: Bool) {
        #expect(CalendarDate(text)?.description == (exists ? text : nil))
    }

    @Test("A year of age is full on the birthday")
    func fullYears() throws {
        let birth = try #require(CalendarDate("1994-03-12"))
        let eve = try #require(CalendarDate("2025-03-11"))
        let birthday = try #require(CalendarDate("2025-03-12"))
        #expect(birth.fullYears(on: eve) == 30)
        #expect(birth.fullYears(on: birthday) == 31)
    }

    @Test("What is usual is told from what is not")
    func usual() {
        #expect(UsualForm.isMarriageCertificate("BJ450326-2021-999001"))
        #expect(!UsualForm.isMarriageCertificate("桂永结字2003第12号"))
        #expect(UsualForm.isChineseName("阿依努尔·买买提"))
        #expect(!UsualForm.isChineseName("Anna"))
        #expect(!UsualForm.isChineseName("测"))
        for mark in ["x", "Y", "大B", "小B", "b"] {
            #expect(UsualForm.isPreEnrolmentNumber("45010319900101990X\(mark)"))
        }
        for mark in ["", "z", "xx", "大"] {
            #expect(!UsualForm.isPreEnrolmentNumber("450103199001019901\(mark)"))
        }
        #expect(UsualForm.hasLuhnSum("4111111111111111"))
        #expect(!UsualForm.hasLuhnSum("4111111111111112"))
    }
}

@Suite("Case numbers")
struct CaseNumberTests {
    private static func number(_ counter: Int, replica: UInt64) throws -> CaseNumber {
        let day = try #require(CalendarDate("2025-09-29"))
        let replica = ReplicaID(rawValue: replica)
        return try #require(CaseNumber(hospital: "YF01", date: day, counter: counter, replica: replica))
    }

    @Test("What is printed is read again, also in small letters", arguments: [1, 42, 9999, 10_000, 999_999])
    func readsBack(counter: Int) throws {
        let number = try Self.number(counter, replica: 0x0123_4567_89AB_CDEF)
        #expect(CaseNumber(number.description) == number)
        #expect(CaseNumber(number.description.lowercased()) == number)
    }

    @Test("The format stays as it was shipped")
    func golden() throws {
        #expect(try Self.number(7, replica: 0x0123_4567_89AB_CDEF).description == "YF01-20250929-0007-KFF4")
    }

    @Test("A restored counter does not collide: another replica gives another number")
    func replicas() throws {
        let numbers = try (0..<1000).map { try Self.number(1, replica: $0).description }
        #expect(Set(numbers).count == 1000)
    }

    @Test("One wrong character is always found")
    func singleCharacter() throws {
        let good = Array(try Self.number(7, replica: 12345).description)
        for place in good.indices where good[place] != "-" {
            for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" where character != good[place] {
                var wrong = good
                wrong[place] = character
                #expect(CaseNumber(String(wrong)) == nil)
            }
        }
    }

    @Test(
        "What is no number is nil, not a trap",
        arguments: [
            "", "---", "YF01-20250929-0007", "YF01-20250929-99999999999999999999-K3MQ", "Ｙ-20250929-1-AAAA",
        ])
    func noNumber(text: String) {
        #expect(CaseNumber(text) == nil)
    }

    @Test("Codes and counters that no number can have are refused")
    func bounds() throws {
        let day = try #require(CalendarDate("2025-09-29"))
        for (hospital, counter) in [("yf01", 1), ("", 1), ("永福", 1), ("YF01", 0), ("YF01", 1_000_000)] {
            #expect(
                CaseNumber(hospital: hospital, date: day, counter: counter, replica: ReplicaID(rawValue: 1))
                    == nil)
        }
    }
}
