/// The number of a birth certificate, of one capital letter and nine digits (standards.md section 7), in the order in which
/// certificates are counted: numbers of one letter follow each other.
package struct CertificateNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// ASCII.
    private let letter: UInt8
    private let digits: Int

    /// Digits behind the letter.
    private static let digitCount = 9
    private static let digitsMax = 999_999_999

    /// Reads a number as it is printed; nil for anything else.
    package init?(_ text: String) {
        guard TextFormat.birthCertificate.matches(text), let letter = text.utf8.first,
            let digits = Int(text.dropFirst())
        else { return nil }
        (self.letter, self.digits) = (letter, digits)
    }

    private init(letter: UInt8, digits: Int) { (self.letter, self.digits) = (letter, digits) }

    /// The number so many places further; nil beyond the letter's last or before its first.
    package func advanced(by count: Int) -> Self? {
        guard -Self.digitsMax...Self.digitsMax ~= count, 0...Self.digitsMax ~= digits + count else {
            return nil
        }
        return Self(letter: letter, digits: digits + count)
    }

    /// How many places the other number is further; nil if it has another letter.
    package func distance(to other: Self) -> Int? {
        letter == other.letter ? other.digits - digits : nil
    }

    package var description: String {
        String(UnicodeScalar(letter)) + padded(digits, Self.digitCount)
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.letter, left.digits) < (right.letter, right.digits)
    }
}

/// Certificates that follow each other, as central hands them out to one hospital.
package struct CertificateRange: Hashable, Sendable {
    package let first: CertificateNumber
    package let last: CertificateNumber
    /// The day on which they were handed out.
    package let date: CalendarDate?

    /// Certificates of one range.
    package static let countMax = 100_000

    /// - Throws: if the two do not bound a range of one letter and at most ``countMax`` numbers.
    package init(
        first: CertificateNumber, last: CertificateNumber, date: CalendarDate? = nil
    ) throws(CertificateRangeError) {
        guard let distance = first.distance(to: last) else { throw .differentLetters }
        guard distance >= 0 else { throw .reversed }
        guard distance < Self.countMax else { throw .tooMany }
        (self.first, self.last, self.date) = (first, last, date)
    }

    package var count: Int { (first.distance(to: last) ?? 0) + 1 }

    package func contains(_ number: CertificateNumber) -> Bool { first <= number && number <= last }

    package func overlaps(_ other: Self) -> Bool { first <= other.last && other.first <= last }
}

/// Why two numbers do not bound a range.
package enum CertificateRangeError: Error, Hashable, Sendable, CustomStringConvertible {
    case differentLetters, reversed, tooMany

    package var description: String {
        switch self {
        case .differentLetters: "The two numbers begin with different letters."
        case .reversed: "The last number comes before the first."
        case .tooMany: "A range holds at most \(CertificateRange.countMax) numbers; assign several."
        }
    }
}
