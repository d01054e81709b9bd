/// A citizen ID number 公民身份号码 (GB 11643-1999; standards.md section 1): 6 address digits, the birth date, 3
/// sequence digits of which the last is odd for men, and an ISO 7064 MOD 11-2 check character.
package struct CitizenID: Hashable, Sendable {
    /// 18 characters, `X` in upper case.
    package let text: String
    package let birthDate: CalendarDate
    package let isMale: Bool

    /// Why a text is no citizen ID number.
    package enum Fault: Error, Hashable, Sendable { case shape, birthDate, checkDigit }

    /// The address digits are not looked up: codes are abolished and people keep their numbers.
    package init(_ text: String) throws(Fault) {
        let characters = Array(text.utf8)
        guard characters.count == 18, characters[0] != 0x30, characters[..<17].allSatisfy(\.isDigit),
            characters[17].isDigit || characters[17] == 0x58
        else { throw .shape }
        let digits = characters.map { Int($0) - 0x30 }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        guard let birthDate = CalendarDate(year: number(6..<10), month: number(10..<12), day: number(12..<14))
        else { throw .birthDate }
        guard Self.checkCharacter(of: digits[..<17]) == characters[17] else { throw .checkDigit }
        self.text = text
        self.birthDate = birthDate
        self.isMale = digits[16] % 2 == 1
    }

    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checkCharacters = Array("10X98765432".utf8)

    private static func checkCharacter(of digits: ArraySlice<Int>) -> UInt8 {
        checkCharacters[zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 } % 11]
    }
}
