import Cryptography

/// What is printed on a recovery sheet: 140 random bits in seven groups of five characters.
///
///     group = four characters of 5 bits ‖ check character
///     check = place of the group (0…6) + α⁴c₁ + α³c₂ + α²c₃ + αc₄, in GF(32) with x⁵ + x² + 1
///
/// The characters are `0123456789ABCDEFGHJKMNPQRSTVWXYZ`. On reading, case, spaces and hyphens do not matter; O counts as 0, I and
/// L as 1. One wrong character, two exchanged ones and two exchanged groups are found, and the group is named.
package struct RecoveryCode: Sendable {
    package static let (groupCount, groupLength) = (7, 5)

    /// Why what was typed is no code.
    package enum Fault: Error, Hashable, Sendable {
        /// It has another number of characters than 35, of those that count.
        case length(Int)
        /// These groups, counted from 1, were not typed as they are printed.
        case groups([Int])
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    /// The 28 characters without the checks, one byte each.
    private let symbols: SecretBytes

    /// A new code.
    package init() { symbols = SecretBytes(SecureRandom.bytes(28).map { $0 & 31 }) }

    /// Reads what a person typed.
    package init(_ typed: String) throws(Fault) {
        let values = typed.uppercased().utf8.filter { ![0x20, 0x2D, 0x09, 0x0A, 0x0D].contains($0) }
            .map(Self.value)
        guard values.count == Self.groupCount * Self.groupLength else { throw .length(values.count) }
        var (symbols, wrong): ([UInt8], [Int]) = ([], [])
        for place in 0..<Self.groupCount {
            let group = values[place * Self.groupLength..<(place + 1) * Self.groupLength].map { $0 ?? 32 }
            let isRight = group.allSatisfy { $0 < 32 } && Self.check(group.dropLast(), place) == group.last
            if !isRight { wrong.append(place + 1) }
            symbols += group.dropLast()
        }
        guard wrong.isEmpty else { throw .groups(wrong) }
        self.symbols = SecretBytes(symbols)
    }

    /// As it is printed: groups with hyphens between.
    package var text: String {
        let symbols = symbols.copy()
        return (0..<Self.groupCount).map { place in
            let group = Array(symbols[place * 4..<place * 4 + 4])
            return String(
                decoding: (group + [Self.check(group[...], place)]).map { Self.alphabet[Int($0)] },
                as: UTF8.self)
        }.joined(separator: "-")
    }

    /// The key stretched from it; nil if there is no memory for that.
    func key(salt: [UInt8]) -> SecretBytes? { KeyDerivation.stretched(symbols, salt: salt) }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "O"): 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): 1
        default: alphabet.firstIndex(of: character).map(UInt8.init)
        }
    }

    private static func check(_ group: ArraySlice<UInt8>, _ place: Int) -> UInt8 {
        // Horner's rule: the last character is multiplied once, the first four times.
        group.reduce(UInt8(0)) { doubled($0 ^ $1) } ^ UInt8(place)
    }

    /// Times α.
    private static func doubled(_ value: UInt8) -> UInt8 {
        value & 16 == 0 ? value << 1 : (value << 1 & 31) ^ 0b00101
    }
}
