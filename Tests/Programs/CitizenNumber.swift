/// A citizen's number as the police give it to a child (GB 11643): area, birthday, serial, check character.
package enum CitizenNumber {
    /// - Parameters:
    ///   - birthDate: `YYYY-MM-DD`.
    ///   - sex: the code `2` for a girl.
    package static func make(birthDate: String, sex: String, area: String = "450326") -> String {
        let digits = area + birthDate.filter(\.isNumber) + (sex == "2" ? "992" : "993")
        let sum = digits.reversed().enumerated().reduce(0) { sum, digit in
            let weight = (0...digit.offset).reduce(1) { weight, _ in weight * 2 % 11 }
            return sum + weight * (digit.element.wholeNumberValue ?? 0)
        }
        return digits + ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11]
    }
}
