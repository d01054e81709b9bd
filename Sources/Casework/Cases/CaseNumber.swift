package import SyncProtocol

/// The number of a case or notice, made offline (DESIGN section 7):
///
///     YF01-20250929-0007-K3MQ
///     hospital code, date, counter of the day, three characters from the replica, check character
///
/// A restored store counts the same numbers again, but as another replica, so that its numbers differ from those lost.
/// Three characters keep two replicas apart in all but 1 of 32,768 cases; central reports the rest. The check
/// character (ISO 7064 MOD 37,36) finds every single wrong character and nearly every exchange of two neighbours.
package struct CaseNumber: Hashable, Sendable, CustomStringConvertible {
    /// 1 to 16 capital letters and digits.
    package let hospital: String
    package let date: CalendarDate
    /// From 1, per hospital and day.
    package let counter: Int
    private let mark: String

    package static let hospitalLengthMax = 16
    package static let counterMax = 999_999

    /// nil for a hospital code or counter that no number can have.
    package init?(hospital: String, date: CalendarDate, counter: Int, replica: ReplicaID) {
        let mark = (0..<3).map { place in Self.markCharacters[Int(replica.rawValue >> (10 - 5 * place) & 31)]
        }
        self.init(hospital: hospital, date: date, counter: counter, mark: String(mark))
    }

    /// Reads a number as it is printed or typed, in either case. nil if its form or check character is wrong.
    package init?(_ text: String) {
        let parts = text.uppercased().split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= 64, parts.count == 4, parts[1].utf8.count == 8, parts[3].count == 4,
            parts[1].utf8.allSatisfy(\.isDigit), parts[2].utf8.allSatisfy(\.isDigit),
            let day = Int(parts[1]), let counter = Int(parts[2]),
            let date = CalendarDate(year: day / 10_000, month: day / 100 % 100, day: day % 100),
            parts[3].dropLast().allSatisfy(Self.markCharacters.contains)
        else { return nil }
        self.init(hospital: parts[0], date: date, counter: counter, mark: String(parts[3].dropLast()))
        guard description == parts.joined(separator: "-") else { return nil }
    }

    private init?(hospital: String, date: CalendarDate, counter: Int, mark: String) {
        guard 1...Self.hospitalLengthMax ~= hospital.utf8.count, 1...Self.counterMax ~= counter,
            hospital.utf8.allSatisfy({ $0.isDigit || $0.isCapital })
        else { return nil }
        self.hospital = hospital
        self.date = date
        self.counter = counter
        self.mark = mark
    }

    package var description: String {
        let day = padded(date.year * 10_000 + date.month * 100 + date.day, 8)
        let number = "\(hospital)-\(day)-\(padded(counter, 4))-\(mark)"
        return number + String(Self.checkCharacter(of: number))
    }

    /// Crockford's alphabet: nothing that is read as something else.
    private static let markCharacters = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    private static let checkCharacters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    /// ISO 7064 MOD 37,36 over the letters and digits.
    private static func checkCharacter(of number: String) -> Character {
        let product = number.compactMap(checkCharacters.firstIndex).reduce(36) { product, value in
            let sum = (product + value) % 36
            return (sum == 0 ? 36 : sum) * 2 % 37
        }
        return checkCharacters[(37 - product) % 36]
    }
}
